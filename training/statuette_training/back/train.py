"""Trains the back network on pairs; can be stopped and goes on where it was.

RUN/state.pt    weights, averaged weights, optimiser, steps
RUN/curve.jsonl errors of the averaged weights on held-out people
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..losses import ssim
from ..matte.export import name_in_pack, write_graph
from .network import BackNet
from .pairs import SIDE

FILE = "back.onnx"
BATCH, WINDOW = 4, (208, 144)  # multiples of 16
RATE, AVERAGE = 2e-3, 0.995
HEAD, HEAD_WEIGHT = 0.16, 5.0  # the upper share of the person, where mistakes are looked at first
HELD_EVERY = 240  # seconds


class Pairs:
    """All pairs of a folder in memory: uint8 [n, 8, 256, 256] (front, cover, target, same); grows with the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.known = folder, set[str]()
        self.data: list[np.ndarray] = []
        self.boxes: list[tuple[int, int, int, int]] = []
        self.update()

    def update(self) -> None:
        for path in sorted(self.folder.glob("*.npz")):
            if path.name in self.known:
                continue
            self.known.add(path.name)
            with np.load(path) as z:
                pair = np.concatenate([z["front"].transpose(2, 0, 1), z["cover"][None],
                                       z["target"].transpose(2, 0, 1), z["same"][None]])
            rows, columns = np.nonzero(pair[3].any(1))[0], np.nonzero(pair[3].any(0))[0]
            if len(rows):
                self.data.append(pair)
                self.boxes.append((int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])))


def head_weight(height: int, box: tuple[int, int, int, int]) -> np.ndarray:
    """Weights f32 [height] of a canvas's rows."""
    rows = np.arange(height)
    top = rows < box[0] + HEAD * (box[1] - box[0])
    return np.where(top, HEAD_WEIGHT, 1.0).astype(np.float32)


def batch(pairs: Pairs, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows f32 [n, 8, h, w] in 0..1, and weights [n, 1, h, w]. Light and colours of both sides change together."""
    h, w = WINDOW
    windows, weights = [], []
    for k in rng.integers(0, len(pairs.data), BATCH):
        y0, y1, x0, x1 = pairs.boxes[k]
        top = int(np.clip((y0 + y1 - h) // 2 + rng.integers(-28, 29), 0, SIDE - h))
        left = int(np.clip((x0 + x1 - w) // 2 + rng.integers(-24, 25), 0, SIDE - w))
        window = pairs.data[k][:, top : top + h, left : left + w].astype(np.float32) / 255
        colours = [0, 1, 2] if rng.random() > 0.2 else list(rng.permutation(3))
        gamma, gain, white = rng.uniform(0.75, 1.35), rng.uniform(0.65, 1.3), rng.uniform(0.88, 1.12, (3, 1, 1))
        for first in (0, 4):
            x = window[first : first + 3][colours]
            window[first : first + 3] = np.clip(np.maximum(x, 1e-4) ** gamma * gain * white, 0, 1)
        window[:3] += rng.normal(0, rng.uniform(0, 0.015), (3, h, w))
        window[:3] = np.clip(window[:3], 0, 1) * (window[3:4] > 0)
        if rng.random() < 0.5:
            window = window[..., ::-1]
        windows.append(np.ascontiguousarray(window, np.float32))
        weights.append(head_weight(SIDE, pairs.boxes[k])[top : top + h, None] * (windows[-1][3] > 0.5))
    return torch.from_numpy(np.stack(windows)), torch.from_numpy(np.stack(weights)[:, None].astype(np.float32))


def back_loss(network: BackNet, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Absolute differences of colours and of their slopes, structure, and cross entropy of where texture fits."""
    inputs = x[:, :4].contiguous(memory_format=torch.channels_last)
    colour, texture = network.raw(inputs)
    target, same = x[:, 4:7], x[:, 7:8]
    total = weight.sum().clamp(min=1)
    error = colour - target
    loss = (error.abs() * weight).sum() / (3 * total)
    for d in (2, 3):
        inside = torch.minimum(weight.narrow(d, 1, weight.shape[d] - 1), weight.narrow(d, 0, weight.shape[d] - 1))
        loss = loss + 0.5 * (error.diff(dim=d).abs() * inside).sum() / (3 * total)
    mask = (weight > 0).float()
    loss = loss + 0.1 * (1 - ssim(colour * mask, target * mask, stride=2))
    fits = F.binary_cross_entropy_with_logits(texture, same, reduction="none")
    return loss + 0.1 * (fits * weight).sum() / total


@torch.no_grad()
def errors(network: BackNet, pairs: Pairs) -> dict[str, float]:
    """Mean colour errors in grey levels, of the network and of the front's own colours, whole person and head."""
    network.eval()
    rows: dict[str, list[float]] = {k: [] for k in ("whole", "head", "front_whole", "front_head", "texture")}
    for pair, box in zip(pairs.data, pairs.boxes, strict=True):
        x = torch.from_numpy(pair[None].astype(np.float32) / 255)
        y = network(x[:, :4])[0].numpy()
        inside = pair[3] > 127
        head = inside & (head_weight(SIDE, box) > 1)[:, None]
        for name, colour in (("", y[:3] * 255), ("front_", pair[:3].astype(np.float32))):
            error = np.abs(colour - pair[4:7]).mean(0)
            rows[f"{name}whole"].append(float(error[inside].mean()))
            rows[f"{name}head"].append(float(error[head].mean()))
        rows["texture"].append(float(((y[3] > 0.5) == (pair[7] > 127))[inside].mean()))
    network.train()
    return {k: round(float(np.mean(v)), 3) for k, v in rows.items()}


def train(root: Path, run: Path, minutes: float, seed: int = 1, steps: int | None = None) -> BackNet:
    """Trains for so many minutes over all calls (or `steps`); returns the averaged network."""
    torch.manual_seed(seed)
    run.mkdir(parents=True, exist_ok=True)
    network, averaged = BackNet(), BackNet()
    network.to(memory_format=torch.channels_last).train()
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    step, spent, state = 0, 0.0, run / "state.pt"
    if state.exists():
        saved = torch.load(state, weights_only=True)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    pairs, held = Pairs(root / "train"), Pairs(root / "held")
    if not pairs.data:
        raise ValueError(f"{root / 'train'} holds no pairs: make some with `back-pairs`")
    rng = np.random.default_rng(seed + step)
    began = last = time.monotonic()
    running: list[float] = []

    def save() -> None:
        temporary = state.with_suffix(".tmp")
        torch.save({"network": network.state_dict(), "averaged": averaged.state_dict(), "step": step,
                    "optimizer": optimizer.state_dict(), "spent": spent + time.monotonic() - began}, temporary)
        os.replace(temporary, state)

    while True:
        share = (spent + time.monotonic() - began) / (minutes * 60) if steps is None else step / steps
        if share >= 1:
            break
        for group in optimizer.param_groups:
            warm = min(1.0, (step + 1) / 60)
            group["lr"] = float(RATE * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * min(1.0, share)))))
        loss = back_loss(network, *batch(pairs, rng))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        step += 1
        keep = min(AVERAGE, (1 + step) / (10 + step))
        with torch.no_grad():
            for a, b in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
                if a.dtype.is_floating_point:
                    a.lerp_(b, 1 - keep)
        running.append(float(loss.detach()))
        if step % 50 == 0:
            print(f"step {step} loss {np.mean(running[-50:]):.4f} pairs {len(pairs.data)} {share:.2f}", flush=True)
            pairs.update()
        if time.monotonic() - last > HELD_EVERY:
            save()
            if held.data:
                line = {"step": step, "pairs": len(pairs.data), **errors(averaged, held)}
                with open(run / "curve.jsonl", "a") as file:
                    file.write(json.dumps(line) + "\n")
                print(line, flush=True)
            last = time.monotonic()
    save()
    if held.data:
        print({"step": step, **errors(averaged, held)}, flush=True)
    return averaged.eval()


def export_back(network: BackNet, path: Path) -> None:
    """Writes [1, 4, 256, 256] `image` to [1, 4, 256, 256] `back`."""
    write_graph(network, (SIDE, SIDE), "back", "back", path)


def train_command(a: argparse.Namespace) -> None:
    os.nice(a.nice)
    torch.set_num_threads(a.threads)
    train(a.data, a.run_folder, a.minutes, a.seed, a.steps)
    print(a.run_folder / "state.pt")


def export_command(a: argparse.Namespace) -> None:
    network = BackNet()
    network.load_state_dict(torch.load(a.run_folder / "state.pt", weights_only=True)["averaged"])
    export_back(network, a.pack / FILE)
    print(json.dumps(name_in_pack(a.pack, "back", FILE, "CC0-1.0", a.trained_on, True), indent=2))
