#!/usr/bin/env bash
# Trains the packs from nothing on one large GPU with 16 cores and no network, in calls of under 10 minutes.
#
#   bash training/gpu_session.sh pack          on the machine with the building blocks: one 19 MB file, and what travels
#   bash training/gpu_session.sh smoke         on the GPU machine, first: every stage at full size for 5 steps (about
#                                              90 s; the people it makes are used again, so little is lost)
#   bash training/gpu_session.sh call          on the GPU machine, from the repository root, again until it prints
#                                              {"finished": true}; at most MINUTES of training over all calls
#   bash training/gpu_session.sh evaluate      on the GPU machine: the table on 80 held-out views, if time is left
#   bash training/gpu_session.sh unpack DIR    back home: small results to official checkpoints in training/runs
#
# For 25 minutes on a borrowed GPU machine: `smoke` and a short `call` (CALL_MINUTES=7) in the first command, then two full calls.
#
# What has to travel with the repository (all git-ignored, under 60 MB together):
#   training/data/humans.npz   the packed building blocks (19 MB); `pack` makes it
#   training/resume            only when the machine did not stay: the PACK.state.* files of the last call that are
#                              not finished (those of starter are 12 MB, of starter-large 39 MB; leave finished ones)
# Where results land: $OUT (default training/runs/out): PACK.state.000 ... (f16 weights and place in the plan, pieces
#   of at most 15 MiB), progress.json, curves-*.jsonl, evaluation.json. At most 8 files for both packs.
# While the machine stays, the next call goes on from training/runs and training/data, with the optimiser's state.
#
# Environment: MINUTES (18) training in all (every stage adds a few seconds), CALL_MINUTES (9), PACKS (starter,starter-large), WORKERS (cores - 1),
#   PYTHON (python3), DEVICE (cuda), EXTRA (more options of `all`).
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
OUT=${OUT:-$PWD/runs/out}
DEVICE=${DEVICE:-cuda}
WORKERS=${WORKERS:-$(($(nproc) - 1))}
PACKS=${PACKS:-starter,starter-large}
export PYTHONPATH=$PWD PYTHONUNBUFFERED=1
# The allocator must not fragment while the store grows beside the networks.
export PYTORCH_ALLOC_CONF=expandable_segments:True

mkdir -p runs data "$OUT"

case "${1:-call}" in
pack)
  "$PYTHON" -m statuette_training pack-assets
  "$PYTHON" -c 'from statuette_training.native import library; library(); print("C library built")'
  echo "take along: training/data/humans.npz training/build (and training/resume to go on)"
  ;;
smoke)
  "$PYTHON" -c 'import torch; print(torch.__version__, torch.cuda.is_available() and torch.cuda.get_device_name())'
  rm -rf runs/smoke
  "$PYTHON" -m statuette_training all --device "$DEVICE" --packs "${SMOKE_PACKS:-starter-large}" --minutes 1 --steps 5 \
    --call-minutes 5 --workers "$WORKERS" --people "${PEOPLE:-400}" --held-people "${HELD_PEOPLE:-40}" \
    --evaluate-views 2 --runs runs/smoke ${EXTRA:-}
  ;;
call)
  "$PYTHON" -m statuette_training all --device "$DEVICE" --packs "$PACKS" --minutes "${MINUTES:-18}" \
    --call-minutes "${CALL_MINUTES:-9}" --workers "$WORKERS" --people "${PEOPLE:-18000}" \
    --held-people "${HELD_PEOPLE:-40}" --evaluate-views "${EVALUATE_VIEWS:-16}" --out "$OUT" --resume resume ${EXTRA:-} 2>&1 | tee -a "${LOG:-runs/gpu.log}"
  ;;
evaluate)
  files=()
  for pack in ${PACKS//,/ }; do
    if [ -f "runs/$pack/weights.pth.tar" ]; then files+=("runs/$pack/weights.pth.tar"); fi
  done
  "$PYTHON" -m statuette_training evaluate --device "$DEVICE" --views 80 --weights "${files[@]}" \
    --out "$OUT/evaluation.json" --pictures runs/pictures
  ;;
unpack)
  "$PYTHON" -m statuette_training unpack "$2"
  ;;
*)
  echo "unknown step $1: pack, smoke, call, evaluate or unpack" >&2
  exit 2
  ;;
esac
