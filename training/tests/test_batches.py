"""Batches: the windows that part networks see, and the cheap way to predicted coarse normals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from statuette_training.dataset import DataPlan, generate
from statuette_training.networks import Model, Widths
from statuette_training.store import Store
from statuette_training.train.batches import CoarseNormals, coarse_canvases, part_batch
from statuette_training.train.batches import test_input as input_at_run_time


@pytest.fixture(scope="module")
def store(humans, tmp_path_factory) -> Store:
    root: Path = tmp_path_factory.mktemp("views")
    assert generate(DataPlan(root, views=2), 60, 3, quiet=True) >= 4
    store = Store(root / "train", torch.device("cpu"))
    store.rescan(force=True)
    return store


def test_coarse_normals_around_the_people_are_those_of_the_whole_canvas(store: Store) -> None:
    torch.manual_seed(0)
    net = Model(Widths(4, 4, 4, 4)).eval().img2normal_down
    normals = CoarseNormals(store, net, None, 3)
    normals.update()
    assert len(normals.data) == store.crop_views
    colour, front, _ = coarse_canvases(store, np.arange(len(normals.data)))
    with torch.no_grad():
        whole = net(input_at_run_time(colour)).clamp(0, 1)[:, :3] * 255
    # The edge of the window is felt inside by as much as the network looks around.
    error = (whole - normals.data.float()).abs() * (front > 0)[:, None]
    assert float(error.mean()) < 0.5 and float(error.max()) < 24


def test_focus_shows_faces(store: Store) -> None:
    coarse = Model(Widths(4, 4, 4, 4)).eval().img2normal_down
    normals = CoarseNormals(store, coarse, None, 4)
    normals.update()
    seen = {}
    for focus in (False, True):
        rng = np.random.default_rng(0)
        b = part_batch(store, normals, ["face"] * 24, (160, 144), rng, None, focus)
        assert b.x.shape == (24, 6, 160, 144)
        seen[focus] = float(b.mask.mean())
    assert seen[True] > seen[False]
