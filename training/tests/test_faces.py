"""Real faces on the base mesh's head, and skins painted from photographs."""

from __future__ import annotations

import numpy as np
import pytest

from statuette_training.people.body import average_adult
from statuette_training.people.faces import _averaged, random_face, similarity
from statuette_training.people.materials import photo_skin, skin
from statuette_training.people.topology import neighbours


def test_similarity_finds_scale_rotation_and_shift() -> None:
    rng = np.random.default_rng(1)
    a = rng.standard_normal((9, 3))
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    q *= np.sign(np.linalg.det(q))
    m, shift = similarity(a, 1.7 * a @ q.T + [1, -2, 3])
    assert np.allclose(m, 1.7 * q) and np.allclose(shift, [1, -2, 3])


def test_means_follow_the_nearest_points() -> None:
    from scipy.spatial import cKDTree

    points = np.array([[0.0, 0, 0], [1, 0, 0], [5, 0, 0]])
    values = np.array([[1.0], [3.0], [100.0]])
    at = np.array([[0.5, 0, 0], [30.0, 0, 0]])
    assert _averaged(cKDTree(points), values, at, 0.3, 3).ravel() == pytest.approx([2, 100])


def test_faces_move_heads_only_and_evenly(humans) -> None:
    faces = humans.faces()
    if faces is None:
        pytest.skip("packed without ict_face.npz")
    rows, offsets = faces
    adult = average_adult(humans)
    body = np.unique(humans.arrays["mesh/body/t"])
    hips = adult[body, 1].mean()
    assert adult[rows, 1].min() > hips  # nothing below the neck
    moves = np.array([random_face(np.random.default_rng(k), offsets) for k in range(24)])
    size = np.linalg.norm(moves, axis=-1)
    assert 0.02 < np.median(size.max(1)) < 0.4  # units of 0.1 m: millimetres to centimetres
    # Neighbours move alike: an edge of skin changes by less than half of its length nearly everywhere.
    skin_rows = np.isin(rows, body)
    start, after = neighbours(humans.arrays["mesh/body/t"], len(adult))
    place = {int(r): k for k, r in enumerate(rows)}
    ratios = []
    for r in rows[skin_rows][::5]:
        for other in after[start[r] : start[r + 1]]:
            if int(other) in place:
                d = np.linalg.norm(adult[r] - adult[other])
                change = np.linalg.norm(moves[:, place[int(r)]] - moves[:, place[int(other)]], axis=-1)
                ratios.append(change / max(d, 1e-6))
    assert np.percentile(np.concatenate(ratios), 99) < 0.5


def test_skins_of_all_tones(humans) -> None:
    if not humans.images("skins"):
        pytest.skip("packed without the makers' skins")
    hair = np.array([60.0, 40, 30])
    tones = []
    for k in range(24):
        paint = photo_skin(humans, np.random.default_rng(k), float(k % 2), 0.5, hair)
        n = paint.material.texture.shape[0]
        chest = paint.material.texture[int(0.15 * n) : int(0.35 * n), int(0.2 * n) : int(0.4 * n)]
        tones.append(float(chest.mean()))
        assert paint.brows.shape[:2] == paint.material.texture.shape[:2]
    assert min(tones) < 90 < 160 < max(tones)


def test_without_the_makers_skins_they_are_painted(humans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humans, "images", lambda kind, prefix="": [] if kind == "skins" else
                        type(humans).images(humans, kind, prefix))
    hair = np.array([60.0, 40, 30])
    a = photo_skin(humans, np.random.default_rng(3), 1.0, 0.5, hair)
    b = skin(humans, np.random.default_rng(3), 1.0, hair)
    assert np.array_equal(a.material.texture, b.material.texture)
