"""What the back network learns from: the front as photographed, and what the far surface really looks like.

    ROOT/train/000123_0.npz   front   uint8 [256, 256, 3]  as photographed, ground 0
                              cover   uint8 [256, 256]     share of the cell that the person covers, x 255
                              target  uint8 [256, 256, 3]  the far surface's own colours under the front's mean light
                              same    uint8 [256, 256]     255 where both sides have one cloth: the front's texture fits
    ROOT/held/900000_0/       photo.png, mask.png, keypoints.json, back.png at 2048, for `npm run bench -- back`

Cells are 8 x 8 pixels of the canvas. The far surface is seen along the same rays, so that a cell of the target lies
behind the same cell of the photo. Its colours are unshaded: what the light does behind a person nobody can tell.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..assets import Assets, open_assets
from ..drape.store import DrapeStore
from ..people.draped import dress
from ..people.person import Person, make_person
from ..render import View, full_frame, random_placement, render_view

SIDE = 256
GAMMA = 2.2
NEAR_COLOUR = 14  # grey levels: two surfaces whose cells differ by less are of one colour
NEAR_CONTRAST = 12  # the same for the spread around a place: of checks and stripes the phase differs behind a person
PATTERNED = 6  # of the spread: less is plain cloth
AROUND = 3.0  # cells
DARK = 0.01  # linear; darker texels say nothing of the light
FIRST_LOOK = 40  # looks of a drape that the part networks never see


def cells(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Means f32 [256, 256, c] over the person's pixels of each cell of a 2048 picture; 0 where there is nobody."""
    n = image.shape[0] // SIDE
    weight = mask.astype(np.float32)[..., None]
    shape = (SIDE, n, SIDE, n, -1)
    total = (image.astype(np.float32) * weight).reshape(shape).sum((1, 3))
    return total / np.maximum(weight.reshape(shape).sum((1, 3)), 1)


def _around(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Weighted means f32 [256, 256, c] around each cell, over those of `mask` f32 [256, 256, 1]."""
    total = cv2.GaussianBlur(values * mask, (0, 0), AROUND)
    return total / np.maximum(cv2.GaussianBlur(mask[..., 0], (0, 0), AROUND), 1e-3)[..., None]


def same_cloth(own: np.ndarray, far: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """bool [256, 256]: both sides' own colours f32 [256, 256, 3] are alike there, or patterned alike around it."""
    weight = mask.astype(np.float32)[..., None]
    alike = np.abs(own - far).max(2) < NEAR_COLOUR
    means = [_around(x, weight) for x in (own, far)]
    spread = [np.sqrt(np.maximum(_around(x * x, weight) - m * m, 0)) for x, m in zip((own, far), means, strict=True)]
    pattern = (np.abs(means[0] - means[1]).max(2) < NEAR_COLOUR) & (spread[0].max(2) > PATTERNED)
    pattern &= np.abs(spread[0] - spread[1]).max(2) < NEAR_CONTRAST
    out: np.ndarray = (alike | pattern) & mask
    return out


def front_light(photo: np.ndarray, plain: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """By how much the light changes the front's own colours, linear, median per channel: f32 [3]."""
    shown, own = ((x[mask].astype(np.float32) / 255) ** GAMMA for x in (photo, plain))
    seen = (own > DARK).all(1)
    if seen.sum() < 100:
        return np.ones(3, np.float32)
    return np.median(shown[seen] / own[seen], axis=0).astype(np.float32)


def lit(plain: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Unshaded colours uint8 [..., 3] under a mean light."""
    linear = (plain.astype(np.float32) / 255) ** GAMMA * gain
    return (np.clip(linear, 0, 1) ** (1 / GAMMA) * 255 + 0.5).astype(np.uint8)


def pair_of(view: View) -> dict[str, Any]:
    """The arrays of one view, drawn with `extras`."""
    assert view.plain is not None and view.plain_back is not None
    mask, photo, plain, plain_back = (full_frame(view, n) for n in ("mask", "colour", "plain", "plain_back"))
    gain = front_light(photo, plain, mask)
    own, far = (cells(x, mask) for x in (plain, plain_back))
    same = same_cloth(own, far, mask[4::8, 4::8])
    return {
        "front": (cells(photo, mask) + 0.5).astype(np.uint8),
        "cover": (cells(mask[..., None] * 255.0, np.ones_like(mask))[..., 0] + 0.5).astype(np.uint8),
        "target": (cells(lit(plain_back, gain), mask) + 0.5).astype(np.uint8),
        "same": same.astype(np.uint8) * 255,
    }


def write_photo(view: View, folder: Path) -> None:
    """A held-out view as the bench reads it, with the truth of the far side."""
    assert view.plain is not None and view.plain_back is not None
    folder.mkdir(parents=True, exist_ok=True)
    mask, photo, plain, plain_back = (full_frame(view, n) for n in ("mask", "colour", "plain", "plain_back"))
    back = lit(plain_back, front_light(photo, plain, mask)) * mask[..., None]
    for name, image in (("photo", photo[..., ::-1]), ("back", back[..., ::-1]), ("mask", mask.astype(np.uint8) * 255)):
        cv2.imwrite(str(folder / f"{name}.png"), image)
    points = [[round(float(c), 2) for c in p] for p in view.keypoints]
    (folder / "keypoints.json").write_text(json.dumps({"keypoints": points}))


def looks(assets: Assets, drapes: DrapeStore | None, seed: int, held_out: bool, count: int) -> Iterator[Person]:
    """One person in several looks: of a kept drape where there is one, else in the package's other clothes."""
    kept = None if drapes is None else drapes.get(seed)
    if kept is None:
        yield make_person(assets, seed, held_out)
        return
    for k in range(count):
        yield dress(assets, kept, FIRST_LOOK + k)


def make_pairs(root: Path, seeds: list[int], drapes: Path | None, held_out: bool, a_look: int, count: int) -> int:
    """Writes the views of these people that are not there yet; returns how many."""
    cv2.setNumThreads(1)
    assets, store = open_assets(), None if drapes is None else DrapeStore(drapes)
    folder = root / ("held" if held_out else "train")
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for seed in seeds:
        done = folder / f"{seed:06d}.done"
        if done.exists():
            continue
        for look, person in enumerate(looks(assets, store, seed, held_out, count)):
            for k in range(a_look):
                rng = np.random.default_rng([seed, 77, look, k])
                view = render_view(person, random_placement(rng), rng, extras=True)
                if view is None:
                    continue
                name = f"{seed:06d}_{look * a_look + k}"
                temporary = folder / f"{name}.tmp"
                with open(temporary, "wb") as file:
                    np.savez(file, **pair_of(view))
                os.replace(temporary, folder / f"{name}.npz")
                if held_out:
                    write_photo(view, folder / name)
                written += 1
        done.touch()
    return written


def pairs_command(a: argparse.Namespace) -> None:
    os.nice(a.nice)
    seeds = [int(p.stem) for p in sorted(a.drapes.glob("*.npz"))] if a.drapes and a.people is None else [
        (900_000 if a.held_out else 0) + a.first + k for k in range(a.people or 0)]
    print(f"{make_pairs(a.out, seeds[a.worker :: a.workers], a.drapes, a.held_out, a.views, a.looks)} views in {a.out}")
