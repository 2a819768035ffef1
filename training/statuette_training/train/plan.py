"""What is trained, in which order, for how long: the stages of a pack, and the two tried settings (CPU, GPU).

Durations are shares of the pack's training time, so one plan fits 40 minutes on two cores and 10 on a large GPU.
Why this order: every later network learns on the *predicted* outputs of the earlier ones, as at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..networks import PROCESSOR_LARGE, STARTER, STARTER_LARGE, Widths


@dataclass(frozen=True)
class Stage:
    """One stage. kind: a key of `make_task` in stages.py. Parts: `only` None trains one shared net for all kinds."""

    name: str
    kind: str
    share: float
    batch: int
    peak_rate: float
    window: tuple[int, int] | None = None  # coarse canvas, part crop or tile of the fine depth; None = whole
    only: str | None = None
    steps: int | None = None  # stop after this many steps instead of by time
    detail: float = 0.0  # weight of the fine parts in the normal loss
    focus: bool = False  # face crops: most windows lie on the face itself, which fills a tenth of its crop
    muon: bool = False  # Muon instead of AdamW
    least_seconds: float = 0.0  # not started when a call has less left: preparing and finishing take time


@dataclass(frozen=True)
class Pack:
    """A set of weights to train."""

    name: str
    widths: Widths
    share: float  # of the whole training time


@dataclass(frozen=True)
class Plan:
    stages: tuple[Stage, ...]
    least_views: int  # training starts when so many views exist
    store_limit: int
    fine_depth_views: int
    average_batches: int  # batches over which BatchNorm statistics are recomputed
    prepare_seconds: float = 240.0  # for the whole views of the refinement, at most
    measure_seconds: float = 480.0  # held-out errors of the averaged weights while a stage runs, so often
    read_first: bool = False  # all views that are there, before the first step; else they come in beside it
    bf16_on_cpu: bool = False  # bf16 inside the convolutions of a processor on which that is faster (precision.py)


PACKS = {
    "starter": Pack("starter", STARTER, 0.45),
    "starter-large": Pack("starter-large", STARTER_LARGE, 0.55),
    "processor-large": Pack("processor-large", PROCESSOR_LARGE, 0.55),
    "tiny": Pack("tiny", Widths(4, 4, 2, 4), 1.0),
}

# For `session` (session.py): several processes train some of these stages each. Muon where it was measured to gain.
GPU = Plan(
    stages=(
        Stage("joint", "joint", 0.12, 32, 1.5e-3, (240, 176), muon=True),
        Stage("coarse-depth", "coarse-depth", 0.28, 32, 1.5e-3, (240, 176), muon=True),
        Stage("parts", "parts", 0.15, 48, 3e-3, (176, 128), detail=4.0, focus=True, muon=True),
        Stage("part-face", "parts", 0.13, 20, 2e-3, (224, 192), "face", detail=4.0, focus=True, muon=True),
        Stage("part-upper", "parts", 0.09, 20, 2e-3, (256, 192), "upper", detail=4.0, muon=True),
        Stage("part-arm", "parts", 0.06, 24, 2e-3, (224, 160), "arm", detail=4.0, muon=True),
        Stage("part-leg", "parts", 0.055, 24, 2e-3, (224, 160), "leg", detail=4.0, muon=True),
        Stage("part-foot", "parts", 0.035, 40, 2e-3, (176, 128), "foot", detail=4.0, muon=True),
        Stage("fine-depth", "fine-depth", 0.08, 8, 1e-3, (512, 384), muon=True, least_seconds=45.0),
    ),
    least_views=300, store_limit=36000, fine_depth_views=240, average_batches=30, prepare_seconds=35.0,
    measure_seconds=75.0)

_PART_SHARE = {"face": 0.05, "upper": 0.0375, "arm": 0.03, "leg": 0.025, "foot": 0.015}

CPU = Plan(
    stages=(
        Stage("coarse-normals", "coarse-normals", 0.15, 8, 1.2e-3, (224, 128)),
        Stage("coarse-depth", "coarse-depth", 0.35, 8, 1.2e-3, (224, 128)),
        Stage("parts", "parts", 0.20, 12, 2.0e-3, (160, 128)),
        *(Stage(f"part-{p}", "parts", s, 12, 8e-4, (160, 128), p) for p, s in _PART_SHARE.items()),
        Stage("fine-depth", "fine-depth", 0.14, 4, 1.2e-3, (320, 320)),
    ),
    least_views=200, store_limit=1500, fine_depth_views=40, average_batches=20)

# Goes on from existing weights on two shared cores. Meant to run as processes of one thread with `--only` (see the
# README): two threads of one process wait for each other. The shared part network starts from the one of the face.
FINETUNE = Plan(
    stages=(
        Stage("coarse-normals", "coarse-normals", 0.07, 8, 2e-3, (224, 112), muon=True),
        Stage("coarse-depth", "coarse-depth", 0.40, 4, 2e-3, (224, 112), muon=True),
        Stage("parts", "parts", 0.16, 6, 3e-3, (144, 128), detail=4.0, focus=True, muon=True),
        Stage("part-face", "parts", 0.10, 4, 2e-3, (128, 112), "face", detail=4.0, focus=True, muon=True),
        Stage("part-upper", "parts", 0.085, 4, 2e-3, (144, 128), "upper", detail=40.0, muon=True),
        Stage("part-arm", "parts", 0.07, 4, 2e-3, (128, 112), "arm", detail=40.0, muon=True),
        Stage("part-leg", "parts", 0.055, 4, 2e-3, (144, 112), "leg", detail=40.0, muon=True),
        Stage("part-foot", "parts", 0.02, 4, 2e-3, (128, 112), "foot", detail=40.0, muon=True),
        Stage("fine-depth", "fine-depth", 0.04, 4, 1e-3, (320, 320), muon=True),
    ),
    least_views=200, store_limit=24000, fine_depth_views=120, average_batches=200, read_first=True,
    bf16_on_cpu=True)

PLANS = {"cpu": CPU, "gpu": GPU, "finetune": FINETUNE}


def tiny_plan(steps: int) -> Plan:
    """A plan for tests: every stage for `steps` steps (the five part nets: 4) at a small size."""
    stages = tuple(replace(s, steps=4 if s.only else steps, batch=2, window=(64, 64), least_seconds=0.0)
                   for s in GPU.stages)
    return replace(CPU, stages=stages, least_views=2, average_batches=2, fine_depth_views=2)
