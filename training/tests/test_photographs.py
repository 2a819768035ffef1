"""Sample photos: place and light turn together, and the floor loses light under the feet."""

from __future__ import annotations

import numpy as np

from statuette_training.environments import Environment
from statuette_training.keypoints import CANVAS
from statuette_training.people.person import Person
from statuette_training.photographs import _turned, floor_light, seen_place
from statuette_training.render import Placement, project


def test_the_ground_shows_where_the_light_comes_from() -> None:
    turn, h, w = 37.0, 128, 256
    ahead = np.array([0.0, 0.0, -1.0])  # into the picture
    own = _turned(turn).T @ ahead  # the same direction in the place's own axes
    panorama = np.zeros((h, w, 3), np.uint8)
    column = int((np.arctan2(own[0], own[2]) + np.pi) / (2 * np.pi) * w) % w
    panorama[h // 2 - 3 : h // 2 + 3, np.arange(column - 2, column + 3) % w] = 255
    seen = seen_place(panorama, turn)
    assert seen[CANVAS // 2, CANVAS // 2].min() > 200
    assert seen[CANVAS // 2, CANVAS // 8].max() < 10
    # The light does the same: a lamp there shines from straight ahead.
    lamp = np.array([[*own, 1.0, 1.0, 1.0, 0.0]])
    assert np.allclose(Environment("x", np.zeros((9, 3)), lamp).turned(_turned(turn)).lamps[0, :3], ahead)


def box_on_the_floor() -> Person:
    corners = np.array([[x, y, z] for x in (-0.08, 0.08) for y in (-0.3, 0.3) for z in (-0.08, 0.08)], np.float32)
    quads = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    t = np.array([c for a, b, d, e in quads for c in ((a, b, d), (a, d, e))], np.int32)
    n = len(t)
    return Person(corners, np.ones(8, np.float32), t, np.zeros((n, 3, 2), np.float32), np.zeros(n, np.int32),
                  np.zeros(n, np.uint8), [], np.zeros((0, 6), np.float32), np.zeros((31, 3)), 1.0, "box")


def test_the_floor_is_dark_at_the_feet_and_where_the_sun_is_blocked() -> None:
    radiance = np.full((64, 128, 3), 0.02, np.float32)
    # A sun to the right (+x) and 45 degrees up: column of +x is three quarters of the way round.
    radiance[15:17, 95:97] = 500
    left = floor_light(box_on_the_floor(), Placement(0.0), radiance, 0.0, np.random.default_rng(1))

    def at(x: float, z: float) -> float:
        u, v = project(np.array([[x, -0.3, -1 + z]]))[0]
        return float(left[int(v), int(u)])

    assert at(-0.25, 0.0) < 0.4  # the shadow falls to the left
    assert at(0.25, 0.0) > 0.9
