"""Tiles for the refinement: whole views run through the earlier networks, then cut at random.

Inputs are as imperfect as at run time: jittered colours, a matte that is a pixel off, keypoints a few pixels wrong.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..augment import to_input
from ..forward import coarse_image, grow_box, masked_coarse_depth, merge_normals
from ..keypoints import CANVAS, KeypointError, part_thetas
from ..networks import Model
from ..store import FullView, code_of, depth_from_code, read_full
from .batches import GREY

PAD = 64  # empty pixels around the person: the rim must be learnt


@dataclass
class TileView:
    coarse: Tensor  # f32 [2, h / 8, w / 8] masked coarse depth
    normals: Tensor  # f16 [6, h, w] merged
    front: Tensor  # int16 [h, w] codes
    back: Tensor


@torch.no_grad()
def prepare(model: Model, view: FullView, rng: np.random.Generator, device: torch.device) -> TileView:
    """Runs coarse and part networks over one view."""
    mask = view.on_canvas(view.front) > 0
    seen = torch.from_numpy(view.front > 0).to(device)[None, None].float()
    kind = rng.random()
    if kind < 0.3:
        seen = -F.max_pool2d(-seen, 3, 1, 1)
    elif kind < 0.5:
        seen = F.max_pool2d(seen, 3, 1, 1)
    y0, y1, x0, x1 = view.box
    colour = torch.zeros(1, 3, CANVAS, CANVAS, device=device)
    clean = torch.from_numpy(view.colour).to(device).permute(2, 0, 1)[None].float() / 255
    colour[:, :, y0:y1, x0:x1] = clean * seen
    brightness, contrast, saturation = (float(f) for f in rng.uniform(0.75, 1.0, 3))
    grey = (colour * torch.tensor(GREY, device=device).view(1, 3, 1, 1)).sum(1).mean()
    picture = to_input(colour, (brightness, contrast, saturation), brightness * grey)
    coarse = coarse_image(picture).contiguous(memory_format=torch.channels_last)
    coarse_normals = model.img2normal_down(coarse).float()
    with torch.autocast(device.type, enabled=False):  # bf16 features would shake the depth by millimetres
        depth, _ = masked_coarse_depth(model.ImgNorm_to_Dep(coarse, coarse_normals))
    box = grow_box(mask, PAD)
    thetas = part_thetas(view.keypoints + rng.standard_normal((31, 2)) * 4)
    normals = merge_normals(model, picture, coarse_normals, thetas, box)
    y0, y1, x0, x1 = box
    truth = [torch.from_numpy(code_of((view.on_canvas(d)[y0:y1, x0:x1] * 32).astype(np.uint16))).to(device)
             for d in (view.front, view.back)]
    return TileView(depth[0, :, y0 // 8 : y1 // 8, x0 // 8 : x1 // 8].float().clone(), normals.half(), *truth)


def prepare_all(model: Model, files: list[Path], most: int, seconds: float, rng: np.random.Generator,
                device: torch.device) -> list[TileView]:
    """As many views as the time allows, at least one. Views that cannot be placed are skipped aloud."""
    start, out = time.monotonic(), list[TileView]()
    chosen = [files[int(i)] for i in rng.permutation(len(files))[:most]]

    def read(path: Path) -> FullView | None:
        if out and time.monotonic() - start > seconds:
            return None
        try:
            return read_full(path)
        except (OSError, KeyError, ValueError) as error:
            print(f"fine depth: skipped {path.name}: {error}", flush=True)
            return None

    with ThreadPoolExecutor(2) as readers:
        for first in range(0, len(chosen), 16):  # a few at a time: whole views are large
            for view in readers.map(read, chosen[first : first + 16]):
                try:
                    if view is not None:
                        out.append(prepare(model, view, rng, device))
                except KeypointError as error:
                    print(f"fine depth: skipped {view.name if view else '?'}: {error}", flush=True)
    if not out:
        raise RuntimeError("no full view for the fine depth: generate with full_every lower than the number of views")
    return out


def tile_batch(views: list[TileView], count: int, window: tuple[int, int],
               rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """coarse [B, 2, h / 8, w / 8], normals [B, 6, h, w], front and back [B, h, w] in network units."""
    h, w = window
    parts: list[list[Tensor]] = [[], [], [], []]
    while len(parts[0]) < count:
        v = views[int(rng.integers(len(views)))]
        height, width = v.front.shape
        if height < h or width < w:  # a narrow person: grow the canvas with emptiness
            pad = (0, max(0, w - width), 0, max(0, h - height))
            empty = torch.tensor([6.0, 0.0], device=v.coarse.device).view(2, 1, 1)
            coarse = torch.nn.functional.pad(v.coarse - empty, tuple(p // 8 for p in pad)) + empty
            v = TileView(coarse, torch.nn.functional.pad(v.normals, pad),
                         *(torch.nn.functional.pad(d, pad, value=-32768) for d in (v.front, v.back)))
            height, width = v.front.shape
        y = int(rng.integers(0, (height - h) // 8 + 1)) * 8
        x = int(rng.integers(0, (width - w) // 8 + 1)) * 8
        parts[0].append(v.coarse[:, y // 8 : (y + h) // 8, x // 8 : (x + w) // 8])
        parts[1].append(v.normals[:, y : y + h, x : x + w].float())
        parts[2].append(depth_from_code(v.front[y : y + h, x : x + w]))
        parts[3].append(depth_from_code(v.back[y : y + h, x : x + w]))
    coarse, normals, front, back = (torch.stack(p) for p in parts)
    last = torch.channels_last
    return coarse.contiguous(memory_format=last), normals.contiguous(memory_format=last), front, back
