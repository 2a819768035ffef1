"""What a set of weights sees on a photo: clay lit by its merged normals, one column a set of weights.

Quicker than the whole product (no depth, no surface), and shows only what normals carry: hems, plackets, folds. The
matte is the photo's alpha, else what is not black: photos with a ground of their own need an alpha first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from .forward import coarse_image, grow_box, merge_normals
from .keypoints import part_thetas, read_openpose
from .networks import Model
from .pictures import network_input, pad_square, read_picture
from .relief import CODED_SLOPE

BLACK = 6  # grey level up to which a photo without alpha counts as ground
LIGHT = np.array([0.5, 0.55, 0.67])  # a coded normal points right where the depth falls to the right
# Rows of keypoints around which the pictures are cut: shoulders and hips, hips and ankles.
PARTS = {"upper": (0, 5, 6, 11, 12), "legs": (11, 12, 13, 14, 15, 16), "all": tuple(range(17))}


def read_photo(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """uint8 RGB [2048, 2048, 3] and bool matte of a photo. Raises ValueError when nothing is cut out."""
    image = read_picture(path, cv2.IMREAD_UNCHANGED)
    if image.shape[2] == 4:
        mask = image[..., 3] > 127
    else:
        bright = (image.max(2) > BLACK).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        )
        mask = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else bright > 0
    if mask.mean() > 0.9:
        raise ValueError(f"{path.name} has a ground: cut the person out first (alpha, or black around it)")
    rgb = np.ascontiguousarray(image[..., 2::-1])
    return pad_square(rgb), pad_square(mask.astype(np.uint8) * 255) > 127


def lit(normals: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] clay of coded normals f32 [h, w, 3] in 0..1, lit from the upper left; 0 where there are none."""
    n = normals * 2 - 1
    n[..., :2] *= CODED_SLOPE
    n /= np.linalg.norm(n, axis=2, keepdims=True) + 1e-9
    shade = 0.14 + 0.86 * np.clip(n @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    grey = np.where(normals[..., 2] > 0.3, shade * 235, 0).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


@torch.no_grad()
def seen(model: Model, rgb: np.ndarray, mask: np.ndarray, keypoints: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Merged normals f32 [h, w, 6] in a box of the canvas, and the box. rgb, mask, keypoints: of the 2048 canvas."""
    picture = torch.from_numpy(network_input(rgb, mask))[None]
    box = grow_box(mask, 48)
    coarse = model.img2normal_down(coarse_image(picture).contiguous(memory_format=torch.channels_last))
    merged = merge_normals(model, picture, coarse.float(), part_thetas(keypoints), box)
    return merged.numpy().transpose(1, 2, 0), box


def look_command(a: argparse.Namespace) -> None:
    from .train.checkpoint import read_weights

    if a.threads:
        torch.set_num_threads(a.threads)
    a.out.mkdir(parents=True, exist_ok=True)
    models = [read_weights(p)[0].eval().to(memory_format=torch.channels_last) for p in a.weights]
    for path in a.photos:
        try:
            rgb, mask = read_photo(path)
        except ValueError as error:
            print(f"skipped: {error}")
            continue
        height, width = read_picture(path).shape[:2]
        keypoints = read_openpose(path.with_name(f"{path.stem}_keypoints.json"), width, height)
        columns: list[np.ndarray] = []
        for model in models:
            merged, box = seen(model, rgb, mask, keypoints)
            if not columns:
                columns.append(np.where(mask[..., None], rgb, 0)[box[0] : box[1], box[2] : box[3]])
            columns += [lit(merged[..., 3 * side : 3 * side + 3].copy()) for side in ((0, 1) if a.back else (0,))]
        rows = keypoints[list(PARTS[a.part])] - (box[2], box[0])
        low, high = rows.min(0) - a.margin, rows.max(0) + a.margin
        cut = (slice(max(0, int(low[1])), int(high[1])), slice(max(0, int(low[0])), int(high[0])))
        sheet = np.hstack([c[cut] for c in columns])
        cv2.imwrite(str(a.out / f"{path.stem}_{a.part}.png"), np.ascontiguousarray(sheet[..., ::-1]))
        print(a.out / f"{path.stem}_{a.part}.png")
