"""Mesh files (OBJ, PLY, GLB, by trimesh) and the distances of the field: Chamfer, point-to-surface, normals, f-score.

Protocol of `compare`: `samples` area-weighted points on each mesh (seeded); the nearest of 10 x as many points on the
other mesh stands for its surface (at 300 000 points on a person their spacing is about 2 mm). Metres in, centimetres
out. Chamfer is the mean of both directions, P2S goes from the reconstruction to the truth. Normal consistency is the
mean |cosine| between a sample's normal and that of its nearest neighbour; the f-score uses 1 cm.
"""

from __future__ import annotations

import argparse
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from scipy.spatial import cKDTree


class MeshError(ValueError):
    """A mesh file that cannot be used; the message says why."""


@dataclass
class Mesh:
    """v f64 [n, 3], t int32 [m, 3]; colour either per vertex (uint8 [n, 3]) or by uv (f32 [m, 3, 2]) and texture."""

    v: np.ndarray
    t: np.ndarray
    colour: np.ndarray | None = None
    uv: np.ndarray | None = None
    texture: np.ndarray | None = None  # uint8 [h, w, 3] sRGB, rows from the top; v points up
    dropped: int = 0  # faces left out because they were broken


def _checked(mesh: Mesh, name: str) -> Mesh:
    n = len(mesh.v)
    if n < 3 or len(mesh.t) == 0:
        raise MeshError(f"{name} holds no triangles")
    if not np.isfinite(mesh.v).all():
        raise MeshError(f"{name} holds coordinates that are not finite")
    t = mesh.t
    good = (t >= 0).all(1) & (t < n).all(1)
    good &= (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 0] != t[:, 2])
    if not good.any():
        raise MeshError(f"{name}: every face is broken")
    mesh.dropped = int((~good).sum())
    mesh.t = np.ascontiguousarray(t[good], np.int32)
    if mesh.uv is not None:
        mesh.uv = mesh.uv[good]
    return mesh


def _geometry(path: Path) -> trimesh.Trimesh:
    """All triangles of a file as one mesh, in the frame of its scene."""
    loaded = trimesh.load(path, process=False)
    if isinstance(loaded, trimesh.Scene):
        if not loaded.geometry:
            raise MeshError(f"{path.name} holds no triangles")
        loaded = loaded.to_mesh()
    if not isinstance(loaded, trimesh.Trimesh):  # points or paths
        raise MeshError(f"{path.name} holds no triangles")
    return loaded


def _texture(material: Any) -> np.ndarray | None:
    """uint8 [h, w, 3] of an OBJ's or a glTF's material; None when it has no picture."""
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    return None if image is None else np.ascontiguousarray(image.convert("RGB"), np.uint8)


def _mesh_of(path: Path) -> Mesh:
    loaded = _geometry(path)
    v, t, visual = np.asarray(loaded.vertices, float), np.asarray(loaded.faces, np.int64), loaded.visual
    if isinstance(visual, trimesh.visual.TextureVisuals):
        texture, uv = _texture(visual.material), visual.uv
        if texture is None or uv is None or len(uv) != len(v):
            return Mesh(v, t)
        return Mesh(v, t, None, np.asarray(uv, np.float32)[np.clip(t, 0, len(v) - 1)], texture)
    if visual is None or visual.kind != "vertex":
        return Mesh(v, t)
    colour = np.asarray(visual.vertex_colors, float)[:, :3]
    if path.suffix.lower() == ".glb":  # glTF vertex colours are linear
        colour = (colour / 255) ** (1 / 2.2) * 255
    return Mesh(v, t, colour.astype(np.uint8))


def read_mesh(path: Path) -> Mesh:
    """Reads OBJ, PLY or GLB; several objects become one. Raises MeshError in one sentence."""
    if path.suffix.lower() not in (".obj", ".ply", ".glb"):
        raise MeshError(f"{path.name}: give OBJ, PLY or GLB")
    try:
        return _checked(_mesh_of(path), path.name)
    except MeshError:
        raise
    # What trimesh throws at a damaged file is whatever its parser stumbled over.
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, AssertionError, NotImplementedError,
            struct.error, EOFError) as error:
        raise MeshError(f"{path.name} is damaged: {error!r}") from error


def sample_surface(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Area-weighted points and unit normals f64 [count, 3]."""
    a, b, c = (mesh.v[mesh.t[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1)
    if not area.sum() > 0:
        raise MeshError("the mesh has no area")
    i = rng.choice(len(area), count, p=area / area.sum())
    u, w = rng.random(count), rng.random(count)
    flip = u + w > 1
    u[flip], w[flip] = 1 - u[flip], 1 - w[flip]
    points = a[i] + u[:, None] * (b - a)[i] + w[:, None] * (c - a)[i]
    return points, cross[i] / np.maximum(area[i], 1e-20)[:, None]


def compare(mesh: Mesh, truth: Mesh, samples: int = 30000, seed: int = 0, align: bool = False) -> dict[str, float]:
    """Distances between two meshes in metres. `align`: first match centroid and mean radius (no rotation)."""
    rng = np.random.default_rng(seed)
    p, pn = sample_surface(mesh, samples * 10, rng)
    q, qn = sample_surface(truth, samples * 10, rng)
    if align:
        cp, cq = p.mean(0), q.mean(0)
        scale = np.sqrt(((q - cq) ** 2).sum() / ((p - cp) ** 2).sum())
        p = (p - cp) * scale + cq
    forward, i = cKDTree(q).query(p[:samples])
    backward, j = cKDTree(p).query(q[:samples])
    cosine = np.concatenate([(pn[:samples] * qn[i]).sum(1), (qn[:samples] * pn[j]).sum(1)])
    precision, recall = (forward < 0.01).mean(), (backward < 0.01).mean()
    return {"chamfer_cm": 50 * float(forward.mean() + backward.mean()), "p2s_cm": 100 * float(forward.mean()),
            "truth_to_mesh_cm": 100 * float(backward.mean()), "normal_consistency": float(np.abs(cosine).mean()),
            "fscore_1cm": float(2 * precision * recall / max(precision + recall, 1e-9))}


def compare_command(a: argparse.Namespace) -> None:
    mesh, truth = read_mesh(a.mesh), read_mesh(a.truth)
    for either in (mesh, truth):
        either.v = either.v * a.metres_per_unit
    print(json.dumps(compare(mesh, truth, a.samples, align=a.align), indent=1))
