"""The phase-2 chain in torch: coarse image, coarse normals and depth, part normals, merge, refinement.

Follows docs/method.md#forward-pass, but samples windows directly instead of whole 2048 canvases. The coarse normals for
the parts are sampled from 256 directly (the reference doubles a bilinear step; the difference is far below a grey
level). Everything is align_corners False with zero padding. Batch 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .keypoints import CANVAS, CROP, GROUP, crop_matrix, invert_affines
from .networks import PART_NETS, Model

COARSE = 256
COARSE_STEP = CANVAS // COARSE


def coarse_image(picture: Tensor) -> Tensor:
    """[..., 2048, 2048] to [..., 256, 256]: the mean of the 2x2 block at rows and columns 8i + 3, 8i + 4."""
    a, b = picture[..., 3::8, :], picture[..., 4::8, :]
    return (a[..., 3::8] + a[..., 4::8] + b[..., 3::8] + b[..., 4::8]) / 4


def affine_window(matrix: np.ndarray, height: int, width: int, source: tuple[int, int], device: torch.device) -> Tensor:
    """Sampling grid f32 [1, height, width, 2] for grid_sample: window pixel (x, y, 1) times `matrix` = source pixel."""
    # The affine map in normalised coordinates is folded on the host in f64; only one product and sum run in f32.
    scale, shift = 2 / np.array([source[1], source[0]]), 1 / np.array([source[1], source[0]]) - 1
    m = np.asarray(matrix, np.float64) * scale[:, None]
    m[:, 2] += shift
    x = torch.arange(width, dtype=torch.float32, device=device)
    y = torch.arange(height, dtype=torch.float32, device=device)[:, None]
    return torch.stack([float(r[0]) * x + (float(r[1]) * y + float(r[2])) for r in m], -1)[None]


def sample(image: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(image, grid.to(image.dtype), mode="bilinear", padding_mode="zeros", align_corners=False)


def blur_profile(n: int) -> np.ndarray:
    """f32 [n]: a box of n - 16 in the middle of n, blurred with the 15-tap Gaussian of sigma 5."""
    box = np.zeros(n)
    box[8 : n - 8] = 1
    k = np.exp(-(np.arange(-7, 8) ** 2) / 50.0)
    return np.convolve(box, k / k.sum(), "same").astype(np.float32)


def occupancy(part: str) -> np.ndarray:
    """f32 [h, w] weight of a part crop that lies wholly inside the picture."""
    h, w = CROP[part]
    return np.outer(blur_profile(h), blur_profile(w))


def grow_box(mask: np.ndarray, margin: int, step: int = 16) -> tuple[int, int, int, int]:
    """y0, y1, x0, x1 around a mask [2048, 2048], grown by `margin` and out to multiples of `step`."""
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    if not len(rows):
        raise ValueError("the mask is empty: no person to measure")

    def out(low: int, high: int) -> tuple[int, int]:
        return max(0, (low - margin) // step * step), min(CANVAS, -(-(high + 1 + margin) // step) * step)

    return (*out(rows[0], rows[-1]), *out(columns[0], columns[-1]))


@dataclass
class ChainResult:
    """All stages of one view. Full-frame arrays live inside `box` (y0, y1, x0, x1) of the 2048 canvas only."""

    box: tuple[int, int, int, int]
    coarse_normals: Tensor  # [6, 256, 256]
    coarse_depth: Tensor  # [2, 256, 256] after relu6
    coarse_mask: Tensor  # bool [256, 256]
    normals: Tensor  # [6, h, w] merged
    front: Tensor  # [h, w] network units, 0 where removed
    back: Tensor
    mask: Tensor  # [h, w] probability


def masked_coarse_depth(raw: Tensor) -> tuple[Tensor, Tensor]:
    """relu6 and the mask rule: front 6 and back 0 outside. raw [B, 3, h, w] to depth [B, 2, h, w], mask [B, h, w]."""
    depth, mask = F.relu6(raw[:, :2]), raw[:, 2] > 0
    outside = torch.tensor([6.0, 0.0], device=raw.device, dtype=raw.dtype).view(1, 2, 1, 1).expand_as(depth)
    return torch.where(mask[:, None], depth, outside), mask


@torch.no_grad()
def merge_normals(model: Model, picture: Tensor, coarse_normals: Tensor, thetas: np.ndarray,
                  box: tuple[int, int, int, int]) -> Tensor:
    """Merged normals [6, h, w] in `box`. picture [1, 3, 2048, 2048] normalised, coarse_normals [1, 6, 256, 256]."""
    y0, y1, x0, x1 = box
    device, dtype = picture.device, torch.float32
    total = torch.zeros(6, y1 - y0, x1 - x0, device=device, dtype=dtype)
    weight = torch.zeros(y1 - y0, x1 - x0, device=device, dtype=dtype)
    for part in PART_NETS:
        rows = [i for i in range(12) if GROUP[i] == part]
        h, w = CROP[part]
        inputs = []
        for i in rows:
            crop = sample(picture, affine_window(crop_matrix(thetas[i], h, w), h, w, (CANVAS, CANVAS), device))
            grid = affine_window(crop_matrix(thetas[i], h, w, COARSE), h, w, (COARSE, COARSE), device)
            inputs.append(torch.cat((crop, sample(coarse_normals[:, :3], grid)), 1))
        batch = torch.cat(inputs).contiguous(memory_format=torch.channels_last)
        normals = model.part_net(part)(batch).float()
        window = torch.from_numpy(occupancy(part)).to(device)
        for i, n in zip(rows, normals, strict=True):
            image_from_crop = crop_matrix(thetas[i], h, w)
            corners = np.array([[0, 0, 1], [w, 0, 1], [0, h, 1], [w, h, 1]]) @ image_from_crop.T
            low, high = np.floor(corners.min(0)).astype(int) - 1, np.ceil(corners.max(0)).astype(int) + 2
            a, b = max(int(low[1]), y0), min(int(high[1]), y1)
            c, d = max(int(low[0]), x0), min(int(high[0]), x1)
            if a >= b or c >= d:
                continue
            crop_from_image = invert_affines(image_from_crop)
            crop_from_image[:, 2] += crop_from_image[:, :2] @ np.array([c, a])
            grid = affine_window(crop_from_image, b - a, d - c, (h, w), device)
            warped = sample(torch.cat((n, window[None]))[None], grid)[0]
            region = (slice(a - y0, b - y0), slice(c - x0, d - x0))
            total[:, region[0], region[1]] += warped[:6] * warped[6]
            weight[region] += warped[6]
    return total / torch.where(weight > 0, weight, torch.ones_like(weight))


def coarse_pair(model: Model, coarse: Tensor, mirror: bool) -> tuple[Tensor, Tensor]:
    """Coarse normals [B, 6, h, w] and raw depth [B, 3, h, w]. mirror: depth averaged with that of the mirrored picture.

    A person and its mirror image are equally likely: what the two answers do not share is error.
    """
    coarse_normals = model.img2normal_down(coarse)
    raw = model.ImgNorm_to_Dep(coarse, coarse_normals)
    if mirror:
        turned = coarse.flip(-1).contiguous(memory_format=torch.channels_last)
        raw = (raw + model.ImgNorm_to_Dep(turned, model.img2normal_down(turned)).flip(-1)) / 2
    return coarse_normals, raw


@torch.no_grad()
def chain(model: Model, picture: Tensor, thetas: np.ndarray, box: tuple[int, int, int, int],
          mirror: bool = False) -> ChainResult:
    """Runs every stage. picture [1, 3, 2048, 2048] normalised ((x / 255 - 0.5) / 0.5, jittered, ground 0).

    mirror: the coarse depth is asked twice, as the app's robust mode does.
    """
    coarse = coarse_image(picture).contiguous(memory_format=torch.channels_last)
    coarse_normals, raw = coarse_pair(model, coarse, mirror)
    depth, coarse_mask = masked_coarse_depth(raw)
    normals = merge_normals(model, picture, coarse_normals.float(), thetas, box)
    y0, y1, x0, x1 = box
    s = COARSE_STEP
    coarse_tile = depth[:, :, y0 // s : y1 // s, x0 // s : x1 // s].contiguous(memory_format=torch.channels_last)
    fine = model.refine(coarse_tile, normals[None].contiguous(memory_format=torch.channels_last)).float()
    front, back = F.relu6(fine[0, 0]), F.relu6(fine[0, 1])
    removed = front > back
    zero = torch.zeros_like(front)
    front, back = torch.where(removed, zero, front), torch.where(removed, zero, back)
    return ChainResult(box, coarse_normals[0].float(), F.relu6(raw[0, :2]).float(), coarse_mask[0], normals, front,
                       back, torch.sigmoid(fine[0, 2]))
