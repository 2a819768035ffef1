"""Bags, belts, caps and seated poses: they appear, they fit, and everybody else stays as they were."""

from __future__ import annotations

import numpy as np
import pytest

from statuette_training.people import carried
from statuette_training.people.carried import Extras, loop, random_extras, ribbon
from statuette_training.people.person import ACCESSORY, BODY, Person, make_person

HIP_L, HIP_R, KNEE_L, WRIST = 11, 12, 13, 9


def forced(monkeypatch: pytest.MonkeyPatch, humans, seed: int, **what) -> Person:
    monkeypatch.setattr(carried, "random_extras", lambda rng: Extras(**what))
    return make_person(humans, seed)


def vertices(person: Person, part: int) -> np.ndarray:
    return person.v[np.unique(person.t[person.part == part])]


def test_people_without_extras_are_unchanged(humans) -> None:
    seed = next(s for s in range(50) if random_extras(np.random.default_rng([s, 0, 5])) == Extras())
    a, b = make_person(humans, seed), make_person(humans, seed, extras=False)
    assert np.array_equal(a.v, b.v) and np.array_equal(a.t, b.t)
    shares = [random_extras(np.random.default_rng([s, 0, 5])) != Extras() for s in range(1000)]
    assert 0.3 < np.mean(shares) < 0.5


def test_a_belt_goes_all_around_the_waist(humans, monkeypatch: pytest.MonkeyPatch) -> None:
    with_belt = forced(monkeypatch, humans, 500, belt=True)
    belt = vertices(with_belt, ACCESSORY)
    hips = with_belt.keypoints[[HIP_L, HIP_R]].mean(0)
    assert 0.02 < (belt[:, 1].mean() - hips[1]) * with_belt.metres_per_unit < 0.2
    angle = np.sort(np.arctan2(belt[:, 2] - belt[:, 2].mean(), belt[:, 0] - belt[:, 0].mean()))
    assert np.diff(angle).max() < 0.3
    waist = np.ptp(belt[:, 0]) * with_belt.metres_per_unit
    assert 0.2 < waist < 0.7


@pytest.mark.parametrize("kind", ["shoulder", "backpack", "tote"])
def test_bags_hang_on_the_person(humans, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    person = forced(monkeypatch, humans, 503, bag=kind)
    bag = vertices(person, ACCESSORY)
    assert len(bag) > 100 and np.isfinite(bag).all()
    size = np.ptp(bag, 0) * person.metres_per_unit
    assert (size > 0.05).all() and (size < 1.1).all()
    body = vertices(person, BODY)
    near = np.linalg.norm(bag[::20, None] - body[None, ::10], axis=2).min(1) * person.metres_per_unit
    assert near.min() < 0.1 and near.max() < 0.6


def test_a_cap_sits_on_the_head(humans, monkeypatch: pytest.MonkeyPatch) -> None:
    person = forced(monkeypatch, humans, 504, cap=True)
    cap = vertices(person, ACCESSORY)
    body = vertices(person, BODY)
    nose = person.keypoints[0]
    assert cap[:, 1].max() > body[np.linalg.norm(body - nose, axis=1) * person.metres_per_unit < 0.25][:, 1].max()
    assert cap[:, 1].min() > nose[1] - 0.02 / person.metres_per_unit  # eyes and nose stay free


def test_seated_legs_are_bent(humans, monkeypatch: pytest.MonkeyPatch) -> None:
    sits = forced(monkeypatch, humans, 506, seated=True)
    stands = forced(monkeypatch, humans, 506)

    def drop(p: Person) -> float:
        return float((p.keypoints[HIP_L] - p.keypoints[KNEE_L])[1] * p.metres_per_unit)

    assert drop(sits) < drop(stands) - 0.1
    assert np.isfinite(sits.v).all()


def test_straps_are_closed_and_bridge_hollows() -> None:
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = np.where(np.abs(turn - np.pi) < 0.15, 1.0, 2.0)  # a notch
    points = np.stack([np.cos(turn) * radius, np.zeros(400), np.sin(turn) * radius], 1)
    x, z = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    shape = loop(points, np.zeros(3), x, z, 0.3, 0.2, 3.0)
    assert shape is not None
    v, t = shape
    edges = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), 1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()
    assert np.hypot(v[:, 0], v[:, 2]).min() > 1.6
    assert loop(points + [0, 5, 0], np.zeros(3), x, z, 0.3, 0.2, 3.0) is None
    open_band, _ = ribbon(points[:50], points[:50] / 2, 0.3, 0.1, False)
    assert len(open_band) == 400
