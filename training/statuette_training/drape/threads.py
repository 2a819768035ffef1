"""Springs and bends of a piece: along its threads, across its cells, over several cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .grid import edges_of, unique_pairs
from .piece import Piece


@dataclass
class Threads:
    """stretch, shear: int [m, 2]. triple: three points in a row, with the first one's share and both distances."""

    stretch: np.ndarray
    shear: np.ndarray
    triple: np.ndarray
    share: np.ndarray
    before: np.ndarray
    after: np.ndarray


def threads(piece: Piece, p: np.ndarray) -> Threads:
    """Threads at positions p [n, 3]: triples are those that run straight there."""
    q, t, n = piece.quads, piece.tris, piece.n
    stretch = unique_pairs(np.concatenate([edges_of(q), edges_of(t)]), n)
    shear = np.concatenate([q[:, [0, 2]], q[:, [1, 3]]])
    h = [np.stack([q[:, k], q[:, (k + 1) % 4], q[:, (k + 3) % 4], q[:, (k + 2) % 4]], 1) for k in range(4)]
    h += [np.stack([t[:, k], t[:, (k + 1) % 3], t[:, (k + 2) % 3], t[:, (k + 2) % 3]], 1) for k in range(3)]
    half = np.concatenate(h).astype(np.int64)  # u, v, the point before u, the point after v
    code, back = half[:, 0] * n + half[:, 1], half[:, 1] * n + half[:, 0]
    order = np.argsort(code)
    at = np.searchsorted(code[order], back).clip(max=len(code) - 1)
    there = code[order][at] == back
    one, two = half[there], half[order[at[there]]]
    a, m, c = one[:, 2], one[:, 0], two[:, 3]
    a, c = np.minimum(a, c), np.maximum(a, c)
    _, first = np.unique((a * n + m) * n + c, return_index=True)
    first = first[a[first] != c[first]]
    triple = np.stack([a, m, c], 1)[first]
    u, w = p[triple[:, 0]] - p[triple[:, 1]], p[triple[:, 2]] - p[triple[:, 1]]
    lu, lw = np.linalg.norm(u, axis=1) + 1e-6, np.linalg.norm(w, axis=1) + 1e-6
    straight = (u * w).sum(1) / (lu * lw) < -0.75
    triple, lu, lw = triple[straight], lu[straight], lw[straight]
    return Threads(stretch, shear, triple, lw / (lu + lw), lu, lw)


def long_threads(of: Threads, length: np.ndarray, level: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs [m, 2] `level` cells apart along one thread, and the thread's length between them.

    length: of the stretch edges. Such springs only resist stretch and carry a pull far in one sweep.
    """
    key, length = of.stretch[:, 0] * n + of.stretch[:, 1], np.asarray(length)

    def span(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return length[np.searchsorted(key, np.minimum(a, b) * n + np.maximum(a, b)).clip(max=len(key) - 1)]

    t = np.concatenate([of.triple, of.triple[:, ::-1]])
    start, first = np.unique(t[:, 0] * n + t[:, 1], return_index=True)
    t = t[first]
    p, q, r = t.T
    total = span(p, q) + span(q, r)
    for _ in range(level - 2):
        k = np.searchsorted(start, q * n + r).clip(max=len(start) - 1)
        good = start[k] == q * n + r
        p, q, r, total, k = p[good], q[good], r[good], total[good], k[good]
        q, r = r, t[k, 2]
        total = total + span(q, r)
    keep = p < r
    return np.stack([p[keep], r[keep]], 1), total[keep]
