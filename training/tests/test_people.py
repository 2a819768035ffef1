"""Bags, belts, caps, loose hair and seated poses: they appear, they fit, and everybody else stays as they were."""

from __future__ import annotations

import numpy as np
import pytest

from statuette_training.people import carried
from statuette_training.people.carried import Extras, loop, random_extras, ribbon
from statuette_training.people.person import ACCESSORY, BODY, HAIR, LOOSE_HAIR, Person, make_person

SHOULDER_L, SHOULDER_R, HIP_L, HIP_R, KNEE_L = 5, 6, 11, 12, 13


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


@pytest.mark.parametrize("seed", [510, 511, 521])
def test_loose_hair_falls_over_the_shoulders_and_leaves_the_face_free(humans, monkeypatch: pytest.MonkeyPatch,
                                                                      seed: int) -> None:
    shapes: list[carried.Shape] = []
    let_down = carried.loose_hair

    def kept(*given):
        shapes.extend(let_down(*given))
        return shapes

    monkeypatch.setattr(carried, "loose_hair", kept)
    person = make_person(humans, seed, extras=False, loose_hair=1)
    # Added before the hair of the style, which has a fringe of its own.
    loose = vertices(person, HAIR)[: sum(len(v) for v, _ in shapes)]
    assert len(loose) > 100
    nose, shoulders = person.keypoints[0], person.keypoints[[SHOULDER_L, SHOULDER_R]].mean(0)
    assert (shoulders[1] - loose[:, 1].min()) * person.metres_per_unit > 0.05
    beside = np.linalg.norm((loose - nose)[:, :2], axis=1) * person.metres_per_unit
    assert not ((beside < 0.03) & (loose[:, 2] > nose[2])).any()


def test_people_whose_hair_stays_up_are_unchanged(humans) -> None:
    def is_loose(seed: int) -> bool:
        return bool(np.random.default_rng([seed, 0, 6]).random() < LOOSE_HAIR)

    seed = next(s for s in range(50) if not is_loose(s))
    a, b = make_person(humans, seed), make_person(humans, seed, loose_hair=0)
    assert np.array_equal(a.v, b.v) and np.array_equal(a.t, b.t)
    assert any(is_loose(s) for s in range(50))


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
