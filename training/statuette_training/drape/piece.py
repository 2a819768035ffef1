"""A garment cut out of a grid of threads, with its border exactly on the hem lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .grid import Grid, edges_of, one_sided

LEAST_LOOP = 9  # points of a border loop; less is a hole of one cell


@dataclass
class Piece:
    """Quads, triangles at the hems, and where each point lies on the helper shell.

    extra: metres added to the carried position (rows beyond a hem). crease: the fold of a turned-down collar. stands:
    points of its stand. added: 0 the shell itself, 1 a lengthened hem, 2 a collar.
    """

    rows: sparse.csr_matrix
    quads: np.ndarray
    tris: np.ndarray
    extra: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    crease: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    stands: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    added: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __post_init__(self) -> None:
        n = self.rows.shape[0]
        if not len(self.extra):
            self.extra = np.zeros((n, 3))
            self.crease, self.stands, self.added = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, np.uint8)

    @property
    def n(self) -> int:
        return self.rows.shape[0]

    @property
    def t(self) -> np.ndarray:
        """int32 [m, 3] triangles."""
        q = self.quads
        return np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]], self.tris]).astype(np.int32)

    def loops(self) -> list[np.ndarray]:
        """Border loops as vertices in order, the cloth on the left."""
        h = np.concatenate([edges_of(self.quads), edges_of(self.tris)])
        lone = h[one_sided(h, self.n)]
        following: dict[int, list[int]] = {}
        for a, b in lone:
            following.setdefault(int(a), []).append(int(b))
        out = []
        while following:
            start = next(iter(following))
            loop, at = [start], start
            while True:
                after = following[at].pop()
                if not following[at]:
                    del following[at]
                if after == start or after not in following:
                    break
                loop.append(after)
                at = after
            if len(loop) >= LEAST_LOOP:
                out.append(np.array(loop))
        return out

    def lengthen(self, loop: np.ndarray, steps: list[np.ndarray], closed: bool, kind: int) -> int:
        """Adds rows beyond a loop, or a stretch of one; steps: offsets [len(loop), 3], metres. First new point."""
        n, size = self.n, len(loop)
        before, quads = loop, [self.quads]
        for k in range(len(steps)):
            new = n + k * size + np.arange(size)
            q = np.stack([np.roll(before, -1), before, new, np.roll(new, -1)], 1)
            quads.append(q if closed else q[:-1])
            before = new
        more = len(steps) * size
        self.rows = sparse.vstack([self.rows] + [self.rows[loop]] * len(steps)).tocsr()
        self.extra = np.concatenate([self.extra] + [self.extra[loop] + s for s in steps])
        self.crease = np.r_[self.crease, np.zeros(more, bool)]
        self.stands = np.r_[self.stands, np.zeros(more, bool)]
        self.added = np.r_[self.added, np.full(more, kind, np.uint8)]
        self.quads = np.concatenate(quads)
        return n


def cut(grid: Grid, value: np.ndarray, sharp: np.ndarray | None = None) -> Piece:
    """The part of a grid where a field of the shell's vertices is positive, and `sharp` of the grid's points, too.

    For every edge that the field's zero line crosses the nearer end is moved onto the line, smallest moves first.
    Afterwards no edge is crossed: cells inside are kept, cut corners become triangles. Loose bits are dropped.
    """
    f = np.asarray(grid.rows @ value, np.float64)
    if sharp is not None:
        f = np.minimum(f, sharp)
    a, b = grid.edges.T
    crossing = f[a] * f[b] < 0
    a, b = a[crossing], b[crossing]
    t = f[a] / (f[a] - f[b])
    first = t < 0.5
    who, other, far = np.where(first, a, b), np.where(first, b, a), np.where(first, t, 1 - t)
    order = np.argsort(-far, kind="stable")
    n = len(f)
    to, share = np.arange(n), np.zeros(n)
    to[who[order]], share[who[order]] = other[order], far[order]
    f[who] = 0
    s = np.sign(np.where(np.abs(f) < 1e-9, 0, f)).astype(int)[grid.cells]
    quads = grid.cells[(s >= 0).all(1) & (s > 0).any(1)]
    part = np.nonzero((s < 0).any(1) & (s > 0).any(1))[0]
    turn = (np.argmax(s[part] > 0, 1)[:, None] + np.array([3, 0, 1])) % 4
    tris = np.take_along_axis(grid.cells[part], turn, 1).reshape(-1, 3)
    h = np.concatenate([edges_of(quads), edges_of(tris)])
    graph = sparse.coo_matrix((np.ones(len(h)), h.T), (n, n))
    used = np.zeros(n, bool)
    used[quads.ravel()] = used[tris.ravel()] = True
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label[used], minlength=label.max() + 1)
    keep = used & (size[label] > 0.05 * size.max())
    quads, tris = quads[keep[quads[:, 0]]], tris[keep[tris[:, 0]]]
    new = np.cumsum(keep) - 1
    kept = np.nonzero(keep)[0]
    snap = sparse.csr_matrix(
        (np.r_[1 - share[kept], share[kept]], (np.r_[: len(kept), : len(kept)], np.r_[kept, to[kept]])), (len(kept), n)
    )
    return Piece((snap @ grid.rows).tocsr(), new[quads], new[tris])
