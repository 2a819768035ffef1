"""Pictures for people to look at: sheets of random people, and all stages of one view side by side."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from . import native
from .forward import ChainResult
from .store import FullView


def clay(depth: np.ndarray, back: bool = False) -> np.ndarray:
    """uint8 [h, w, 3]: the relief of a depth map in D units, lit from the upper left; 0 where empty."""
    mask = depth > 100
    weight = np.maximum(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0), 0.3)
    d = cv2.GaussianBlur(np.where(mask, depth, 0).astype(np.float32), (0, 0), 1.0) / weight
    gy, gx = np.gradient(-d if back else d)
    length = np.sqrt(gx * gx + gy * gy + 1)
    light = np.array([0.45, 0.5, 0.75]) / np.linalg.norm([0.45, 0.5, 0.75])
    shade = 0.12 + 0.88 * np.clip((gx * light[0] + gy * light[1] + light[2]) / length, 0, 1)
    shade[~mask] = 0
    return np.repeat((shade * 235).astype(np.uint8)[..., None], 3, 2)


def chain_sheet(view: FullView, result: ChainResult, height: int = 620) -> np.ndarray:
    """BGR picture: photo, merged normals front and back, clay of the final front and back, clay of the truth."""
    from .evaluate import on_canvas

    box = result.box
    merged = np.clip(result.normals.cpu().numpy().transpose(1, 2, 0) * 255, 0, 255).astype(np.uint8)
    panels = [on_canvas(view, view.colour, box), merged[..., :3], merged[..., 3:],
              clay(result.front.cpu().numpy() * 512), clay(result.back.cpu().numpy() * 512, True),
              clay(on_canvas(view, view.front, box)), clay(on_canvas(view, view.back, box), True)]
    row = np.hstack(panels)
    return cv2.resize(row[..., ::-1], None, fx=height / row.shape[0], fy=height / row.shape[0],
                      interpolation=cv2.INTER_AREA)


def people_sheet(first: int, count: int, path: Path, height: int = 620) -> None:
    """Random people: colour, front clay, back clay."""
    from .assets import open_assets
    from .people.person import make_person
    from .render import random_placement, render_view

    rows = []
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        view = render_view(make_person(open_assets(), seed), random_placement(rng), rng)
        if view is None:
            continue
        row = np.hstack([view.colour, native.coded_normals(view.front), clay(view.front), clay(view.back, True)])
        scale = height / row.shape[0]
        rows.append(cv2.resize(row[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(path), np.hstack(rows))
