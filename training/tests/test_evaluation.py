"""The baselines, and the measurement of the whole product with a stand-in for the app."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from statuette_training.dataset import DataPlan, generate
from statuette_training.evaluate import MEAN_SIZE, mean_body, measure_baselines, measure_mean_body
from statuette_training.evaluate_product import MESH, make_samples, measure_pack
from statuette_training.store import read_full


@pytest.fixture(scope="module")
def views(humans, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("views")
    assert generate(DataPlan(root, views=1, full_every=1), 40, 5, quiet=True) >= 3
    return root / "train"


def test_mean_body_is_round_and_better_than_a_sheet(views: Path) -> None:
    mean = mean_body(views)
    assert mean.shape == (2, *MEAN_SIZE) and np.isfinite(mean).all()
    middle = mean[1] - mean[0]
    assert middle[60, 40] > 60  # a trunk is more than 60 px thick
    full = [read_full(p) for p in sorted(views.glob("*.npz"))]
    row, flat = measure_mean_body(full, mean), measure_baselines(full)["flat"]
    assert set(row) == set(flat)
    assert row["thickness_mm"] < 0.5 * flat["thickness_mm"]


def test_mean_body_needs_views(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no views"):
        mean_body(tmp_path)


def test_product_is_measured_and_goes_on_where_it_stopped(humans, tmp_path: Path) -> None:
    samples, out = tmp_path / "samples", tmp_path / "pack"
    names = make_samples(samples, 3, 1, 2)
    asked: list[str] = []

    def app(photos: list[Path], folder: Path, pack: Path | None, target: Path) -> None:
        """Gives the true surface for the first view and no mesh for the second."""
        for photo in photos:
            asked.append(photo.stem)
            if photo.stem.endswith("_0"):
                (target / photo.stem).mkdir()
                shutil.copy(folder / f"{photo.stem}_truth.ply", target / photo.stem / MESH)

    for _ in range(2):
        result = measure_pack(names, samples, None, out, app, 2000)
        assert result["photos"] == 1 and result["failed"] == [names[1]]
        assert result["mean"]["chamfer_cm"] < 0.9  # the spacing of so few points
    assert asked == names


def test_a_product_without_any_mesh_is_an_error(humans, tmp_path: Path) -> None:
    names = make_samples(tmp_path / "samples", 3, 1, 1)
    with pytest.raises(ValueError, match="no photo gave a mesh"):
        measure_pack(names, tmp_path / "samples", None, tmp_path / "pack", lambda *_: None, 100)
