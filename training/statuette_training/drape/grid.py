"""A helper shell divided along its own rows and columns until its cells are as small as wanted.

Opposite edges of quads form bands through the whole shell; each band gets a whole number of strips. Threads then run
along and around limbs, and no remesher is needed. Positions, skin weights and parameters of a fine point are linear in
those of the shell's vertices (`rows`).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

CELL = 0.0078  # m, edge of a cell


def edges_of(cells: np.ndarray) -> np.ndarray:
    """Directed edges [count * corners, 2] of cells [count, corners], all first edges before all second ones."""
    return np.concatenate([cells[:, [k, (k + 1) % cells.shape[1]]] for k in range(cells.shape[1])])


def unique_pairs(pairs: np.ndarray, n: int) -> np.ndarray:
    """Undirected edges int64 [m, 2], each once, the smaller vertex first."""
    a, b = pairs.min(1).astype(np.int64), pairs.max(1).astype(np.int64)
    code = np.unique(a * n + b)
    return np.stack([code // n, code % n], 1)


def one_sided(half: np.ndarray, n: int) -> np.ndarray:
    """bool: which directed edges [m, 2] have no opposite one, that is a cell on one side only."""
    code, back = half[:, 0].astype(np.int64) * n + half[:, 1], half[:, 1].astype(np.int64) * n + half[:, 0]
    code.sort()
    return code[np.searchsorted(code, back).clip(max=len(code) - 1)] != back


class Grid:
    """Cells int64 [m, 4] and `rows` f64 [fine, coarse], which carries any value of the shell's vertices."""

    def __init__(self, t: np.ndarray, reference: np.ndarray, cell: float = CELL) -> None:
        """t: the shell's quads as pairs of triangles (first halves, then second ones). reference: f [n, 3], metres."""
        half = len(t) // 2
        quads = np.c_[t[:half], t[half:, 2]]
        e = edges_of(quads)
        key, inverse = np.unique(np.sort(e, 1), axis=0, return_inverse=True)
        of = inverse.reshape(4, half).T
        link = np.concatenate([of[:, [0, 2]], of[:, [1, 3]]])
        graph = sparse.coo_matrix((np.ones(len(link)), link.T), (len(key),) * 2)
        _, band = connected_components(graph, directed=False)
        length = np.linalg.norm(reference[key[:, 0]] - reference[key[:, 1]], axis=1)
        strips = np.ones(band.max() + 1, int)
        for c in range(len(strips)):
            strips[c] = max(1, round(float(np.quantile(length[band == c], 0.6)) / cell))
        ids: dict[tuple, int] = {}
        row: list[int] = []
        column: list[int] = []
        value: list[float] = []

        def vertex(name: tuple, corners: np.ndarray, w: tuple[float, ...]) -> int:
            if name not in ids:
                ids[name] = len(ids)
                for c, x in zip(corners, w, strict=True):
                    if x > 0:
                        row.append(ids[name])
                        column.append(int(c))
                        value.append(x)
            return ids[name]

        cells = []
        for q, o in zip(quads, of, strict=True):
            a, b = strips[band[o[0]]], strips[band[o[1]]]

            def on_edge(k: int, step: int, total: int, q: np.ndarray = q, o: np.ndarray = o) -> tuple:
                return (int(o[k]), step if q[k] < q[(k + 1) % 4] else total - step)

            grid = np.empty((a + 1, b + 1), int)
            corner = {(0, 0): 0, (a, 0): 1, (a, b): 2, (0, b): 3}
            for i in range(a + 1):
                for j in range(b + 1):
                    u, v = i / a, j / b
                    if (i, j) in corner:
                        name: tuple = ("corner", int(q[corner[i, j]]))
                    elif j == 0:
                        name = on_edge(0, i, a)
                    elif i == a:
                        name = on_edge(1, j, b)
                    elif j == b:
                        name = on_edge(2, a - i, a)
                    elif i == 0:
                        name = on_edge(3, b - j, b)
                    else:
                        name = ("inside", int(q[0]), int(q[1]), int(q[2]), i, j)
                    grid[i, j] = vertex(name, q, ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v))
            cells.append(np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], -1).reshape(-1, 4))
        self.cells = np.concatenate(cells)
        self.rows = sparse.csr_matrix((value, (row, column)), (len(ids), len(reference)))
        self.edges = unique_pairs(edges_of(self.cells), len(ids))
