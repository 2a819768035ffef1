"""Triangle meshes made finer, everywhere or only where something fine is to be shown, without cracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import native
from .grid import one_sided

ROUND = 0.8  # how far curved midpoints bend towards the tangent planes


@dataclass
class Fine:
    """v f32 [n, 3], t int32 [m, 3], a f32 [n, k]: attributes carried linearly."""

    v: np.ndarray
    t: np.ndarray
    a: np.ndarray

    def normals(self) -> np.ndarray:
        return native.vertex_normals(self.v, self.t)


def split(mesh: Fine, marked: np.ndarray | None = None) -> tuple[Fine, np.ndarray]:
    """Triangles `marked` (all when None) into four, neighbours as needed. Also the new points' ends int32 [e, 2]."""
    t, n = mesh.t, len(mesh.v)
    half = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]).astype(np.int64)
    code = half.min(1) * n + half.max(1)
    order = np.argsort(code)  # np.unique with its inverse takes four times as long
    first = np.r_[True, np.diff(code[order]) > 0]
    key, edge = code[order][first], np.empty(len(code), np.int64)
    edge[order] = np.cumsum(first) - 1
    of = edge.reshape(3, len(t)).T
    cut = np.ones(len(key), bool)
    if marked is not None:
        cut[:] = False
        cut[of[marked]] = True
    edges = np.stack([key // n, key % n], 1)[cut].astype(np.int32)
    middle = np.full(len(key), -1, np.int32)
    middle[cut] = n + np.arange(len(edges), dtype=np.int32)
    v = np.concatenate([mesh.v, native.edge_midpoints(mesh.v, mesh.normals(), edges, ROUND)])
    a = np.concatenate([mesh.a, (mesh.a[edges[:, 0]] + mesh.a[edges[:, 1]]) * np.float32(0.5)])
    m = middle[of]
    count = (m >= 0).sum(1)
    out = [t[count == 0]]

    def turned(rows: np.ndarray, by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        take = (by[:, None] + np.arange(3)) % 3
        return np.take_along_axis(t[rows], take, 1), np.take_along_axis(m[rows], take, 1)

    one = np.nonzero(count == 1)[0]
    p, q = turned(one, np.argmax(m[one] >= 0, 1))
    out += [np.stack([p[:, 0], q[:, 0], p[:, 2]], 1), np.stack([q[:, 0], p[:, 1], p[:, 2]], 1)]
    two = np.nonzero(count == 2)[0]
    p, q = turned(two, np.argmax(m[two] < 0, 1) + 1)
    out += [
        np.stack([q[:, 0], p[:, 1], q[:, 1]], 1),
        np.stack([p[:, 0], q[:, 0], q[:, 1]], 1),
        np.stack([p[:, 0], q[:, 1], p[:, 2]], 1),
    ]
    three = count == 3
    p, q = t[three], m[three]
    out += [
        np.stack([p[:, 0], q[:, 0], q[:, 2]], 1),
        np.stack([q[:, 0], p[:, 1], q[:, 1]], 1),
        np.stack([q[:, 2], q[:, 1], p[:, 2]], 1),
        q,
    ]
    return Fine(v.astype(np.float32), np.concatenate(out).astype(np.int32), a), edges


def smoothed(mesh: Fine) -> np.ndarray:
    """Positions without what the coarse cells print through a subdivided mesh; larger shapes stay (Taubin 1995)."""
    n, t = len(mesh.v), mesh.t
    half = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]).astype(np.int64)
    code = np.concatenate([half[:, 0] * n + half[:, 1], half[:, 1] * n + half[:, 0]])
    code.sort()
    code = code[np.r_[True, np.diff(code) > 0]]
    start = np.searchsorted(code, np.arange(n + 1) * n).astype(np.int32)
    after, v = (code % n).astype(np.int32), mesh.v
    for strength in (0.5, -0.52, 0.5, -0.52):
        v = native.smooth(v, start, after, np.full(n, strength, np.float32), 1)
    return v


def lone_edges(t: np.ndarray, n: int) -> np.ndarray:
    """Directed edges int [e, 2] with a triangle on one side only."""
    half = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    return half[one_sided(half, n)]


def turn_in(mesh: Fine, thickness: float) -> tuple[Fine, int]:
    """Borders turned in by the thickness of the cloth. Also the first triangle's index of the new band."""
    normal, rim_edges = mesh.normals(), lone_edges(mesh.t, len(mesh.v))
    rim = np.unique(rim_edges)
    new = np.full(len(mesh.v), -1)
    new[rim] = len(mesh.v) + np.arange(len(rim))
    u, v = rim_edges.T
    band = np.concatenate([np.stack([v, u, new[u]], 1), np.stack([v, new[u], new[v]], 1)])
    inside = mesh.v[rim] - normal[rim] * np.float32(thickness)
    first = len(mesh.t)
    return Fine(
        np.concatenate([mesh.v, inside]).astype(np.float32),
        np.concatenate([mesh.t, band]).astype(np.int32),
        np.concatenate([mesh.a, mesh.a[rim]]),
    ), first
