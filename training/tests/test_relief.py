"""Depth redrawn by normals: folds come in, the shape stays, jumps and gaps are left alone."""

import numpy as np

from statuette_training.evaluate import coded
from statuette_training.relief import relief


def surface(folds: float) -> np.ndarray:
    y, x = np.mgrid[-80:80, -80:80].astype(np.float32)
    depth = 1000 - np.sqrt(np.maximum(0, 100**2 - x * x - y * y)) + folds * np.sin(x / 2.2) * np.cos(y / 3.1)
    return np.where(x * x + y * y < 70**2, depth, 0).astype(np.float32)


def test_folds_of_the_normals_come_into_the_depth() -> None:
    smooth, truth = surface(0), surface(1.2)
    redrawn = relief(smooth, coded(truth))
    inner = np.s_[40:120, 40:120]
    before = np.abs(np.diff(smooth - truth, axis=1)[inner]).mean()
    after = np.abs(np.diff(redrawn - truth, axis=1)[inner]).mean()
    assert after < 0.2 * before
    assert ((redrawn > 0) == (smooth > 0)).all()


def test_without_normals_nothing_changes() -> None:
    depth = surface(1.2)
    assert (relief(depth, np.zeros((*depth.shape, 3), np.float32)) == depth).all()


def test_nothing_leaks_over_a_jump() -> None:
    depth = np.full((64, 64), 1000, np.float32)
    depth[:, 32:] += 30
    level = np.full((64, 64), 1000, np.float32)
    assert np.abs(np.diff(relief(depth, coded(level)), axis=1)[:, 31] - 30).max() < 0.2
