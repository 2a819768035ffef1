"""Triangle meshes with a cached subdivision: positions change with every person, connectivity does not."""

from __future__ import annotations

import numpy as np

from .. import native


def neighbours(t: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertex adjacency of a triangle mesh as CSR (start int32 [n + 1], next int32)."""
    e = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    e = np.unique(np.concatenate([e, e[:, ::-1]]), axis=0)
    return np.searchsorted(e[:, 0], np.arange(n + 1)).astype(np.int32), np.ascontiguousarray(e[:, 1], np.int32)


def unique_edges(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges int32 [e, 2] and, per triangle, its edges 01, 12, 20 as int32 [m, 3]."""
    e = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    e.sort(1)
    key, inverse = np.unique(e[:, 0].astype(np.int64) << 32 | e[:, 1], return_inverse=True)
    edges = np.stack([key >> 32, key & 0xFFFFFFFF], 1).astype(np.int32)
    return np.ascontiguousarray(edges), inverse.reshape(3, len(t)).T.astype(np.int32)


class Topology:
    """A mesh of `n` base vertices and its `levels`-fold 1-to-4 subdivision.

    t, uv (per corner), tag (per triangle) describe the fine mesh; `coarse` is the base mesh. `raise_to_fine` carries
    positions (curved midpoints) and any per-vertex attributes (linear) from base to fine vertices.
    """

    def __init__(self, t: np.ndarray, n: int, levels: int, uv: np.ndarray | None = None,
                 tag: np.ndarray | None = None) -> None:
        t = np.ascontiguousarray(t, np.int32)
        uv = np.zeros((len(t), 3, 2), np.float32) if uv is None else uv.astype(np.float32)
        tag = np.zeros(len(t), np.int32) if tag is None else tag.astype(np.int32)
        self.coarse, self.n = t, n
        self.used = np.unique(t)
        self.adjacency = neighbours(t, n)
        self.levels: list[tuple[np.ndarray, np.ndarray]] = []
        parent = np.arange(len(t))
        for _ in range(levels):
            edges, of_triangle = unique_edges(t)
            self.levels.append((edges, t))
            a, b, c = (of_triangle[:, k] + n for k in range(3))
            mid = [(uv[:, k] + uv[:, (k + 1) % 3]) / 2 for k in range(3)]
            corner_sets = ((t[:, 0], a, c), (a, t[:, 1], b), (c, b, t[:, 2]), (a, b, c))
            uv_sets = ((uv[:, 0], mid[0], mid[2]), (mid[0], uv[:, 1], mid[1]), (mid[2], mid[1], uv[:, 2]), tuple(mid))
            t = np.concatenate([np.stack(s, 1) for s in corner_sets]).astype(np.int32)
            uv = np.concatenate([np.stack(s, 1) for s in uv_sets])
            tag, parent = np.tile(tag, 4), np.tile(parent, 4)
            n += len(edges)
        self.t, self.uv, self.tag, self.parent = np.ascontiguousarray(t), np.ascontiguousarray(uv), tag, parent
        self.n_fine = n
        self.coarse_edges = self.levels[0][0] if levels else unique_edges(t)[0]

    def raise_to_fine(self, v: np.ndarray, attributes: np.ndarray | None = None,
                      alpha: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
        """Fine positions f32 [n_fine, 3] and attributes f32 [n_fine, k]."""
        v = np.ascontiguousarray(v, np.float32)
        a = np.zeros((len(v), 0), np.float32) if attributes is None else np.ascontiguousarray(attributes, np.float32)
        for edges, t in self.levels:
            middle = native.edge_midpoints(v, native.vertex_normals(v, t), edges, alpha)
            v = np.concatenate([v, middle])
            a = np.concatenate([a, (a[edges[:, 0]] + a[edges[:, 1]]) * np.float32(0.5)])
        return v, a

    def fine_uv(self) -> np.ndarray:
        """One texture coordinate per fine vertex (at a seam: that of some corner)."""
        out = np.zeros((self.n_fine, 2), np.float32)
        out[self.t.reshape(-1)] = self.uv.reshape(-1, 2)
        return out
