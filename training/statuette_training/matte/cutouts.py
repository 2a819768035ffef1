"""Cut-outs of rendered people with exact transparency: what scenes are composed from.

    DIR/000123_0.npz   rgba      uint8 [h, w, 4]  shaded sRGB, straight alpha; the box of the person on the 2048 canvas
                       keypoints f32 [31, 2]      pixels of the box
    DIR/000123.done    the person is finished; a restart goes on with the next one

Alpha is the share of four samples a pixel that hit the person. Hair of the building blocks is a shell with hard edges,
so strands of a third of a pixel to a pixel are drawn out of its outline.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .. import native
from ..assets import Assets, open_assets
from ..dataset import HELD_OUT_SEEDS
from ..drape.store import DrapeStore
from ..people.draped import dress
from ..people.person import HAIR, LOOSE_HAIR, Person, make_person
from ..render import Placement, project, random_placement, render_view

FINE = 2  # samples a pixel and axis


@dataclass
class Cutout:
    """A person without surroundings: rgba uint8 [h, w, 4], keypoints f32 [31, 2] in pixels of it."""

    rgba: np.ndarray
    keypoints: np.ndarray


def _fine_ids(person: Person, placement: Placement, box: tuple[int, int, int, int]) -> np.ndarray:
    """int32 [FINE h, FINE w]: nearest triangle of every sample in the box (y0, y1, x0, x1), -1 where none."""
    camera = placement.apply(person.v.astype(np.float64))
    screen = np.empty_like(camera)
    screen[:, :2] = project(camera) * FINE
    screen[:, 2] = -1 / camera[:, 2]
    y0, y1, x0, x1 = (FINE * v for v in box)
    return native.raster(screen, person.cut, person.t, (x0, y0, x1 - x0, y1 - y0), 1)[1]


def _filled(colour: np.ndarray, known: np.ndarray, reach: int = 4) -> np.ndarray:
    """Colours carried outwards, so that a pixel that is only partly covered has the person's colour."""
    out, seen = colour.copy(), known.copy()
    for _ in range(reach):
        weight = cv2.blur(seen.astype(np.float32), (3, 3))
        mean = cv2.blur(out.astype(np.float32) * seen[..., None], (3, 3)) / np.maximum(weight, 1e-6)[..., None]
        new = (weight > 1e-3) & ~seen
        out[new] = np.clip(mean[new], 0, 255).astype(np.uint8)
        seen |= new
    return out


def _with_strands(rgba: np.ndarray, hair: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Single strands drawn out of the hair's outline; hair is bool [h, w]."""
    inside = (rgba[..., 3] > 127).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return rgba
    points = np.concatenate([c[:, 0] for c in contours if len(c) > 80] or [contours[0][:, 0]])
    near = cv2.dilate(hair.astype(np.uint8), np.ones((3, 3), np.uint8))
    at_hair = np.nonzero(near[points[:, 1], points[:, 0]])[0]
    at_hair = at_hair[(at_hair > 8) & (at_hair < len(points) - 8)]
    if len(at_hair) < 30:
        return rgba
    out = rgba.astype(np.float32)
    h, w = inside.shape
    count = int(len(at_hair) * rng.uniform(0.05, 0.8))
    longest = rng.uniform(4, 34)
    sway = rng.standard_normal(2) * 0.4
    for start in rng.choice(at_hair, count):
        p = points[start].astype(np.float64)
        tangent = (points[start + 7] - points[start - 7]).astype(np.float64)
        length = np.linalg.norm(tangent)
        if length < 1:
            continue
        normal = np.array([tangent[1], -tangent[0]]) / length
        x, y = np.clip((p + 4 * normal).astype(int), 0, (w - 1, h - 1))
        if inside[y, x]:
            normal = -normal
        x, y = np.clip((p - 5 * normal).astype(int), 0, (w - 1, h - 1))
        colour = np.clip(rgba[y, x, :3] * rng.uniform(0.7, 1.3), 0, 255)
        along = tangent / length * rng.choice((-1, 1))
        direction = along * rng.uniform(0.4, 1.2) + normal * rng.uniform(0.1, 0.8) + sway * 0.5
        reach = rng.exponential(longest / 2) + 2
        bend = np.array([direction[1], -direction[0]]) * rng.normal(0, 0.3)
        steps = np.linspace(0, 1, 12)[:, None]
        line = p - 3 * normal + reach * (direction * steps + bend * steps**2)
        x0, y0 = np.floor(line.min(0)).astype(int) - 2
        x1, y1 = np.ceil(line.max(0)).astype(int) + 3
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
        if x1 <= x0 or y1 <= y0:
            continue
        stroke = np.zeros((4 * (y1 - y0), 4 * (x1 - x0)), np.uint8)
        fixed = np.round((line - (x0, y0)) * 4 * 16).astype(np.int32)
        cv2.polylines(stroke, [fixed[:, None]], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA, 4)
        small = cv2.resize(stroke, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        cover = small[..., None].astype(np.float32) / 255
        part = out[y0:y1, x0:x1]
        alpha = part[..., 3:] / 255
        both = cover + alpha * (1 - cover)
        mixed = colour * cover + part[..., :3] * alpha * (1 - cover)
        part[..., :3] = np.where(both > 0, mixed / np.maximum(both, 1e-6), 0)
        part[..., 3:] = both * 255
    return np.round(out).astype(np.uint8)


def make_cutout(person: Person, rng: np.random.Generator, strands: bool = True) -> Cutout | None:
    """One view of a person; None when the person does not fit the canvas."""
    placement = random_placement(rng)
    view = render_view(person, placement, rng)
    if view is None:
        return None
    ids = _fine_ids(person, placement, view.box)
    h, w = view.colour.shape[:2]

    def share(samples: np.ndarray) -> np.ndarray:
        return samples.reshape(h, FINE, w, FINE).mean((1, 3), dtype=np.float32)

    alpha = share(ids >= 0)
    hair = share((ids >= 0) & (person.part[np.maximum(ids, 0)] == HAIR)) > 0.5
    rgba = np.dstack([_filled(view.colour, view.mask), np.round(alpha * 255).astype(np.uint8)])
    rgba[alpha == 0] = 0
    if strands:
        rgba = _with_strands(rgba, hair, rng)
    y0, _, x0, _ = view.box
    return Cutout(rgba, (view.keypoints - (x0, y0)).astype(np.float32))


def _people(assets: Assets, seed: int, held_out: bool, views: int, store: DrapeStore | None) -> Iterator[Person]:
    """The person of a seed for each view: in kept simulated clothes (two looks), or in the package's other clothes."""
    kept = None if store is None else store.get(seed)
    if kept is None:
        person = make_person(assets, seed, held_out, True, LOOSE_HAIR)
    for k in range(views):
        if kept is not None and k % 2 == 0:
            person = dress(assets, kept, k // 2)
        yield person


def write_cutouts(folder: Path, first: int, people: int, views: int, held_out: bool, drapes: Path | None,
                  seconds: float = 1e9) -> int:
    """Writes the cut-outs of people first, first + 1, ...; returns how many are new."""
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    assets, store = open_assets(), None if drapes is None else DrapeStore(drapes)
    start, written = time.monotonic(), 0
    for seed in range(first, first + people):
        if time.monotonic() - start > seconds:
            break
        done = folder / f"{seed:06d}.done"
        if done.exists():
            continue
        number = seed + (HELD_OUT_SEEDS if held_out else 0)
        for k, person in enumerate(_people(assets, number, held_out, views, store)):
            cutout = make_cutout(person, np.random.default_rng([number, 7000 + k]))
            if cutout is None:
                continue
            path = folder / f"{seed:06d}_{k}.npz"
            temporary = path.with_suffix(".tmp")
            with open(temporary, "wb") as file:
                np.savez(file, png=cv2.imencode(".png", cutout.rgba, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1],
                         keypoints=cutout.keypoints)
            os.replace(temporary, path)
            written += 1
        done.touch()
    return written


def read_cutout(path: Path) -> Cutout:
    with np.load(path) as file:
        rgba = cv2.imdecode(file["png"], cv2.IMREAD_UNCHANGED)
        if rgba is None:
            raise ValueError(f"{path} holds no picture: delete it, and it is made again")
        return Cutout(rgba, file["keypoints"])


def cutouts_command(a: argparse.Namespace) -> None:
    if a.nice:
        os.nice(a.nice)
    count = write_cutouts(a.out, a.first, a.people, a.views, a.held_out, a.drapes, a.seconds)
    print(f"{count} new cut-outs in {a.out}")
