"""Held-out people before held-out rooms as whole photos, for `npm run bench -- intake` of the app.

    DIR/0000.png        2048 x 2048 photo
    DIR/0000_alpha.png  the true matte, uint8
    DIR/0000.json       name, kind, keypoints of the person (31 x 2)
    DIR/scenes.json     all of these
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from ..assets import open_assets
from ..keypoints import CANVAS
from .cutouts import read_cutout
from .scenes import Surroundings, compose

# Of every twenty: a fifth on black, a fifth in the person's colours, a tenth with two people.
ORDER = ("room", "black", "own", "clutter", "two people", "room", "black", "own", "wall", "dark",
         "room", "black", "own", "clutter", "two people", "room", "black", "own", "wall", "white")
TWO_PEOPLE_BEFORE = ("room", "clutter", "wall")


def write_held_scenes(cutouts: Path, rooms: Path, out: Path, count: int, seed: int = 77) -> None:
    """Writes the scenes that are not there yet; every scene has a random stream of its own."""
    files = sorted(cutouts.glob("*.npz"))
    if not files:
        raise ValueError(f"{cutouts} holds no cut-outs: make some with `matte-cutouts --held-out`")
    out.mkdir(parents=True, exist_ok=True)
    surroundings = Surroundings(open_assets(), rooms, True)
    listed = []
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        kind = ORDER[k % len(ORDER)]
        cutout, other = read_cutout(files[k % len(files)]), None
        ground = kind
        if kind == "two people":
            other, ground = read_cutout(files[rng.integers(len(files))]), str(rng.choice(TWO_PEOPLE_BEFORE))
        name = f"{k:04d}"
        photo, alpha_file, about = out / f"{name}.png", out / f"{name}_alpha.png", out / f"{name}.json"
        if about.exists():
            listed.append(json.loads(about.read_text()))
            continue
        scene = compose(cutout, other, CANVAS, surroundings, rng, ground)
        alpha = np.round(scene.alpha * 255).astype(np.uint8)
        cv2.imwrite(str(alpha_file), alpha, [cv2.IMWRITE_PNG_COMPRESSION, 3])
        cv2.imwrite(str(photo), scene.photo[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        listed.append({"name": name, "kind": kind, "keypoints": scene.keypoints.round(1).tolist()})
        about.write_text(json.dumps(listed[-1]))
        # After each, so that measuring can begin while others are made.
        (out / "scenes.json").write_text(json.dumps(listed))
    (out / "scenes.json").write_text(json.dumps(listed))


def held_command(a: argparse.Namespace) -> None:
    cv2.setNumThreads(1)
    write_held_scenes(a.cutouts, a.rooms, a.out, a.count)
    print(f"{a.count} scenes in {a.out}")
