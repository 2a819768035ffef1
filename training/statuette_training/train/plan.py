"""What is trained, in which order, for how long: the stages of a pack, read from `plans/NAME.toml` or one's own file.

Durations are shares of the pack's training time, so one plan fits 40 minutes on two cores and 10 on a large GPU.
Why this order: every later network learns on the *predicted* outputs of the earlier ones, as at run time.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from ..networks import PART_NETS, PROCESSOR_LARGE, STARTER, STARTER_LARGE, Widths

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "plans"
KINDS = ("coarse-normals", "coarse-depth", "joint", "parts", "fine-depth")
WINDOW_STEPS = {"coarse-depth": 16, "joint": 16}  # a window's sides are multiples of what its network halves, else of 8


class PlanError(ValueError):
    """A plan that cannot be used; the message names the file, the place in it and what is expected there."""


@dataclass(frozen=True)
class Stage:
    """One stage. kind: one of KINDS. Parts: `only` None trains one shared net for all kinds."""

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


Table = TypeVar("Table", Stage, Plan)

_EXPECTED = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false",
    tuple[int, int] | None: "two whole numbers, [height, width]", str | None: "a text", int | None: "a whole number",
}


def _value(kind: Any, value: Any) -> Any:
    """The value as the field has it; TypeError when it is of another type."""
    if kind == tuple[int, int] | None:
        if isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value):
            return tuple(value)
    elif kind is float:
        if type(value) in (int, float):
            return float(value)
    elif type(value) is (str if kind == str | None else int if kind == int | None else kind):
        return value
    raise TypeError


def _table(cls: type[Table], given: dict[str, Any], where: str) -> Table:
    kinds = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}
    for name in given:
        if name not in known:
            raise PlanError(f"{where}: unknown setting {name!r}; there are {', '.join(known)}")
    values = {}
    for name, f in known.items():
        if name not in given:
            if f.default is MISSING:
                raise PlanError(f"{where}: {name!r} is missing")
            continue
        if name == "stages":
            values[name] = given[name]
            continue
        try:
            values[name] = _value(kinds[name], given[name])
        except TypeError:
            raise PlanError(f"{where}: {name!r} must be {_EXPECTED[kinds[name]]}, not {given[name]!r}") from None
    return cls(**values)


def _check(ok: bool, where: str, what: str) -> None:
    if not ok:
        raise PlanError(f"{where}: {what}")


def _check_stage(s: Stage, where: str) -> None:
    _check(s.kind in KINDS, where, f"'kind' must be one of {', '.join(KINDS)}, not {s.kind!r}")
    _check(s.only is None or s.only in PART_NETS, where,
           f"'only' must be one of {', '.join(PART_NETS)}, not {s.only!r}")
    _check(s.only is None or s.kind == "parts", where, "'only' is for stages of kind 'parts'")
    _check(s.share > 0 and s.peak_rate > 0, where, "'share' and 'peak_rate' must be above 0")
    _check(s.batch >= 1 and (s.steps is None or s.steps >= 1), where, "'batch' and 'steps' must be at least 1")
    _check(s.detail >= 0 and s.least_seconds >= 0, where, "'detail' and 'least_seconds' must not be below 0")
    step = WINDOW_STEPS.get(s.kind, 8)
    _check(s.window is None or all(v > 0 and v % step == 0 for v in s.window), where,
           f"the sides of 'window' must be multiples of {step}")


def plan_of(given: dict[str, Any], where: str) -> Plan:
    """A plan from the tables of a file. where: begins the message of a PlanError."""
    stages = given.get("stages")
    if not isinstance(stages, list) or not stages or not all(isinstance(s, dict) for s in stages):
        raise PlanError(f"{where}: there must be a [[stages]] table for each stage")
    read = []
    for number, table in enumerate(stages, 1):
        place = f"{where}, stage {number}" + (f" ({table['name']})" if isinstance(table.get("name"), str) else "")
        read.append(_table(Stage, table, place))
        _check_stage(read[-1], place)
    names = [s.name for s in read]
    _check(len(set(names)) == len(names), where, "two stages have the same name")
    total = sum(s.share for s in read)
    _check(abs(total - 1) <= 0.02, where, f"the shares of the stages add up to {total:.3f}; they must make 1")
    plan = replace(_table(Plan, given, where), stages=tuple(read))
    for name in ("least_views", "store_limit", "fine_depth_views", "average_batches", "measure_seconds"):
        _check(getattr(plan, name) > 0, where, f"{name!r} must be above 0")
    _check(plan.prepare_seconds >= 0, where, "'prepare_seconds' must not be below 0")
    return plan


def load_plan(name: str) -> Plan:
    """A plan of this package by its name, or any TOML file by its path; PlanError says what is wrong with it."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        own = ", ".join(sorted(p.stem for p in FOLDER.glob("*.toml")))
        raise PlanError(f"there is no plan {name!r}: choose from {own}, or name a .toml file")
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path.name} is not a TOML file: {error}") from error
    return plan_of(given, path.name)


PACKS = {
    "starter": Pack("starter", STARTER, 0.45),
    "starter-large": Pack("starter-large", STARTER_LARGE, 0.55),
    "processor-large": Pack("processor-large", PROCESSOR_LARGE, 0.55),
    "tiny": Pack("tiny", Widths(4, 4, 2, 4), 1.0),
}


def tiny_plan(steps: int) -> Plan:
    """A plan for tests: every stage for `steps` steps (the five part nets: 4) at a small size."""
    stages = tuple(replace(s, steps=4 if s.only else steps, batch=2, window=(64, 64), least_seconds=0.0)
                   for s in load_plan("gpu").stages)
    return replace(load_plan("cpu"), stages=stages, least_views=2, average_batches=2, fine_depth_views=2)
