"""Runs a plan for one or more packs, and survives: every minute the whole state goes to disk, atomically.

A run folder holds, per pack, `state.pt` (weights, averaged weights, optimiser, place in the plan), `curves.jsonl`
(loss and held-out errors over time) and, when done, `weights.pth.tar` in the official layout. Starting again with the
same folder goes on where it stopped; a lost machine costs at most one interval.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..networks import Model, initialise_for_training
from ..store import Store
from . import distributed
from .awaited import AwaitedNetwork
from .batches import CoarseNormals
from .checkpoint import read_weights, save_atomically, write_official
from .muon import Muon
from .plan import Pack, Plan, Stage
from .stages import Shared, Task, make_task

WARM_UP = 0.05
LONGEST_STEP = 60.0  # seconds; what a step takes beyond this, the process was stopped or the machine asleep


def one_cycle(progress: float, peak: float) -> float:
    """Linear warm-up over 5 %, then a cosine to almost nothing."""
    if progress < WARM_UP:
        return peak * (progress / WARM_UP) + 1e-6
    return peak * 0.5 * (1 + math.cos(math.pi * (min(progress, 1.0) - WARM_UP) / (1 - WARM_UP))) + 1e-6


@dataclass
class Progress:
    """Place in the plan."""

    stage: int = 0
    step: int = 0
    elapsed: float = 0.0  # seconds spent in this stage


class Average:
    """Moving average of weights and buffers; its horizon grows with the steps made (every fourth counts)."""

    def __init__(self, nets: list[nn.Module]) -> None:
        self.values = [{k: v.detach().clone() for k, v in n.state_dict().items()} for n in nets]

    @torch.no_grad()
    def update(self, nets: list[nn.Module], step: int) -> None:
        decay = 1 - 1 / min(1000.0, 10 + 0.02 * step)
        for values, net in zip(self.values, nets, strict=True):
            state = net.state_dict()
            floats = [k for k, v in state.items() if v.is_floating_point()]
            torch._foreach_lerp_([values[k] for k in floats], [state[k] for k in floats], 1 - decay)

    def put_into(self, nets: list[nn.Module]) -> None:
        for values, net in zip(self.values, nets, strict=True):
            net.load_state_dict(values)


@torch.no_grad()
def recompute_batch_norm(task: Task, batches: int) -> None:
    """Statistics of the averaged weights, as plain means over fresh batches."""
    norms = [m for net in task.nets for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    momentum = [m.momentum for m in norms]
    for m in norms:
        m.reset_running_stats()
        m.momentum = None
    with task.frozen_others():
        for _ in range(batches):
            task.observe()
    for m, value in zip(norms, momentum, strict=True):
        m.momentum = value


class PackRun:
    """Training of one pack."""

    def __init__(self, pack: Pack, plan: Plan, seconds: float, folder: Path, device: torch.device, seed: int,
                 start_from: Path | None = None, rank: int = 0, save_seconds: float = 90.0,
                 awaited: tuple[AwaitedNetwork, ...] = ()) -> None:
        self.awaited = awaited
        self.pack, self.plan, self.seconds, self.folder = pack, plan, seconds, folder / pack.name
        self.device, self.seed, self.rank, self.save_seconds = device, seed, rank, save_seconds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.progress = Progress()
        torch.manual_seed(seed)
        if start_from is not None:
            self.model, widths = read_weights(start_from)
            if widths != pack.widths:
                raise ValueError(f"{start_from.name} has widths {widths}, the pack {pack.name} has {pack.widths}")
        else:
            self.model = Model(pack.widths)
            initialise_for_training(self.model)
        self._saved: dict[str, Any] = {}
        if self.state_path.exists():
            self._saved = torch.load(self.state_path, map_location="cpu", weights_only=True)
            self.model.load_state_dict(self._saved["model"])
            self.progress = Progress(**self._saved["progress"])
        self.model.to(device).to(memory_format=torch.channels_last).eval()
        distributed.same_weights(self.model)

    @property
    def state_path(self) -> Path:
        return self.folder / "state.pt"

    @property
    def finished(self) -> bool:
        return self.progress.stage >= len(self.plan.stages)

    def portable(self) -> dict[str, Any]:
        """Weights and place for a machine that keeps nothing: the current stage goes on with a fresh optimiser."""
        weights = self.model.state_dict()
        average = self._saved.get("average")
        if average is not None and not self.finished:
            for name, values in zip(self._saved["average_nets"], average, strict=True):
                weights |= {f"{name}.{k}": v for k, v in values.items()}
        return {"weights": weights, "progress": vars(self.progress)}

    def adopt(self, portable: dict[str, Any]) -> None:
        """Goes on from `portable`, unless this folder is already further."""
        there = Progress(**portable["progress"])
        if (there.stage, there.elapsed, there.step) <= (self.progress.stage, self.progress.elapsed, self.progress.step):
            return
        self.model.load_state_dict(portable["weights"])
        self.progress, self._saved = there, {}

    def _log(self, record: dict[str, Any]) -> None:
        if self.rank:
            return
        record = {"time": round(time.time(), 1), "pack": self.pack.name, **record}
        with open(self.folder / "curves.jsonl", "a") as file:
            file.write(json.dumps(record) + "\n")
        print(json.dumps(record), flush=True)

    def _save(self, task: Task | None = None, optimiser: torch.optim.Optimizer | None = None,
              average: Average | None = None) -> None:
        names = {id(m): n for n, m in self.model.named_modules()}
        self._saved = {
            "model": self.model.state_dict(), "progress": dict(vars(self.progress)),
            "optimiser": optimiser.state_dict() if optimiser else None, "average": average.values if average else None,
            "average_nets": [names[id(n)] for n in task.nets] if task else None, "seed": self.seed}
        if self.rank == 0:
            save_atomically(self._saved, self.state_path)

    @staticmethod
    def _measure_average(task: Task, average: Average) -> dict[str, float]:
        """Held-out errors of the averaged weights as they are; training goes on with the others."""
        kept = [{k: v.detach().clone() for k, v in n.state_dict().items()} for n in task.nets]
        average.put_into(task.nets)
        task.s.model.eval()
        values = task.measure()
        for net, state in zip(task.nets, kept, strict=True):
            net.load_state_dict(state)
            net.train(task.batch_norm_trains)
        return {k: round(v, 3) for k, v in values.items()}

    def run(self, train: Store, held: Store, deadline: float) -> bool:
        """Trains until finished (True) or until time.monotonic() reaches `deadline` (False)."""
        normals: dict[str, CoarseNormals] = {}
        while not self.finished:
            stage = self.plan.stages[self.progress.stage]
            if deadline - time.monotonic() < stage.least_seconds:
                self._log({"stage": stage.name, "event": "left for the next call"})
                if not self.progress.step:
                    self._save()
                return False
            # A new seed for every start: a resumed stage must not see the same batches again.
            shared = Shared(self.model, train, held, self.plan,
                            self.seed + 1000 * self.progress.stage + self.progress.step + 7919 * self.rank, normals)
            if not self._run_stage(make_task(shared, stage), stage, deadline):
                return False
            self.progress = Progress(self.progress.stage + 1)
            self._save()
        if self.rank == 0:
            write_official(self.model, self.folder / "weights.pth.tar")
        return True

    def _run_stage(self, task: Task, stage: Stage, deadline: float) -> bool:
        budget = self.seconds * stage.share
        parameters = [p for net in task.nets for p in net.parameters()]
        optimiser = (Muon(task.nets, 1e-4, weight_decay=1e-4, bf16=task.s.bf16) if stage.muon
                     else torch.optim.AdamW(parameters, 1e-4, weight_decay=1e-4))
        average = Average(task.nets)
        saved, self._saved = self._saved, {}
        if saved.get("optimiser") and self.progress.step:
            optimiser.load_state_dict(saved["optimiser"])
            average.values = [{k: v.to(self.device) for k, v in values.items()} for values in saved["average"]]
        self._log({"stage": stage.name, "event": "start", "step": self.progress.step, "views": len(task.s.train),
                   "seconds": round(budget)})
        last = saved_at = noted_at = measured_at = time.monotonic()
        losses: list[torch.Tensor] = []
        with task.frozen_others():
            while True:
                p = self.progress
                now = time.monotonic()
                p.elapsed += min(now - last, LONGEST_STEP)
                last = now
                done = p.step / stage.steps if stage.steps else p.elapsed / max(budget, 1e-6)
                done = distributed.same_number(done, self.device)
                if done >= 1:
                    break
                if distributed.same_number(float(now > deadline), self.device) > 0:
                    self._save(task, optimiser, average)
                    return False
                for group in optimiser.param_groups:
                    group["lr"] = one_cycle(done, stage.peak_rate)
                if any([network.take(self.model) for network in self.awaited]):
                    task.refresh()
                if task.s.train.rescan():
                    last = time.monotonic() if p.step == 0 else last
                loss = task.loss()
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                distributed.average_gradients(parameters)
                nn.utils.clip_grad_norm_(parameters, 1.0)
                optimiser.step()
                p.step += 1
                if p.step % 4 == 0 or stage.steps:
                    average.update(task.nets, p.step)
                losses.append(loss.detach())
                if now - noted_at > 20 or (stage.steps and p.step in (1, stage.steps)):
                    value = float(torch.stack(losses).mean())
                    if not math.isfinite(value):
                        raise FloatingPointError(f"the loss of {stage.name} is not finite at step {p.step}: "
                                                 "lower peak_rate, or go back to an earlier state.pt")
                    self._log({"stage": stage.name, "step": p.step, "loss": round(value, 5), "done": round(done, 3),
                               "views": len(task.s.train)})
                    losses, noted_at = [], now
                if now - measured_at > self.plan.measure_seconds and self.rank == 0:
                    held_out = self._measure_average(task, average)
                    self._log({"stage": stage.name, "step": p.step, "done": round(done, 3), "held": held_out})
                    measured_at = now
                if now - saved_at > self.save_seconds:
                    self._save(task, optimiser, average)
                    last = saved_at = time.monotonic()
        average.put_into(task.nets)
        if task.batch_norm_trains:
            recompute_batch_norm(task, self.plan.average_batches)
        task.finish()
        self.model.eval()
        self._log({"stage": stage.name, "event": "end", "step": self.progress.step, "held": task.measure()})
        return True
