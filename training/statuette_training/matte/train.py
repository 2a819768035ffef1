"""Trains the matte network on scenes that are composed while it learns; can be stopped and goes on where it was.

The trunk stays as it is, so its features of a scene are kept with it, and windows of each are used several times.
RUN/scenes/     the scenes so far, for a call that goes on
RUN/held.npy    held-out scenes, always the same
RUN/curve.jsonl errors of the averaged weights on them
RUN/state.pt    the decoder's weights, averaged weights, optimiser, steps

On Linux, MALLOC_MMAP_THRESHOLD_=8000000000 MALLOC_TRIM_THRESHOLD_=16000000000 in the environment makes a step two to
four times faster: large maps are then not asked of the system anew each time.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from ..assets import open_assets
from .cutouts import Cutout, read_cutout
from .detector import HEIGHT, WIDTH, Detector, crop_box, cut, levelled
from .network import MatteNetwork, guarded
from .scenes import Surroundings, compose

SIDE = 480  # of the scenes; the crop is 384 high
POOL, USES, BATCH = 1000, 48, 16  # scenes kept, windows taken of each, windows a step
SHARE_STEPS = 12  # of trainers side by side, between two meetings
FIRST_SCENES = 120  # before the first step
WINDOW, GRID = (96, 64), 16  # of a scene in one step; all features have whole cells at multiples of GRID
KEPT_CUTOUTS = 160  # in memory; the others are read again
RATE = 2e-3
AVERAGE = 0.997
EDGE = 4.0  # weight of the outline over the rest
HELD_SCENES = 24
HELD_EVERY = 300  # seconds
NO_OUTLINE = 0.02  # share of scenes whose detector saw (almost) nothing


def _outline_faults(outline: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Now and then the outline loses a piece more, or is blurred: the network must not rest on it."""
    way = rng.random()
    h, w = outline.shape
    if way < NO_OUTLINE:
        return (outline * 0.1).astype(np.uint8)
    if way < 0.12:
        out = outline.copy()
        for _ in range(int(rng.integers(1, 4))):
            centre = (int(rng.integers(w)), int(rng.integers(h)))
            cv2.circle(out, centre, int(h * rng.uniform(0.02, 0.08)), int(rng.choice([0, 0, 255])), -1)
        return cv2.GaussianBlur(out, (0, 0), 3)
    if way < 0.25:
        return cv2.GaussianBlur(outline, (0, 0), rng.uniform(1, 4))
    return outline


class Scenes:
    """Endless network inputs uint8 [384, 256, 5]: photo, outline, alpha."""

    def __init__(self, folder: Path, rooms: Path, body_graph: Path, seed: int, held_out: bool) -> None:
        self.folder, self.rng, self.held_out = folder, np.random.default_rng(seed), held_out
        self.surroundings = Surroundings(open_assets(), rooms, held_out)
        self.detector = Detector(body_graph)
        self.kept: list[Cutout] = []
        self.files: list[Path] = []
        self.asked = 0

    def _cutout(self) -> Cutout:
        if self.asked % 200 == 0:
            self.files = sorted(self.folder.glob("*.npz"))
            if not self.files:
                raise ValueError(f"{self.folder} holds no cut-outs: make some with `matte-cutouts`")
        self.asked += 1
        if len(self.kept) < min(KEPT_CUTOUTS, len(self.files)) or self.rng.random() < 0.25:
            cutout = read_cutout(self.files[self.rng.integers(len(self.files))])
            half = (cutout.rgba.shape[1] // 2, cutout.rgba.shape[0] // 2)
            rgba: np.ndarray = cutout.rgba.astype(np.float32)
            rgba[..., :3] *= rgba[..., 3:] / 255
            rgba = cv2.resize(rgba, half, interpolation=cv2.INTER_AREA)
            rgba[..., :3] = rgba[..., :3] / (np.maximum(rgba[..., 3:], 1) / 255)
            cutout = Cutout(np.clip(rgba, 0, 255).astype(np.uint8), cutout.keypoints / 2)
            if len(self.kept) < KEPT_CUTOUTS:
                self.kept.append(cutout)
            else:
                self.kept[self.rng.integers(KEPT_CUTOUTS)] = cutout
        return self.kept[self.rng.integers(len(self.kept))]

    def one(self) -> np.ndarray:
        rng = self.rng
        scene = compose(self._cutout(), self._cutout(), SIDE, self.surroundings, rng)
        outline = self.detector.outline(scene.photo, scene.keypoints, rng, int(rng.integers(1, 3)))
        slack = np.zeros(4) if self.held_out else rng.uniform(-0.03, 0.1, 4)
        box = crop_box(outline, scene.keypoints, slack)
        outline = cut(outline, box, "nothing")
        if not self.held_out:
            outline = _outline_faults(outline, rng)
        alpha = np.round(cut(scene.alpha, box, "nothing") * 255).astype(np.uint8)
        return np.dstack([levelled(cut(scene.photo, box)), outline, alpha])


@dataclass
class Seen:
    """A scene and the trunk's features of it, as the pool keeps them: uint8 [5, h, w], f16 of the rest, where alpha or
    the detector's outline is neither 0 nor 1."""

    values: torch.Tensor
    features: list[torch.Tensor]
    soft: np.ndarray


@torch.no_grad()
def _seen(network: MatteNetwork, sample: np.ndarray) -> Seen:
    values = torch.from_numpy(np.ascontiguousarray(sample.transpose(2, 0, 1)))
    features = network.seen(values[None].float() / 255)
    soft: np.ndarray = np.asarray(((sample[..., 3:] > 50) & (sample[..., 3:] < 205)).any(2))
    return Seen(values, [f[0].clamp(-60000, 60000).half() for f in features], soft)


def _window(seen: Seen, rng: np.random.Generator) -> Seen:
    """A window of the scene, mostly on the outline, where there is something to learn; on the grid of all features."""
    h, w = seen.values.shape[1:]
    y, x = rng.integers(0, h), rng.integers(0, w)
    if rng.random() < 0.85:
        rows, columns = np.nonzero(seen.soft)
        if len(rows):
            k = rng.integers(len(rows))
            y, x = rows[k] + rng.integers(-24, 25), columns[k] + rng.integers(-16, 17)
    top = int(np.clip((y - WINDOW[0] // 2) // GRID * GRID, 0, h - WINDOW[0]))
    left = int(np.clip((x - WINDOW[1] // 2) // GRID * GRID, 0, w - WINDOW[1]))

    def part(x: torch.Tensor) -> torch.Tensor:
        n = x.shape[1] / h
        a, b = round(top * n), round(left * n)
        return x[:, a : a + round(WINDOW[0] * n), b : b + round(WINDOW[1] * n)]

    return Seen(part(seen.values), [part(f) for f in seen.features], seen.soft)


def _batch(chosen: list[Seen]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    values = torch.stack([s.values for s in chosen]).float() / 255
    features = [torch.stack(group).float() for group in zip(*(s.features for s in chosen), strict=True)]
    return values, [f.contiguous(memory_format=torch.channels_last) for f in features]


def matte_loss(logits: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Cross entropy and absolute difference, heavier along the outline, and the difference of the slopes."""
    near = ((F.avg_pool2d(alpha, 9, 1, 4) - alpha).abs() * 8 + (alpha - alpha.round()).abs() * 8).clamp(0, 1)
    weight = 1 + EDGE * near
    found = logits.sigmoid()
    fit = F.binary_cross_entropy_with_logits(logits, alpha, reduction="none") + 2 * (found - alpha).abs()
    slopes = sum(((found - alpha).diff(dim=d).abs()).mean() for d in (2, 3))
    return (weight * fit).mean() + 4 * slopes


@torch.no_grad()
def held_out_errors(network: MatteNetwork, samples: np.ndarray) -> dict[str, float]:
    """Means over the scenes: IoU and alpha error of the network, of the trunk alone, and of the detector's outline."""
    names = [measure + of for of in ("", "_trunk", "_outline") for measure in ("iou", "error")]
    out: dict[str, list[float]] = {name: [] for name in [*names, "largest"]}
    for sample in samples:
        values = torch.from_numpy(sample.astype(np.float32).transpose(2, 0, 1)[None] / 255)
        features = network.seen(values[:, :4])
        found = network.decoder(values[:, :4], *features).sigmoid()
        found = guarded(found, values[:, 3:4])[0, 0].numpy()
        trunk = F.interpolate(features[-1], values.shape[2:], mode="bilinear").sigmoid()[0, 0].numpy()
        alpha = values[0, 4].numpy()
        for name, matte in (("", found), ("_trunk", trunk), ("_outline", values[0, 3].numpy())):
            a, b = matte > 0.5, alpha > 0.5
            out["iou" + name].append((a & b).sum() / max(1, (a | b).sum()))
            out["error" + name].append(np.abs(matte - alpha).mean())
        wrong = cv2.erode(((found > 0.5) != (alpha > 0.5)).astype(np.uint8), np.ones((2, 2), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(wrong)
        out["largest"].append(float(stats[1:, 4].max(initial=0)))
    return {name: round(float(np.mean(values)), 5) for name, values in out.items()}


def _held_scenes(folder: Path, rooms: Path, body_graph: Path, run: Path) -> np.ndarray:
    """The scenes that a run is judged by: made once, so that all of its figures are of the same."""
    path = run / "held.npy"
    if not path.exists():
        source = Scenes(folder / "held", rooms, body_graph, 5, True)
        np.save(path, np.stack([source.one() for _ in range(HELD_SCENES)]))
    return np.load(path)


class Others:
    """Trainers side by side, a process each: every SHARE_STEPS steps they all go on from the mean of their weights.

    For a busy machine, where one process of low priority gets little of a core.
    """

    def __init__(self, run: Path, worker: int) -> None:
        self.folder, self.own = run / "workers", run / "workers" / f"{worker}.pt"
        self.folder.mkdir(exist_ok=True)

    @torch.no_grad()
    def meet(self, decoder: torch.nn.Module, step: int) -> None:
        temporary = self.own.with_suffix(".tmp")
        torch.save({"weights": decoder.state_dict(), "step": step}, temporary)
        os.replace(temporary, self.own)
        met = [torch.load(path, weights_only=True) for path in self.folder.glob("*.pt")]
        # One that has hardly begun, or that stopped long ago, would hold the others back.
        met = [other["weights"] for other in met if other["step"] >= step / 2]
        decoder.load_state_dict({name: torch.stack([m[name] for m in met]).mean(0) for name in met[0]})


def fill_pool(folder: Path, rooms: Path, body_graph: Path, run: Path, seed: int, count: int) -> None:
    """Makes scenes for trainers that make none themselves (`--worker`)."""
    cv2.setNumThreads(1)
    kept = run / "scenes"
    kept.mkdir(parents=True, exist_ok=True)
    scenes = Scenes(folder / "train", rooms, body_graph, seed, False)
    for k in range(count):
        temporary = kept / f".{seed}-{k}.npy"
        np.save(temporary, scenes.one())
        os.replace(temporary, kept / f"{seed}-{k:05d}.npy")


def train(folder: Path, rooms: Path, body_graph: Path, run: Path, minutes: float, seed: int = 1,
          pool_size: int = POOL, steps: int | None = None, worker: int | None = None) -> MatteNetwork:
    """Trains for so many minutes over all calls (or `steps`); returns the averaged network.

    worker: one of several beside each other (Others), whose scenes `fill_pool` makes. Worker 0 keeps the state.
    """
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    run.mkdir(parents=True, exist_ok=True)
    network, averaged = MatteNetwork(body_graph), MatteNetwork(body_graph)
    decoder = network.decoder.to(memory_format=torch.channels_last)
    averaged.decoder.load_state_dict(decoder.state_dict())
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=RATE, weight_decay=1e-4)
    step, spent = 0, 0.0
    state = run / "state.pt"
    if state.exists():
        saved = torch.load(state, weights_only=True)
        decoder.load_state_dict(saved["network"])
        averaged.decoder.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    held: np.ndarray | None = None
    scenes = Scenes(folder / "train", rooms, body_graph, seed + step, False)
    kept = run / "scenes"
    kept.mkdir(exist_ok=True)
    others = None if worker is None else Others(run, worker)
    pool: list[Seen] = []
    known: set[Path] = set()

    def load_scenes(most: int) -> None:
        new = [path for path in sorted(kept.glob("[!.]*.npy")) if path not in known][:most]
        known.update(new)
        for path in new[: pool_size - len(pool)]:
            pool.append(_seen(network, np.load(path)))

    load_scenes(pool_size if others is None else 12)
    while others is not None and not pool:
        time.sleep(2)
        load_scenes(12)
    rng = np.random.default_rng(seed + step)
    began, running = time.monotonic(), []
    last = saved_at = began

    def save() -> None:
        temporary = state.with_suffix(".tmp")
        torch.save({"network": decoder.state_dict(), "averaged": averaged.decoder.state_dict(), "step": step,
                    "optimizer": optimizer.state_dict(), "spent": spent + time.monotonic() - began}, temporary)
        os.replace(temporary, state)

    while True:
        share = (spent + time.monotonic() - began) / (minutes * 60)
        if share >= 1 or (steps is not None and step >= steps):
            break
        if others is None:
            wanted = FIRST_SCENES if not pool else int(step * BATCH % USES < BATCH)
        else:
            wanted = 0
            if step % 2 == 0:
                load_scenes(1)
            if step % SHARE_STEPS == SHARE_STEPS - 1:
                others.meet(decoder, step)
        for _ in range(wanted):
            sample = scenes.one()
            if len(pool) < pool_size:
                path = kept / f"{len(pool):05d}.npy"
                known.add(path)
                np.save(path, sample)
                pool.append(_seen(network, sample))
            else:
                pool[rng.integers(pool_size)] = _seen(network, sample)
        chosen = rng.integers(0, len(pool), BATCH)
        values, features = _batch([_window(pool[k], rng) for k in chosen])
        warm = min(1, (step + 1) / 60)
        for group in optimizer.param_groups:
            group["lr"] = float(RATE * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * min(1, share)))))
        inputs = values[:, :4].contiguous(memory_format=torch.channels_last)
        loss = matte_loss(decoder(inputs, *features), values[:, 4:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 5.0)
        optimizer.step()
        step += 1
        keep = min(AVERAGE, (1 + step) / (10 + step))
        with torch.no_grad():
            for a, b in zip(averaged.decoder.parameters(), decoder.parameters(), strict=True):
                a.lerp_(b, 1 - keep)
        running.append(float(loss.detach()))
        if step % 50 == 0:
            print(f"step {step} loss {np.mean(running[-50:]):.4f} pool {len(pool)} {share:.2f}", flush=True)
        if worker:
            continue
        if time.monotonic() - saved_at > 60:
            save()
            saved_at = time.monotonic()
        enough = held is not None or len(list((folder / "held").glob("*.npz"))) > 20
        if time.monotonic() - last > HELD_EVERY and enough:
            if held is None:
                held = _held_scenes(folder, rooms, body_graph, run)
            errors = {"step": step, "loss": round(float(np.mean(running[-200:])), 4), **held_out_errors(averaged, held)}
            with open(run / "curve.jsonl", "a") as file:
                file.write(json.dumps(errors) + "\n")
            print(errors, flush=True)
            last = time.monotonic()
    if not worker:
        save()
    return averaged


def train_command(a: argparse.Namespace) -> None:
    os.nice(a.nice)
    torch.set_num_threads(a.threads)
    if a.scenes:
        fill_pool(a.data, a.rooms, a.body, a.run_folder, a.seed, a.scenes)
        return
    train(a.data, a.rooms, a.body, a.run_folder, a.minutes, a.seed, steps=a.steps, worker=a.worker)
    print(a.run_folder / "state.pt")


assert HEIGHT % 32 == 0 and WIDTH % 32 == 0
