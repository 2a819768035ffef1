#!/usr/bin/env bash
# Trains both packs on one large GPU with 16 cores and no network, in calls of under 10 minutes.
#
#   bash training/gpu_session.sh pack       at home: the building blocks in one 19 MB file, and what travels
#   bash training/gpu_session.sh generate   on the GPU machine, first: people, in the background, also between calls
#   bash training/gpu_session.sh try        times steps and views, and every track for four steps
#   bash training/gpu_session.sh train      again until it prints {"finished": true}
#   bash training/gpu_session.sh unpack DIR at home: small results to official checkpoints in training/runs
#
# What has to travel with the repository (git-ignored, under 60 MB together):
#   training/data/humans.npz   the packed building blocks (19 MB); `pack` makes it
#   training/build             the C library, in case the machine has no compiler
#   training/resume            only when the machine did not stay: the *.state.* files of the last call (46 MB)
# Where results land: $OUT (default training/runs/out): starter.state.000, starter-large.state.000 ... (f16 weights in
# pieces of at most 15 MiB), progress.json and curves.jsonl, at most 8 files.
#
# Environment: MINUTES (18) of all networks but the fine depths, FINE_DEPTH_MINUTES (2), CALL_MINUTES (9.5),
#   FROM (the app's own pack; "none" trains from nothing), WORKERS (cores - 3), CROP_PEOPLE (3000), PYTHON, DEVICE (cuda), EXTRA (options of `train`).
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
OUT=${OUT:-$PWD/runs/out}
DEVICE=${DEVICE:-cuda}
CORES=$(nproc)
WORKERS=${WORKERS:-$((CORES > 6 ? CORES - 3 : 1))}
FROM=${FROM:-$PWD/../public/packs/starter}
export PYTHONPATH=$PWD PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
# The allocator must not fragment while the store grows beside the networks.
export PYTORCH_ALLOC_CONF=expandable_segments:True
TRAIN="$PYTHON -m statuette_training"
mkdir -p runs data "$OUT"

from=()
if [ "$FROM" != none ]; then from=(--from "$FROM"); fi

case "${1:-train}" in
pack)
  $TRAIN pack-assets
  "$PYTHON" -c 'from statuette_training.native import library; library(); print("C library built")'
  echo "take along: training/data/humans.npz training/build (and training/resume to go on)"
  ;;
generate)
  rm -f data/stop
  for k in $(seq 0 $((CORES - 1))); do  # held-out people first: they are few, and every stage reports on them
    $TRAIN generate --held-out --people "${HELD_PEOPLE:-24}" --views 1 --workers "$CORES" --worker "$k" --quiet &
  done
  wait
  for k in $(seq 0 $((WORKERS - 1))); do
    setsid nohup $TRAIN generate --first "${FIRST:-100000}" --people "${PEOPLE:-18000}" --views 2 --full-every 16 \
      --coarse-only-from "${CROP_PEOPLE:-3000}" --workers "$WORKERS" --worker "$k" --nice 10 --quiet \
      >>data/generate.log 2>&1 </dev/null &
  done
  sleep "${SETTLE:-4}"
  cat data/generate.log
  echo "$(ls data/held | grep -c npz) held-out views, $(ls data/train | grep -c npz) views so far, $WORKERS generators"
  ;;
try)
  $TRAIN tune --device "$DEVICE" ${TUNE:-} | tee runs/tune.log
  tail -1 runs/tune.log >runs/tuned
  rm -rf runs/trial
  $TRAIN session --device "$DEVICE" --runs runs/trial --out runs/trial/out --minutes 4 --fine-depth-minutes 1 \
    --call-minutes "${TRIAL_MINUTES:-4}" "${from[@]}" --extra="--steps 4 $(cat runs/tuned) ${EXTRA:-}"
  ls -l runs/trial/out
  echo "$(ls data/train | grep -c npz) views"
  ;;
train)
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader -l 10 >runs/gpu.csv &
    trap "kill $!; echo used of the GPU: \$(tr '\\n' ';' <runs/gpu.csv)" EXIT
  fi
  $TRAIN session --device "$DEVICE" --runs runs/session --out "$OUT" --minutes "${MINUTES:-18}" \
    --fine-depth-minutes "${FINE_DEPTH_MINUTES:-${REFINE_MINUTES:-2}}" --call-minutes "${CALL_MINUTES:-9.5}" --resume resume "${from[@]}" \
    --extra="$(cat runs/tuned 2>/dev/null || true) ${EXTRA:-}" 2>&1 | tee -a runs/session.log
  ls -l "$OUT"
  echo "$(ls data/train | grep -c npz) views"
  ;;
unpack)
  $TRAIN unpack "$2"
  ;;
*)
  echo "unknown step $1: pack, generate, try, train or unpack" >&2
  exit 2
  ;;
esac
