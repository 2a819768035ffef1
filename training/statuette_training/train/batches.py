"""Training batches from the store: coarse canvases and part crops, flipped, augmented, windowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..augment import Augment, to_input, train_input
from ..keypoints import CROP, crop_matrix
from ..store import Store, depth_from_code

FACE_MIDDLE = np.array([210, 160])  # row and column of the middle of a face in its crop (measured)
FACE_JITTER = 24
GREY = (0.299, 0.587, 0.114)


@dataclass
class CoarseBatch:
    x: Tensor  # [B, 3, h, w] network input
    front: Tensor  # [B, h, w] network units, empty 0
    back: Tensor

    @property
    def mask(self) -> Tensor:
        return (self.front > 0).float()[:, None]


def _canvas_level(x: Tensor) -> Tensor:
    weights = torch.tensor(GREY, device=x.device).view(1, 3, 1, 1)
    return (x * weights).sum(1, keepdim=True).mean((2, 3), keepdim=True)


def coarse_canvases(store: Store, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Clean colour [B, 3, 256, 256] in 0..1 and both depths [B, 256, 256]."""
    index = torch.as_tensor(rows, device=store.device)
    colour = store.colour.data[index].permute(0, 3, 1, 2).float() / 255
    return colour, depth_from_code(store.front.data[index]), depth_from_code(store.back.data[index])


def test_input(colour: Tensor) -> Tensor:
    """The input at run time: the fixed jitter over the whole canvas."""
    return to_input(colour, (0.85, 0.85, 0.85), 0.85 * _canvas_level(colour))


def coarse_batch(store: Store, count: int, window: tuple[int, int] | None, rng: np.random.Generator,
              augment: Augment) -> CoarseBatch:
    """A random batch. The window follows the person, jittered; the grey level is that of the whole canvas."""
    rows = rng.integers(0, len(store), count)
    colour, front, back = coarse_canvases(store, rows)
    mask = (front > 0).float()[:, None]
    x = train_input(colour, mask, augment, 0.85 * _canvas_level(colour))
    flips = rng.random(count) < 0.5
    flip = torch.as_tensor(flips, device=store.device)
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    front = torch.where(flip[:, None, None], front.flip(-1), front)
    back = torch.where(flip[:, None, None], back.flip(-1), back)
    if window is not None:
        h, w = window
        cuts = []
        for i, row in enumerate(rows):
            y0, y1, x0, x1 = store.boxes[row]
            if flips[i]:
                x0, x1 = 255 - x1, 255 - x0
            spare_y, spare_x = max(6, (h - (y1 - y0)) // 2), max(10, (w - (x1 - x0)) // 2)
            top = (y0 + y1) // 2 - h // 2 + int(rng.integers(-spare_y, spare_y + 1))
            left = (x0 + x1) // 2 - w // 2 + int(rng.integers(-spare_x, spare_x + 1))
            cuts.append((int(np.clip(top, 0, 256 - h)), int(np.clip(left, 0, 256 - w))))
        x = torch.stack([x[i, :, a : a + h, b : b + w] for i, (a, b) in enumerate(cuts)])
        front = torch.stack([front[i, a : a + h, b : b + w] for i, (a, b) in enumerate(cuts)])
        back = torch.stack([back[i, a : a + h, b : b + w] for i, (a, b) in enumerate(cuts)])
    return CoarseBatch(x.contiguous(memory_format=torch.channels_last), front, back)


class CoarseNormals:
    """Predicted front normals of every view (uint8 [n, 3, 256, 256]), made once per view with a random input."""

    def __init__(self, store: Store, net: nn.Module, augment: Augment | None, batch: int) -> None:
        self.store, self.net, self.augment, self.batch = store, net, augment, batch
        self.data = torch.empty((0, 3, 256, 256), dtype=torch.uint8, device=store.device)

    def _around(self, rows: np.ndarray) -> tuple[slice, slice]:
        """The window that holds all these people with some room: the ground is empty, so most of a canvas is waste."""
        boxes = np.array([self.store.boxes[int(r)] for r in rows])
        low, high = boxes[:, [0, 2]].min(0) - 24, boxes[:, [1, 3]].max(0) + 25
        low, high = np.maximum(low // 8 * 8, 0), np.minimum(-(-high // 8) * 8, 256)
        return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))

    @torch.no_grad()
    def update(self) -> None:
        """Adds the views that came since the last call."""
        fresh = []
        end = self.store.crop_views
        for first in range(len(self.data), end, self.batch):
            rows = np.arange(first, min(first + self.batch, end))
            colour, front, _ = coarse_canvases(self.store, rows)
            if self.augment is None:
                x = test_input(colour)
            else:
                x = train_input(colour, (front > 0).float()[:, None], self.augment, 0.85 * _canvas_level(colour))
            window = self._around(rows)
            near = self.net(x[(..., *window)].contiguous(memory_format=torch.channels_last))[:, :3].float()
            normals = torch.zeros(len(rows), 3, 256, 256, dtype=torch.uint8, device=x.device)
            normals[(..., *window)] = (near.clamp(0, 1) * 255 + 0.5).byte()
            fresh.append(normals)
        if fresh:
            self.data = torch.cat((self.data, *fresh))


@dataclass
class PartBatch:
    x: Tensor  # [B, 6, h, w] colour and warped coarse normals
    target: Tensor  # [B, 6, h, w] coded normals
    mask: Tensor  # [B, 1, h, w]


def _mirror_normals(n: Tensor, mask: Tensor) -> Tensor:
    """Flips coded normal maps left to right: x changes sign where there is a surface."""
    n = n.flip(-1)
    m = mask.flip(-1)
    sign = torch.ones(n.shape[1], dtype=torch.bool, device=n.device)
    sign[0::3] = False
    return torch.where(sign.view(1, -1, 1, 1) | ~m, n, 1 - n)


def part_batch(store: Store, normals: CoarseNormals, parts: list[str], window: tuple[int, int] | None,
               rng: np.random.Generator, augment: Augment | None, focus: bool = False) -> PartBatch:
    """Crops of the given kinds; all of one kind when window is None. augment None: as at run time.

    A window's middle lies in the box around the body: empty ground is learnt in no time. focus: seven of ten face
    windows lie on the face.
    """
    crops, grids = [], []
    for part in parts:
        kept = store.parts[part]
        height, width = CROP[part]
        h, w = window or (height, width)
        if not kept.view or kept.view[0] >= len(normals.data):
            raise ValueError(f"no {part} crop among {len(store)} views: generate more people before training")
        i = int(rng.integers(0, min(len(kept.view), kept.crops.n)))
        while kept.view[i] >= len(normals.data):
            i = int(rng.integers(0, len(kept.view)))
        first, last, left_most, right_most = kept.body[i]
        middle = np.array([rng.integers(first, last + 1), rng.integers(left_most, right_most + 1)])
        if focus and part == "face" and rng.random() < 0.7:
            middle = rng.integers(-FACE_JITTER, FACE_JITTER + 1, 2) + FACE_MIDDLE
        top, left = (int(v) for v in np.clip(middle - (h // 2, w // 2), 0, (height - h, width - w)))
        crop = kept.crops.data[i, top : top + h, left : left + w]
        crops.append(crop)
        matrix = crop_matrix(store.thetas[kept.view[i]][kept.row[i]], height, width, 256)
        matrix[:, 2] += matrix[:, :2] @ np.array([left, top])
        grids.append((kept.view[i], matrix))
    data = torch.stack(crops).permute(0, 3, 1, 2).float() / 255
    h, w = data.shape[-2:]
    m = torch.as_tensor(np.stack([g for _, g in grids]), dtype=torch.float32, device=store.device)
    xs = torch.arange(w, device=store.device, dtype=torch.float32)
    ys = torch.arange(h, device=store.device, dtype=torch.float32)[:, None]
    sx, sy = (m[:, k, 0, None, None] * xs + m[:, k, 1, None, None] * ys + m[:, k, 2, None, None] for k in (0, 1))
    grid = torch.stack(((2 * sx + 1) / 256 - 1, (2 * sy + 1) / 256 - 1), -1)
    views = torch.as_tensor([v for v, _ in grids], device=store.device)
    coarse = F.grid_sample(normals.data[views].float() / 255, grid, align_corners=False)
    colour, target = data[:, :3], data[:, 3:]
    mask = target[:, 2:3] > 0
    if augment is None:
        x = to_input(colour, (0.85, 0.85, 0.85), 0.035)
        return PartBatch(torch.cat((x, coarse), 1).contiguous(memory_format=torch.channels_last), target, mask.float())
    level = augment.uniform(0.01, 0.07, len(parts), 1, 1, 1)
    x = train_input(colour, mask.float(), augment, level, matte_radius=int(rng.integers(1, 4)))
    if rng.random() < 0.5:  # the whole batch: one flip is as good as another here
        x, target, coarse = x.flip(-1), _mirror_normals(target, mask), _mirror_normals(coarse, coarse[:, 2:3] > 0.3)
        mask = mask.flip(-1)
    return PartBatch(torch.cat((x, coarse), 1).contiguous(memory_format=torch.channels_last), target, mask.float())
