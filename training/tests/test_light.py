"""Light of real places: a sun becomes a lamp, walls and sky stay harmonics, turning a place turns all of it."""

from __future__ import annotations

import numpy as np

from statuette_training.environments import basis, environment_of, environments
from statuette_training.light import occlusion, random_openness, random_place


def _map_with_sun(row: int, column: int, sun: float) -> np.ndarray:
    picture = np.full((64, 128, 3), 0.5)
    picture[row : row + 2, column : column + 2] = sun
    return picture


def test_a_sun_becomes_a_lamp_where_it_stands_and_an_even_sky_has_none() -> None:
    e = environment_of("sun", _map_with_sun(16, 96, 900.0))
    assert len(e.lamps) == 1
    up, turn = np.pi / 2 - 17 / 64 * np.pi, 97 / 128 * 2 * np.pi - np.pi
    want = (np.cos(up) * np.sin(turn), np.sin(up), np.cos(up) * np.cos(turn))
    assert np.abs(e.lamps[0, :3] - want).max() < 0.02
    assert np.abs(e.ambient[1:]).max() < 0.03 * e.ambient[0].max()  # what is left is even
    assert len(environment_of("even", np.ones((64, 128, 3))).lamps) == 0


def test_a_white_ball_is_lit_with_one_on_average() -> None:
    for e in environments():
        mean = e.ambient[0].mean() + e.lamps[:, 3:6].mean(1).sum() / 4
        assert abs(mean - 1) < 0.12, e.name  # a few harmonics go below zero at night


def test_turning_a_place_turns_lamps_and_walls_alike() -> None:
    half = np.ones((64, 128, 3))
    half[:, :64] = 0.1  # dark at x < 0
    e = environment_of("half", half)
    quarter = np.array([[0, 0, -1], [0, 1, 0], [1, 0, 0.0]])  # x goes to z
    turned = e.turned(quarter)
    to = lambda e, n: (basis(np.array([n], float)) @ e.ambient)[0, 0]  # noqa: E731
    assert to(e, (1, 0, 0)) > 2 * to(e, (-1, 0, 0))
    assert abs(to(turned, (0, 0, 1)) - to(e, (1, 0, 0))) < 0.03
    assert abs(to(turned, (0, 0, -1)) - to(e, (-1, 0, 0))) < 0.03


def test_random_places_are_finite_and_their_first_lamp_is_the_brightest() -> None:
    for seed in range(60):
        light = random_place(np.random.default_rng(seed))
        assert np.isfinite(light.ambient).all() and np.isfinite(light.lamps).all()
        assert light.shadows == (len(light.lamps) > 0)
        power = light.lamps[:, 3:6].sum(1)
        assert (np.diff(power) <= 1e-6).all()


def test_folds_of_simulated_clothes_lose_sky_in_their_valleys() -> None:
    x = np.arange(512)
    fold = np.broadcast_to(1000 + 5 * np.sin(2 * np.pi * x / 50), (512, 512)).astype(np.float32)  # 5 deep, 50 wide
    deep = [occlusion(fold, random_openness(np.random.default_rng(k), True))[256, 100:400] for k in range(20)]
    loss = [1 - d.min() / d.max() for d in deep]
    assert 0.12 < np.mean(loss) < 0.6
    assert all(d[:50].argmin() == np.argmax(fold[256, 100:150]) or abs(d[:50].argmin() - np.argmax(fold[256, 100:150]))
               <= 3 for d in deep)
    shallow = occlusion(fold, random_openness(np.random.default_rng(0)))[256, 100:400]
    assert 1 - shallow.min() / shallow.max() < np.mean(loss)
