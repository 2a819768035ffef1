"""The renderer of tensors makes the pictures of the C room."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from statuette_training import tensor_render
from statuette_training.dataset import DataPlan, generate
from statuette_training.people.person import Person, make_person
from statuette_training.render import View, random_placement, render_view
from statuette_training.scans import scan_as_person
from statuette_training.tensor_render import TensorPerson, blur

from .test_native_and_meshes import sphere

CPU = torch.device("cpu")


def both(person: Person, seed: int) -> tuple[View, View]:
    views = []
    for on in (None, TensorPerson(person, CPU)):
        rng = np.random.default_rng(seed)
        view = render_view(person, random_placement(rng), rng, threads=2, extras=True, on=on)
        assert view is not None
        views.append(view)
    return views[0], views[1]


def differ(a: View, b: View, name: str, by: float) -> float:
    """The share of pixels that differ by more than `by`."""
    return float((np.abs(getattr(a, name).astype(float) - getattr(b, name)) > by).mean())


def test_a_person_looks_the_same(humans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensor_render, "FRAGMENTS", 1 << 18)  # many pieces
    for seed in (3, 11):  # hair and cut garments: surfaces with discarded parts
        a, b = both(make_person(humans, seed), seed)
        assert a.box == b.box and a.mask.sum() > 50_000
        assert differ(a, b, "front", 0.01) < 1e-5 and differ(a, b, "back", 0.01) < 1e-5
        assert differ(a, b, "part", 0) < 1e-5 and differ(a, b, "material", 0) < 1e-5
        assert differ(a, b, "colour", 1) < 1e-4 and differ(a, b, "plain", 1) < 1e-4
        assert differ(a, b, "plain_back", 1) < 1e-4
        assert a.material is not None and len(np.unique(a.material)) > 5 and a.colour[a.mask].std() > 10


def test_the_first_of_two_equal_surfaces_wins_on_both_sides() -> None:
    mesh = sphere(5)
    person = scan_as_person(mesh, None)
    m = len(person.t)
    person.t = np.concatenate([person.t, person.t])
    person.uv, person.material = np.concatenate([person.uv] * 2), np.concatenate([person.material] * 2)
    person.part = np.repeat(np.array([1, 2], np.uint8), m)
    a, b = both(person, 5)
    assert a.part is not None and b.part is not None
    assert (a.part[a.mask] == 2).all() and (b.part[b.mask] == 2).all()  # ids are part + 1


def test_blur_is_that_of_opencv_even_on_narrow_pictures() -> None:
    x = np.random.default_rng(1).random((70, 33)).astype(np.float32)
    for sigma in (0.4, 1.1, 5, 18):
        want = cv2.GaussianBlur(x, (0, 0), sigma)
        assert np.abs(blur(torch.from_numpy(x)[None], sigma)[0].numpy() - want).max() < 1e-5


def test_a_data_set_made_on_a_device_is_the_same(humans, tmp_path) -> None:
    sets = []
    for device in ("", "cpu"):
        plan = DataPlan(tmp_path / (device or "c"), views=1, full_every=1, device=device)
        assert generate(plan, 70, 1, quiet=True) == 1
        with np.load(next(plan.directory.glob("*.npz"))) as z:
            sets.append({k: z[k] for k in z.files})
    a, b = sets
    assert a.keys() == b.keys() and np.array_equal(a["thetas"], b["thetas"])
    assert (np.abs(a["full_front"].astype(int) - b["full_front"]) <= 1).mean() > 0.9999
    assert (np.abs(a["low"].astype(int) - b["low"]) <= 1).mean() > 0.999
