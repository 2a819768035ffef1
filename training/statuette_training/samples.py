"""Held-out people as photos with keypoints, mattes and the true surface, so that the whole product can be measured.

    NAME.png              2048 x 2048, person on black (with --room: in a plain made-up room)
    NAME_alpha.png        the true matte, uint8
    NAME_keypoints.json   OpenPose 1.3
    NAME_truth.ply        the surface that can be seen from outside, in the frame of the reference's point clouds
    NAME.json             metres_per_unit of that frame, yaw, clothes combination, seed; `joints`: where the 31
                          keypoints lie in space, rows in the order of keypoints.py, in that frame

Frame of the clouds: x right, y up, z towards the camera, the plane at distance 1 is z = 0, everything divided by
1.0367394227574303. A mesh made from the photo is compared with `mesh MESH NAME_truth.ply --metres-per-unit M`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from . import native
from .assets import open_assets
from .dataset import HELD_OUT_SEEDS
from .keypoints import CANVAS, openpose_document
from .meshes import Mesh
from .people.person import make_person
from .render import Placement, full_frame, random_placement, render_view

CLOUD_SCALE = 1.0367394227574303
SIDE = 900  # pixels of the pictures that decide what can be seen from outside


def seen_triangles(v: np.ndarray, t: np.ndarray, cut: np.ndarray | None = None) -> np.ndarray:
    """bool [m]: nearest in a parallel picture from at least one of 26 directions. v in units of about 1."""
    centre = (v.min(0) + v.max(0)) / 2
    radius = float(np.linalg.norm(v - centre, axis=1).max())
    seen = np.zeros(len(t), bool)
    for pitch in (-70, -35, 0, 35, 70):
        for yaw in range(0, 180, 30 if pitch == 0 else 60):
            turned = (v - centre) @ _turn(pitch, yaw).T
            screen = np.empty_like(turned)
            screen[:, :2] = (turned[:, :2] / radius + 1) * (SIDE / 2)
            screen[:, 2] = 10 + turned[:, 2] / radius
            near = native.raster(screen, cut, t, (0, 0, SIDE, SIDE), 1)
            for ids in (near[1], near[4]):  # the farthest surface is the nearest from the other side
                seen[ids[ids >= 0]] = True
    return seen


def _turn(pitch: float, yaw: float) -> np.ndarray:
    return cv2.Rodrigues(np.array([np.deg2rad(pitch), 0, 0]))[0] @ cv2.Rodrigues(np.array([0, np.deg2rad(yaw), 0]))[0]


def write_ply(mesh: Mesh, path: Path) -> None:
    """Binary PLY of positions and triangles."""
    header = (f"ply\nformat binary_little_endian 1.0\nelement vertex {len(mesh.v)}\n"
              "property float x\nproperty float y\nproperty float z\n"
              f"element face {len(mesh.t)}\nproperty list uchar int vertex_indices\nend_header\n")
    face = np.zeros(len(mesh.t), [("n", "u1"), ("i", "<i4", 3)])
    face["n"], face["i"] = 3, mesh.t
    path.write_bytes(header.encode() + mesh.v.astype("<f4").tobytes() + face.tobytes())


def _room(rng: np.random.Generator) -> np.ndarray:
    """A blurred wall, floor and a few boxes, uint8 [2048, 2048, 3]."""
    image: np.ndarray = np.zeros((CANVAS, CANVAS, 3), np.float32)
    horizon = int(CANVAS * rng.uniform(0.65, 0.82))
    image[:horizon] = rng.uniform(90, 210, 3)
    image[horizon:] = rng.uniform(60, 150, 3)
    for _ in range(int(rng.integers(3, 8))):
        x, y = (int(c) for c in rng.integers(0, CANVAS, 2))
        w, h = (int(c) for c in rng.integers(100, 700, 2))
        image[y : y + h, x : x + w] = rng.uniform(30, 230, 3)
    image *= np.linspace(rng.uniform(0.7, 1), rng.uniform(0.7, 1), CANVAS)[None, :, None]
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(3, 9)) + rng.standard_normal((CANVAS, CANVAS, 1)) * 3
    return np.clip(image, 0, 255).astype(np.uint8)


def write_sample(seed: int, index: int, folder: Path, room: bool) -> str:
    """One view of one held-out person; returns its name."""
    person = make_person(open_assets(), HELD_OUT_SEEDS + seed, held_out=True, loose_hair=0)
    rng = np.random.default_rng([HELD_OUT_SEEDS + seed, 1000 + index])
    view, placement = None, Placement(0.0)
    while view is None:
        placement = random_placement(rng)
        view = render_view(person, placement, rng)
    name = f"person_{seed:03d}_{index}"
    folder.mkdir(parents=True, exist_ok=True)
    mask = full_frame(view, "front") > 0
    photo = full_frame(view, "colour")
    if room:
        alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None]
        rim = cv2.dilate(photo, np.ones((5, 5), np.uint8))
        photo = (np.where(mask[..., None], photo, rim) * alpha + _room(rng) * (1 - alpha)).astype(np.uint8)
    cv2.imwrite(str(folder / f"{name}.png"), photo[..., ::-1])
    cv2.imwrite(str(folder / f"{name}_alpha.png"), mask.astype(np.uint8) * 255)
    pixels = np.where(view.visible[:, None] | (np.arange(31) < 23)[:, None], view.keypoints, 0)
    if not view.visible[23:27].any() or not view.visible[27:].any():
        pixels = view.keypoints  # a hand without any finger point cannot be placed
    (folder / f"{name}_keypoints.json").write_text(json.dumps(openpose_document(pixels)))
    camera = placement.apply(person.v.astype(np.float64))
    seen = seen_triangles(person.v.astype(np.float64), person.t, person.cut)
    seen &= (person.cut[person.t] >= 0).all(1)  # triangles across a hem are drawn in part: leave them out
    used, t = np.unique(person.t[seen], return_inverse=True)
    truth = Mesh((camera[used] + [0, 0, 1]) / CLOUD_SCALE, t.reshape(-1, 3).astype(np.int32))
    write_ply(truth, folder / f"{name}_truth.ply")
    joints = (placement.apply(person.keypoints) + [0, 0, 1]) / CLOUD_SCALE
    facts = {"metres_per_unit": person.metres_per_unit / placement.scale * CLOUD_SCALE, "yaw": placement.yaw,
             "combination": person.combination, "seed": HELD_OUT_SEEDS + seed, "joints": joints.round(6).tolist()}
    (folder / f"{name}.json").write_text(json.dumps(facts, indent=1))
    return name


def samples_command(a: argparse.Namespace) -> None:
    for seed in range(a.first, a.first + a.people):
        for index in range(a.views):
            print(write_sample(seed, index, a.out, a.room), flush=True)
