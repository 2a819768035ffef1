"""From nothing to weights: generate people on all cores while training, evaluate, in calls that may be cut short."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from ..dataset import start_workers
from ..evaluate import evaluate, table
from ..store import PARTS, Store
from . import distributed
from .awaited import AwaitedNetwork
from .checkpoint import read_portable, write_official, write_portable
from .plan import PACKS, Plan, load_plan
from .run import PackRun


@dataclass
class Settings:
    """What one call does. Times in minutes; `call_minutes` ends this call cleanly, `minutes` is the whole training."""

    data: Path
    runs: Path
    minutes: float
    packs: tuple[str, ...] = ("starter",)
    device: str = "cpu"
    call_minutes: float = 1e9
    workers: int = 1
    nice: int = 0
    seed: int = 1
    people: int = 18000
    held_people: int = 40
    views: int = 2
    out: Path | None = None
    resume: Path | None = None
    start_from: Path | None = None
    threads: int = 0
    plan: Plan | None = None
    evaluate_views: int = 40
    crop_people: int = 3200
    awaited: tuple[AwaitedNetwork, ...] = ()


def _threads(settings: Settings) -> None:
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False  # the refinement carries depth near 2.0: ten bits are 1 mm steps
    torch.backends.cudnn.benchmark = True


def run_pipeline(settings: Settings) -> bool:
    """True when all packs are finished; False when the call's time ran out (call again with the same folders)."""
    begin = time.monotonic()
    deadline = begin + settings.call_minutes * 60
    rank, _, device = distributed.start(settings.device)
    _threads(settings)
    plan = settings.plan or load_plan("gpu" if device.type == "cuda" else "cpu")
    settings.data.mkdir(parents=True, exist_ok=True)
    workers = []
    if rank == 0 and settings.workers:
        (settings.data / "stop").unlink(missing_ok=True)
        every = 16 if device.type == "cuda" else 6
        # Held-out people first: they are few, and every stage reports on them.
        workers = start_workers(settings.data, settings.workers, 0, settings.held_people, True, 2, 1, settings.nice)
        for w in workers:
            w.wait()
        workers = start_workers(settings.data, settings.workers, settings.seed * 100_000, settings.people, False,
                                settings.views, every, settings.nice, settings.crop_people)
    try:
        finished = _train(settings, plan, device, rank, deadline, workers)
    finally:
        if rank == 0 and workers:
            (settings.data / "stop").touch()
            for w in workers:
                w.wait()
        distributed.stop()
    print(json.dumps({"finished": finished, "seconds": round(time.monotonic() - begin)}), flush=True)
    return finished


def _train(settings: Settings, plan: Plan, device: torch.device, rank: int, deadline: float,
           workers: list[subprocess.Popen]) -> bool:
    shared = any(s.kind == "parts" and not s.only for s in plan.stages)
    crops = PARTS if shared else tuple(s.only for s in plan.stages if s.only)
    train = Store(settings.data / "train", device, plan.store_limit, 5.0 if device.type == "cuda" else 30.0, crops)
    held = Store(settings.data / "held", device, 200)
    alone = settings.workers == 0 or rank > 0  # someone else makes the people

    def working() -> bool:
        return any(w.poll() is None for w in workers)

    held.wait_for(2, 60 if rank == 0 else 600)
    held.rescan(force=True, most=200)
    train.wait_for(plan.least_views, 1200, (lambda: True) if alone else working)
    if plan.read_first:
        train.rescan(force=True, most=plan.store_limit)
    packs = [PACKS[name] for name in settings.packs]
    whole = sum(p.share for p in packs)
    there = settings.resume is not None and any(settings.resume.glob("*.state.000"))
    portable = read_portable(settings.resume) if settings.resume and there else {}
    runs = []
    for pack in packs:
        run = PackRun(pack, plan, settings.minutes * 60 * pack.share / whole, settings.runs, device, settings.seed,
                      settings.start_from, rank, awaited=settings.awaited)
        if pack.name in portable:
            run.adopt(portable[pack.name])
        runs.append(run)
    finished = True
    for run in runs:
        if not run.finished and not (finished and run.run(train, held, deadline)):
            finished = False
    if rank == 0 and settings.out is not None:
        _deliver(settings, runs, finished)
    if rank == 0 and finished and settings.evaluate_views and deadline - time.monotonic() > 45:
        _evaluate(settings, runs, held, device)
    return finished


def _evaluate(settings: Settings, runs: list[PackRun], held: Store, device: torch.device) -> None:
    """The table of all packs on held-out views (baselines need no GPU: `evaluate` adds them)."""
    files = held.full[: settings.evaluate_views]
    columns: dict[str, dict[str, float]] = {}
    for run in runs:
        columns[run.pack.name] = evaluate(run.model, files, device)["mean"]
    text = table(columns)
    print(text, flush=True)
    target = settings.out or settings.runs
    (target / "evaluation.json").write_text(json.dumps({"views": len(files), "columns": columns}, indent=1))


def _deliver(settings: Settings, runs: list[PackRun], finished: bool) -> None:
    """Small results in `out`: f16 weights of finished packs, or the portable state; always the curves."""
    out = settings.out
    assert out is not None
    out.mkdir(parents=True, exist_ok=True)
    begun = [r for r in runs if r.progress.stage or r.progress.step]
    write_portable({r.pack.name: r.portable() for r in begun}, out)
    for run in runs:
        curves = run.folder / "curves.jsonl"
        if curves.exists():
            (out / f"curves-{run.pack.name}.jsonl").write_bytes(curves.read_bytes())
        if run.finished and not (run.folder / "weights.pth.tar").exists():
            write_official(run.model, run.folder / "weights.pth.tar")
    print(f"portable state in {out} ({'finished' if finished else 'to be continued'})", flush=True)
