"""A user's own scans, rendered into the folders the reference trains on.

    DATA/PERS/COLOR/{SHADED,NOSHADING}/SET_0_y_ANGLE_x/ITEM_{front,back}.png
    DATA/PERS/DEPTH/SET_0_y_ANGLE_x/ITEM_{front,back}.png   uint16, D x 32, 0 empty
    DATA/PERS/keypoint/SET_0_y_ANGLE_x/ITEM_front.npy        f64 [31, 3]: u, v, 1; zeros when not visible
    DATA/ORTH/...                                            the same with parallel rays
    DATA/list/train_test.txt                                 SHADED front, NOSHADING front, DEPTH front

Mesh: area-weighted centroid to the origin, largest coordinate 1 / 2.8, turned by the angle about +y. Units of the
file therefore do not matter. Different from the reference, on purpose: light is a random surrounding with up to
three lamps instead of 360 spots, and keypoints are projected without its factor 1.037, so they lie on the picture.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from . import light, native
from .dataset import coded_depth
from .keypoints import CANVAS
from .meshes import Mesh, MeshError, read_mesh
from .people.person import LARGEST, Person
from .render import FOCAL_PX, FOV_DEG, Placement, full_frame, project, render_view

JOINT_ROWS = (*range(23), 96, 100, 104, 108, 117, 121, 125, 129)


def _face_texture(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """A texture with one texel a face (mean of its corner colours, grey without any) and its coordinates."""
    m = len(mesh.t)
    side = int(np.ceil(np.sqrt(m)))
    colour = np.full((m, 3), 150, np.uint8) if mesh.colour is None else mesh.colour[mesh.t].mean(1).astype(np.uint8)
    texture = np.zeros((side * side, 3), np.uint8)
    texture[:m] = colour
    i = np.arange(m)
    uv = np.stack([(i % side + 0.5) / side, 1 - (i // side + 0.5) / side], 1)
    return texture.reshape(side, side, 3), np.repeat(uv[:, None], 3, 1).astype(np.float32)


def scan_as_person(mesh: Mesh, joints: np.ndarray | None, up: str = "y") -> Person:
    """A scan in scaled units. joints [31, 3] in the file's own coordinates."""
    turn = np.eye(3) if up == "y" else np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    v = mesh.v @ turn.T
    a, b, c = (v[mesh.t[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    if not area.sum() > 0:
        raise MeshError("the scan has no area")
    centre = (((a + b + c) / 3) * area[:, None]).sum(0) / area.sum()
    scale = float(np.abs(v[np.unique(mesh.t)] - centre).max()) / LARGEST
    texture, uv = (mesh.texture, mesh.uv) if mesh.uv is not None and mesh.texture is not None else _face_texture(mesh)
    keypoints = np.zeros((31, 3)) if joints is None else (joints @ turn.T - centre) / scale
    m = len(mesh.t)
    return Person(v=((v - centre) / scale).astype(np.float32), cut=np.ones(len(v), np.float32), t=mesh.t,
                  uv=np.ascontiguousarray(uv, np.float32), material=np.zeros(m, np.int32), part=np.zeros(m, np.uint8),
                  textures=[texture], look=np.array([[0.02, 12, 1, 1, 1, 0.0]], np.float32), keypoints=keypoints,
                  metres_per_unit=scale, combination="scan")


def orthographic_depth(person: Person, placement: Placement) -> tuple[np.ndarray, ...]:
    """Parallel rays from z = 1 over +-tan 25: front and back D units, nearest triangle and corner weights."""
    p = placement.apply(person.v.astype(np.float64))
    t = np.tan(np.deg2rad(FOV_DEG / 2))
    screen = np.stack([(p[:, 0] + t) / (2 * t) * (CANVAS - 1) + 0.5, (t - p[:, 1]) / (2 * t) * (CANVAS - 1) + 0.5,
                       10 + p[:, 2]], 1)  # 10 - distance: linear, larger is nearer
    near, near_id, near_b, far, far_id, far_b = native.raster(screen, None, person.t, (0, 0, CANVAS, CANVAS), 2)

    def units(q: np.ndarray, ids: np.ndarray) -> np.ndarray:
        return np.where(ids >= 0, (10 - q - 1) * FOCAL_PX + CANVAS / 2, 0).astype(np.float32)

    return units(near, near_id), units(far, far_id), near_id, near_b, far_id, far_b


def read_joints(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """joint3d [31, 3] and visible [31] of a JSON with joint3d and visible (31 rows, or the long tables of the sets)."""
    value = json.loads(path.read_text())
    joints, visible = np.array(value["joint3d"], float).reshape(-1, 3), np.array(value["visible"]).reshape(-1) > 0
    if len(joints) != 31:
        if len(joints) <= max(JOINT_ROWS):
            raise MeshError(f"{path.name}: joint3d needs 31 rows, or at least 130")
        joints, visible = joints[list(JOINT_ROWS)], visible[list(JOINT_ROWS)]
    return joints, visible


def _save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image[..., ::-1] if image.ndim == 3 else image):
        raise OSError(f"could not write {path}")


def render_scan(path: Path, a: argparse.Namespace) -> list[str]:
    """Renders one scan at all angles; returns its lines for the list."""
    mesh = read_mesh(path)
    if mesh.dropped:
        print(f"{path.name}: {mesh.dropped} broken faces left out")
    if mesh.texture is None and mesh.colour is None:
        print(f"{path.name}: no colours, rendered grey")
    joint_file = a.joints / f"{path.stem}.json" if a.joints else None
    joints, visible = read_joints(joint_file) if joint_file and joint_file.is_file() else (None, np.zeros(31, bool))
    person = scan_as_person(mesh, joints, a.up)
    lines = []
    for yaw in a.yaw:
        rng = np.random.default_rng([a.seed, yaw + 360])
        placement = Placement(float(yaw))
        view = render_view(person, placement, rng, threads=2, extras=True)
        if view is None:
            raise MeshError(f"{path.name} does not fit the picture: is it one standing person?")
        folder, item = f"{a.set}_0_y_{yaw}_x", path.stem
        for kind in ("PERS", "ORTH"):
            root = a.data / kind
            if kind == "PERS":
                front, back = full_frame(view, "front"), full_frame(view, "back")
                shaded, plain, plain_back = (full_frame(view, n) for n in ("colour", "plain", "plain_back"))
            else:
                front, back, ids, bary, far_ids, far_bary = orthographic_depth(person, placement)
                camera = placement.apply(person.v.astype(np.float64)).astype(np.float32)
                lighting = light.random_light(rng)
                arrays = (person.t, camera, native.vertex_normals(camera, person.t), person.uv, person.material,
                          person.textures, person.look, lighting.ambient, lighting.lamps)
                lit, flat = native.shade(ids, bary, *arrays, None, None, 2)
                _, far = native.shade(far_ids, far_bary, *arrays, None, None, 2, False, True)
                assert lit is not None and flat is not None and far is not None
                shaded = light.expose(lit, ids >= 0, light.random_exposure(rng))
                plain, plain_back = ((np.clip(x, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8) for x in (flat, far))
            _save(root / "COLOR/SHADED" / folder / f"{item}_front.png", shaded)
            _save(root / "COLOR/NOSHADING" / folder / f"{item}_front.png", plain)
            _save(root / "COLOR/NOSHADING" / folder / f"{item}_back.png", plain_back)
            _save(root / "DEPTH" / folder / f"{item}_front.png", coded_depth(front))
            _save(root / "DEPTH" / folder / f"{item}_back.png", coded_depth(back))
        if joints is not None:
            uv = np.concatenate([project(placement.apply(person.keypoints)), np.ones((31, 1))], 1) * visible[:, None]
            target = a.data / "PERS/keypoint" / folder
            target.mkdir(parents=True, exist_ok=True)
            np.save(target / f"{item}_front.npy", uv)
        lines.append(" ".join(f"/PERS/{p}/{folder}/{item}_front.png" for p in
                              ("COLOR/SHADED", "COLOR/NOSHADING", "DEPTH")))
    return lines


def render_command(a: argparse.Namespace) -> None:
    files = sorted(p for p in a.scans.rglob("*") if p.suffix.lower() in (".obj", ".ply", ".glb"))
    if not files:
        raise MeshError(f"no OBJ, PLY or GLB in {a.scans}")
    lines: list[str] = []
    failed = 0
    for path in files:
        try:
            lines += render_scan(path, a)
            print(f"{path.name}: {len(a.yaw)} angles")
        except (MeshError, OSError, KeyError, ValueError) as error:
            failed += 1
            print(f"skipped {path.name}: {error}")
    if not lines:
        raise MeshError("no scan could be rendered")
    target = a.data / "list" / "train_test.txt"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} views of {len(files) - failed} scans, {failed} skipped; list in {target}")
