"""Both packs on one large GPU: several processes side by side, each trains some of the networks; then the fine depths.

A step of so narrow a network is too short to fill a large GPU: its kernels wait for Python. Five processes fill it.
Whatever needs the output of another network starts on that of older weights and takes the new one when it is ready
(`awaited.py`). A track that fails costs its own networks only: the pack keeps the older ones.

Every call is cut off cleanly and goes on where it was; on a machine that kept nothing, from the small files of the last
call (`--resume`): their weights and the minutes that were spent, with fresh optimisers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

from ..networks import PART_NETS, PREFIXES, Model, initialise_for_training
from ..widen import widen_all
from .checkpoint import read_portable, read_weights, write_official, write_portable
from .plan import PACKS

REPORT_SECONDS = 20.0
CLOSING_SECONDS = 15.0  # kept free at the end of a call to write the results


@dataclass(frozen=True)
class Track:
    """One process: some stages of one pack. `awaits` the coarse normals of the track named there."""

    name: str
    pack: str
    stages: tuple[str, ...]
    networks: tuple[str, ...]
    awaits: str | None = None


TRACKS = (
    Track("coarse", "starter", ("joint", "coarse-depth"), ("coarse-normals", "coarse-depth")),
    Track("head", "starter", ("part-face", "part-upper"), ("face", "upper"), "coarse"),
    Track("limbs", "starter", ("part-arm", "part-leg", "part-foot"), ("arm", "leg", "foot"), "coarse"),
    Track("large-coarse", "starter-large", ("coarse-depth",), ("coarse-normals", "coarse-depth"), "coarse"),
    Track("large-parts", "starter-large", ("parts", *(f"part-{p}" for p in PART_NETS)), PART_NETS, "coarse"),
)


@dataclass(frozen=True)
class Session:
    """Times in minutes: `minutes` for the tracks, then `fine_depth_minutes`; a call ends after `call_minutes`."""

    data: Path
    runs: Path
    out: Path
    minutes: float
    fine_depth_minutes: float
    call_minutes: float = 1e9
    device: str = "cuda"
    start_from: Path | None = None
    resume: Path | None = None
    extra: tuple[str, ...] = ()  # more options of `train`, for a trial


@dataclass
class Process:
    track: Track
    child: subprocess.Popen
    log: Path
    ended: bool = False


@dataclass
class Runner:
    s: Session
    processes: list[Process] = field(default_factory=list)

    def state(self, track: Track) -> Path:
        return self.s.runs / track.name / track.pack / "state.pt"

    def weights(self, track: Track) -> Path:
        return self.s.runs / track.name / track.pack / "weights.pth.tar"

    def start_file(self, pack: str) -> Path:
        return self.s.runs / f"{pack}.start.pth.tar"

    def prepare(self) -> float:
        """Weights that the tracks start from; returns the minutes that earlier machines spent on the tracks."""
        self.s.runs.mkdir(parents=True, exist_ok=True)
        there = self.s.resume is not None and any(self.s.resume.glob("*.state.000"))
        portable = read_portable(self.s.resume) if self.s.resume is not None and there else {}
        older = read_weights(self.s.start_from)[0] if self.s.start_from else None
        for pack in {t.pack for t in TRACKS}:
            if self.start_file(pack).exists():
                continue
            torch.manual_seed(1)
            model = Model(PACKS[pack].widths)
            initialise_for_training(model)
            if pack in portable:
                model.load_state_dict(portable[pack]["weights"])
            elif older is not None:
                widen_all(older, model)
            write_official(model, self.start_file(pack))
        return max((float(p["progress"].get("minutes", 0)) for p in portable.values()), default=0.0)

    def start(self, track: Track, minutes: float, call_minutes: float, start_from: Path) -> None:
        # From older weights the five part networks differ already: no stage that trains one for all of them.
        stages = [name for name in track.stages if name != "parts" or self.s.start_from is None]
        # The smoother end of a long schedule is worth more than a share for each: every track has the whole time.
        command = [sys.executable, "-m", "statuette_training", "train", "--plan", "gpu", "--device", self.s.device,
                   "--data", str(self.s.data), "--runs", str(self.s.runs / track.name), "--packs", track.pack,
                   "--only", ",".join(stages), "--minutes", str(minutes), "--call-minutes", str(call_minutes),
                   "--threads", "1", "--from", str(start_from), "--evaluate-views", "0", *self.s.extra]
        if track.awaits:
            command += ["--await", f"coarse-normals={self.state(next(t for t in TRACKS if t.name == track.awaits))}"]
        log = self.s.runs / f"{track.name}.log"
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        with open(log, "ab") as file:
            child = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        self.processes.append(Process(track, child, log))

    def watch(self, deadline: float) -> None:
        """Until all have ended; a report now and then. Ends them at the deadline: their last save is kept."""
        begin = reported = time.monotonic()
        while any(p.child.poll() is None for p in self.processes):
            time.sleep(0.5)
            now = time.monotonic()
            for p in self.processes:
                if not p.ended and p.child.poll() is not None:
                    p.ended = True
                    if p.child.returncode:
                        print(f"{p.track.name} FAILED:\n{p.log.read_text(errors='replace')[-1500:]}", flush=True)
            if now - reported > REPORT_SECONDS:
                reported = now
                print(f"[{now - begin:.0f} s] " + " | ".join(f"{p.track.name} {last_line(p.log)}"
                                                            for p in self.processes), flush=True)
            if now > deadline:
                for p in self.processes:
                    p.child.terminate()
                deadline = now + 5

    def newest(self, track: Track) -> Path | None:
        return next((f for f in (self.weights(track), self.state(track)) if f.exists()), None)

    def assemble(self, pack: str) -> Model:
        """The pack with the newest weights of every track."""
        model, _ = read_weights(self.start_file(pack))
        for track in (*TRACKS, fine_depth_track(pack)):
            file = self.newest(track)
            if track.pack != pack or file is None:
                continue
            theirs, _ = read_weights(file)
            for name in track.networks:
                model.get_submodule(PREFIXES[name]).load_state_dict(theirs.get_submodule(PREFIXES[name]).state_dict())
        return model

    def deliver(self, minutes: float) -> None:
        """Small files for a machine that keeps nothing: f16 weights in pieces, and all curves in one file."""
        packs = {pack: {"weights": self.assemble(pack).state_dict(), "progress": {"minutes": minutes, "stage": 0}}
                 for pack in sorted({t.pack for t in TRACKS})}
        write_portable(packs, self.s.out)
        with open(self.s.out / "curves.jsonl", "w") as out:
            for track in (*TRACKS, *(fine_depth_track(p) for p in packs)):
                curves = self.state(track).with_name("curves.jsonl")
                for line in curves.read_text().splitlines() if curves.exists() else []:
                    out.write(json.dumps({"track": track.name, **json.loads(line)}) + "\n")


def fine_depth_track(pack: str) -> Track:
    return Track(f"fine-depth-{pack}", pack, ("fine-depth",), ("fine-depth",))


def last_line(log: Path) -> str:
    """Stage, step and loss of a track's newest record."""
    for line in reversed(log.read_text(errors="replace").splitlines() if log.exists() else []):
        try:
            r = json.loads(line)
        except ValueError:
            continue
        if "stage" in r:
            held = {k: round(v, 2) for k, v in r.get("held", {}).items()}
            return f"{r['stage']} {r.get('step', '')} {r.get('loss', r.get('event', ''))} {held or ''}".strip()
    return "-"


def run_session(s: Session) -> bool:
    """True when both packs are finished. Call again with the same folders until then."""
    begin = time.monotonic()
    end = begin + s.call_minutes * 60 - CLOSING_SECONDS
    runner = Runner(s)
    spent = runner.prepare()
    minutes = max(0.0, s.minutes - spent)

    def left() -> float:
        return (end - time.monotonic()) / 60

    open_tracks = [t for t in TRACKS if not runner.weights(t).exists()]
    for track in open_tracks:
        runner.start(track, minutes, left() - 0.1, runner.start_file(track.pack))
    runner.watch(end)
    spent += min(minutes, (time.monotonic() - begin) / 60)
    finished = all(runner.weights(t).exists() for t in TRACKS)
    begun = all(runner.newest(t) is not None for t in TRACKS)
    if left() > 0.3 and (finished or begun):
        runner.processes.clear()
        for pack in sorted({t.pack for t in TRACKS}):
            unfinished = s.runs / f"{pack}.unfinished.pth.tar"
            write_official(runner.assemble(pack), unfinished)
            runner.start(fine_depth_track(pack), s.fine_depth_minutes, left() - 0.1, unfinished)
        runner.watch(end)
        finished = all(runner.weights(fine_depth_track(p)).exists() for p in {t.pack for t in TRACKS})
    else:
        finished = False
    runner.deliver(spent)
    print(json.dumps({"finished": finished, "seconds": round(time.monotonic() - begin)}), flush=True)
    return finished
