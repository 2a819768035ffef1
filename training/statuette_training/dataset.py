"""The data set on disk: one npz per view, made from seeds, resumable, safe with many writers.

    ROOT/train/000123_0.npz    low      uint8 [256, 256, 3]    ground 0
                               front, back  uint16 [256, 256]  D x 32 at rows and columns 8i + 3, 0 empty
                               thetas   f32 [12, 2, 3]         from slightly wrong keypoints, as at run time
                               crop_P   uint8 [h, w, 9]        P = face, upper, arm, leg, shoe: colour, coded front
                                                               and back normals; row_P says which of the 12 parts it is
                               full_*   box, colour, front, back of the whole view, on some views only
    ROOT/train/000123.done     the person is finished; a restart goes on with the next one

One seed is one person; views use seeds derived from it, so any subset can be made again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from . import native
from .assets import Assets, open_assets
from .drape.store import DrapeStore
from .keypoints import CANVAS, CROP, KeypointError, crop_matrix, part_thetas, stored_part
from .people.draped import DrapeError, dress, new_drape
from .people.person import LOOSE_HAIR, Person, make_person
from .render import View, random_placement, render_view
from .tensor_render import TensorPerson

HELD_OUT_SEEDS = 900_000
LEAST_FREE_BYTES = 5 << 30  # generation stops rather than fill the disk that checkpoints need
# Share of views that keep a crop of each kind; faces always, because they are what people look at.
KEEP_CROP = {"face": 1.0, "upper": 0.5, "arm": 0.7, "leg": 0.6, "foot": 0.5}
ROWS = {"face": (0,), "upper": (1,), "arm": (2, 3, 4, 5), "leg": (6, 7, 8, 9), "foot": (10, 11)}


@dataclass(frozen=True)
class DataPlan:
    """What to make. `full_every`: every n-th view keeps its whole picture (for the refinement and evaluation).

    The coarse networks profit from many more bodies than the part networks can be stored crops of.
    """

    root: Path
    held_out: bool = False
    views: int = 3
    full_every: int = 8
    coarse_only_from: int = 1 << 30  # people from this place on keep only the coarse arrays (0.5 MB a view)
    folder: str = ""
    extras: bool = True  # bags, belts, caps and seated poses
    loose_hair: float | None = None  # share of women; None: LOOSE_HAIR, and 0 of those held out, as they always were
    simulated: float = 0.0  # share of people in simulated clothes (people/draped.py); the others stay as they were
    drapes: Path | None = None  # where their drapes are kept and taken from
    views_a_look: int = 2  # of a drape, before it gets other fabrics, skin and hair
    device: str = ""  # the pictures are made there; by the C room when empty

    @property
    def directory(self) -> Path:
        return self.root / (self.folder or ("held" if self.held_out else "train"))


def coarse_colour(view: View) -> np.ndarray:
    """uint8 [256, 256, 3]: the mean of the 2x2 block at 8i + 3, 8i + 4."""
    y0, y1, x0, x1 = view.box
    a = view.colour.astype(np.uint16)
    block = a[3::8, 3::8] + a[3::8, 4::8] + a[4::8, 3::8] + a[4::8, 4::8]
    out = np.zeros((CANVAS // 8, CANVAS // 8, 3), np.uint8)
    out[y0 // 8 : y1 // 8, x0 // 8 : x1 // 8] = (block + 2) // 4
    return out


def coded_depth(depth: np.ndarray) -> np.ndarray:
    """D units to uint16 D x 32, truncated; 0 stays empty."""
    return np.clip(depth * 32, 0, 65535).astype(np.uint16)


def coarse_depth(view: View, depth: np.ndarray) -> np.ndarray:
    y0, y1, x0, x1 = view.box
    out = np.zeros((CANVAS // 8, CANVAS // 8), np.uint16)
    out[y0 // 8 : y1 // 8, x0 // 8 : x1 // 8] = coded_depth(depth[3::8, 3::8])
    return out


def crop_of(view: View, image: np.ndarray, theta: np.ndarray, part: str) -> np.ndarray:
    """A part crop of a box picture, sampled as the networks sample it (bilinear, zero outside)."""
    h, w = CROP[part]
    matrix = crop_matrix(theta, h, w)
    matrix[:, 2] -= (view.box[2], view.box[0])
    return cv2.warpAffine(image, matrix, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def view_record(view: View, rng: np.random.Generator, full: bool, everything: bool,
                coarse_only: bool = False) -> dict[str, Any]:
    """The arrays of one view. Raises KeypointError when its keypoints cannot place the parts."""
    noise = rng.standard_normal((31, 2)) * float(rng.choice([1.0, 3.0, 7.0, 14.0], p=[0.25, 0.3, 0.3, 0.15]))
    thetas = part_thetas(view.keypoints + noise)
    record: dict[str, Any] = {
        "low": coarse_colour(view), "front": coarse_depth(view, view.front), "back": coarse_depth(view, view.back),
        "thetas": thetas, "keypoints": view.keypoints.astype(np.float32), "visible": view.visible,
        "mm_per_unit": np.float32(view.mm_per_unit), "yaw": np.float32(view.yaw),
    }
    if coarse_only:
        return record
    normals = [native.coded_normals(view.front), native.coded_normals(view.back)]
    for part, rows in ROWS.items():
        if rng.random() < KEEP_CROP[part] or everything:
            row = int(rng.choice(rows))
            layers = [crop_of(view, image, thetas[row], part) for image in (view.colour, *normals)]
            record[f"crop_{stored_part(part)}"] = np.concatenate(layers, 2)
            record[f"row_{stored_part(part)}"] = np.int32(row)
    if full:
        record |= {"full_box": np.array(view.box, np.int32), "full_colour": view.colour,
                   "full_front": coded_depth(view.front), "full_back": coded_depth(view.back)}
    return record


def people_of(assets: Assets, plan: DataPlan, seed: int) -> Iterator[Person]:
    """The person of a seed for each view: always the same, or, in simulated clothes, one drape in several looks.

    A seed whose drapes all failed gives the package's other clothes.
    """
    if np.random.default_rng([seed, 31]).random() < plan.simulated:
        store = None if plan.drapes is None else DrapeStore(plan.drapes)
        kept = None if store is None else store.get(seed)
        try:
            if kept is None:
                kept, _ = new_drape(assets, seed, plan.held_out)
                if store is not None:
                    store.put(kept)
            for k in range(plan.views):
                if k % plan.views_a_look == 0:
                    person = dress(assets, kept, k // plan.views_a_look)
                yield person
            return
        except DrapeError as error:
            print(error, flush=True)
    loose = plan.loose_hair if plan.loose_hair is not None else 0 if plan.held_out else LOOSE_HAIR
    person = make_person(assets, seed, plan.held_out, plan.extras, loose)
    for _ in range(plan.views):
        yield person


def write_person(assets: Assets, plan: DataPlan, seed: int, coarse_only: bool = False) -> int:
    """Makes all views of one person; returns how many were written (0 when already there)."""
    done = plan.directory / f"{seed:06d}.done"
    if done.exists():
        return 0
    written = 0
    shown, on = None, None
    for k, person in enumerate(people_of(assets, plan, seed)):
        if plan.device and person is not shown:
            on, shown = TensorPerson(person, torch.device(plan.device)), person
        rng = np.random.default_rng([seed, 1000 + k])
        view = render_view(person, random_placement(rng), rng, on=on)
        if view is None:
            continue
        full = not coarse_only and (plan.held_out or (seed * plan.views + k) % plan.full_every == 0)
        try:
            record = view_record(view, rng, full, plan.held_out, coarse_only)
        except KeypointError:
            continue
        path = plan.directory / f"{seed:06d}_{k}.npz"
        temporary = path.with_suffix(".tmp")
        with open(temporary, "wb") as file:
            np.savez(file, **record, combination=np.array(person.combination))
        os.replace(temporary, path)
        written += 1
    done.touch()
    return written


def generate(plan: DataPlan, first: int, count: int, seconds: float = 1e9, worker: int = 0, workers: int = 1,
             quiet: bool = False) -> int:
    """Writes people first + worker, first + worker + workers, ...; stops after `seconds` or at ROOT/stop."""
    cv2.setNumThreads(1)
    plan.directory.mkdir(parents=True, exist_ok=True)
    assets = open_assets()
    start, total = time.monotonic(), 0
    base = HELD_OUT_SEEDS if plan.held_out else 0
    for i in range(worker, count, workers):
        if time.monotonic() - start > seconds or (plan.root / "stop").exists():
            break
        if shutil.disk_usage(plan.directory).free < LEAST_FREE_BYTES:
            print(f"worker {worker}: the disk is nearly full, stopping after {total} views", flush=True)
            break
        total += write_person(assets, plan, base + first + i, i >= plan.coarse_only_from)
        if not quiet and i // workers % 20 == 19:
            rate = total / (time.monotonic() - start)
            print(f"worker {worker}: {i + 1} people, {total} views, {rate:.2f} views/s", flush=True)
    return total


def start_workers(root: Path, workers: int, first: int, count: int, held_out: bool, views: int, full_every: int,
                  nice: int = 0, coarse_only_from: int = 1 << 30) -> list[subprocess.Popen]:
    """Starts generator processes; each is one thread. Remove ROOT/stop first, create it to end them."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "statuette_training", "generate", "--data", str(root), "--first", str(first),
               "--people", str(count), "--views", str(views), "--full-every", str(full_every),
               "--coarse-only-from", str(coarse_only_from), "--workers", str(workers), "--nice", str(nice), "--quiet",
               *(["--held-out"] if held_out else [])]
    log = open(root / "generate.log", "ab")  # noqa: SIM115 - the children keep it
    return [subprocess.Popen([*command, "--worker", str(k)], env=environment, stdout=log, stderr=log)
            for k in range(workers)]
