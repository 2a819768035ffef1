"""Cloth that hangs off the body and folds.

A layer is built in four steps: the posed coarse mesh is relaxed and sags where it is loose; it is pushed out of the
surfaces beneath; it is subdivided; and it is displaced by folds whose strength follows how much the pose compressed
the cloth (rings inside bent elbows and knees, pulls elsewhere, long folds where it hangs). Units 0.1 m.
Tried before: plain noise over the whole garment (looked like crumpled paper, not like cloth); a mass-spring step
(2 s a garment, little visible gain at 2048).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .. import native
from .topology import Topology

# Rest direction along the arms (about 40 degrees down), left then right.
ARM_AXIS = np.array([[-0.72, 0.69, 0.0], [0.72, 0.69, 0.0]], np.float32)


@dataclass
class Surface:
    """A posed surface that cloth must stay outside of."""

    points: np.ndarray
    normals: np.ndarray

    def __post_init__(self) -> None:
        self.tree = cKDTree(self.points)

    @staticmethod
    def of(v: np.ndarray, t: np.ndarray, rows: np.ndarray) -> Surface:
        return Surface(np.ascontiguousarray(v[rows]), native.vertex_normals(v, t)[rows])

    def push_out(self, v: np.ndarray, clearance: float, reach: float = 0.9) -> np.ndarray:
        """Moves points that are nearer than `clearance` to the outside (or inside) out along the surface normal."""
        distance, nearest = self.tree.query(v, distance_upper_bound=reach)
        hit = np.isfinite(distance)
        nearest = nearest[hit]
        height = np.einsum("ij,ij->i", v[hit] - self.points[nearest], self.normals[nearest])
        out = v.copy()
        out[hit] += np.maximum(0, clearance - height)[:, None] * self.normals[nearest]
        return out


@dataclass
class Drape:
    """How one garment behaves."""

    loose: float  # 0 skin-tight .. 1 very loose
    folds: float  # strength of folds, about 0.3 (pressed) to 1.9 (crumpled)
    clearance: float  # least distance to what is beneath, units
    skirt: bool = False


def strain(rest: np.ndarray, posed: np.ndarray, topology: Topology) -> np.ndarray:
    """f32 [n, 2]: mean compression and stretch of the edges at each coarse vertex, smoothed over the cloth."""
    a, b = topology.coarse_edges.T
    before = np.linalg.norm(rest[a] - rest[b], axis=1) + 1e-4
    ratio = np.linalg.norm(posed[a] - posed[b], axis=1) / before
    value = np.stack([np.maximum(0, 1 - ratio), np.maximum(0, ratio - 1)], 1).clip(0, 1).astype(np.float32)
    total, count = np.zeros((len(rest), 2), np.float32), np.zeros(len(rest), np.float32)
    for end in (a, b):
        for k in range(2):
            total[:, k] += np.bincount(end, value[:, k], len(rest)).astype(np.float32)
        count += np.bincount(end, minlength=len(rest)).astype(np.float32)
    mean = total / np.maximum(count, 1)[:, None]
    return native.smooth(mean, *topology.adjacency, np.full(len(rest), 0.6, np.float32), 4)


def relax(posed: np.ndarray, topology: Topology, drape: Drape) -> np.ndarray:
    """Smooths the posed cloth by its looseness and lets what hangs below a limb sag."""
    if drape.loose <= 0.05:
        return posed
    n = len(posed)
    strength = np.full(n, 0.45 * drape.loose, np.float32)
    v = native.smooth(posed, *topology.adjacency, strength, 2 + int(4 * drape.loose))
    normal = native.vertex_normals(v, topology.coarse)
    sag = np.maximum(0, -normal[:, 1]) ** 1.5 * drape.loose
    sag = native.smooth(sag.astype(np.float32), *topology.adjacency, np.full(n, 0.5, np.float32), 3)
    v = v.copy()
    v[:, 1] -= 0.22 * sag.reshape(-1)
    return v


def fold_heights(rest: np.ndarray, arm: np.ndarray, stress: np.ndarray, joints: np.ndarray, drape: Drape,
                 rng: np.random.Generator) -> np.ndarray:
    """Displacement f32 [n] (units) at fine rest positions. stress: compression and stretch; joints: rest positions."""
    n = len(rest)

    def seed() -> int:
        return int(rng.integers(1 << 31))

    on_arm = arm.sum(1, keepdims=True)
    axis = np.array([[0, 1, 0]], np.float32) * (1 - on_arm) + arm @ ARM_AXIS
    along = np.einsum("ij,ij->i", rest, axis) / np.maximum(np.einsum("ij,ij->i", axis, axis), 1e-3) ** 0.5
    warp = np.stack([native.noise(rest * 0.55, seed()) for _ in range(2)], 1)
    activity = 0.35 + 0.75 * native.noise(rest * 0.45, seed()) + 3.0 * stress[:, 0] + 1.0 * stress[:, 1]
    for j in joints:
        away = rest - j
        activity += 0.55 * np.exp(-np.einsum("ij,ij->i", away, away) / 1.8)
    activity = np.clip(activity, 0.05, 1.8).astype(np.float32)
    patchy = np.clip(activity + 0.4 * native.noise(rest * 0.9, seed()), 0, 1.6)
    out = np.zeros(n, np.float32)
    tilt, lean = rng.uniform(-0.6, 0.6), rng.uniform(-0.25, 0.25)
    scales = ((rng.uniform(1.2, 2.2), 1.0, 0.35), (rng.uniform(0.5, 1.0), 0.6, 0.4),
              (rng.uniform(0.22, 0.42), 0.28, 0.5))
    for width, amount, across in scales:
        q = np.empty((n, 3), np.float32)
        if drape.skirt:
            angle = np.arctan2(rest[:, 0], rest[:, 2]) * 1.8
            q[:, 0], q[:, 2] = np.sin(angle) * 2.0 / width, np.cos(angle) * 2.0 / width
            q[:, 1] = rest[:, 1] * 0.12 / width + warp[:, 0] * 0.4
        else:
            q[:, 0] = rest[:, 0] * across / width + warp[:, 1] * 0.3
            q[:, 1] = (along + 2 * tilt * warp[:, 0] + lean * rest[:, 0] + warp[:, 0] * 0.5 * width) / width
            q[:, 2] = rest[:, 2] * across / width
        r = native.noise(q, seed())
        sharp = rng.uniform(0.7, 1.1)
        r = 1 - 2 * np.abs(r) ** sharp if rng.random() < 0.65 else 1.3 * r
        out += (amount * width * 0.12) * r * (0.2 + 0.8 * patchy)
    if drape.loose > 0.2 and not drape.skirt:  # long folds where loose cloth hangs along the limb
        width = rng.uniform(0.5, 1.1)
        q = np.stack([rest[:, 0] / width + warp[:, 0] * 0.5, along * 0.18 / width, rest[:, 2] / width], 1)
        out += drape.loose * 0.16 * width * native.noise(q, seed()) * np.clip(1.2 - 0.6 * activity, 0, 1)
    return out * np.float32(drape.folds)


def drape_layer(rest: np.ndarray, posed: np.ndarray, topology: Topology, attributes: np.ndarray, arm: np.ndarray,
                joints: np.ndarray, drape: Drape, beneath: list[Surface], rng: np.random.Generator,
                ) -> tuple[np.ndarray, np.ndarray]:
    """Fine positions f32 [n_fine, 3] and the caller's attributes f32 [n_fine, k] of one cloth layer."""
    rows = topology.used
    stress = strain(rest, posed, topology)
    v = relax(posed, topology, drape)
    for surface in beneath:
        v[rows] = surface.push_out(v[rows], drape.clearance)
    carried = np.concatenate([rest, arm, stress, attributes], 1).astype(np.float32)
    fine, carried = topology.raise_to_fine(v, carried)
    height = fold_heights(np.ascontiguousarray(carried[:, :3]), carried[:, 3:5], carried[:, 5:7], joints, drape, rng)
    height = np.maximum(height, -0.7 * drape.clearance)
    fine = fine + native.vertex_normals(fine, topology.t) * height[:, None]
    return fine, carried[:, 7:]
