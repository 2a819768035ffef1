"""Simulated clothes: threads keep their length, cloth stays outside of the body, a seed is a drape, drapes are kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from statuette_training import dataset
from statuette_training.drape.cut import Cut
from statuette_training.drape.fine import Fine, split, turn_in
from statuette_training.drape.grid import Grid, one_sided
from statuette_training.drape.outfits import random_outfit
from statuette_training.drape.piece import Piece, cut
from statuette_training.drape.run import faults
from statuette_training.drape.solver import Motion, Pins, Plan, Springs, Surface, Touch, run
from statuette_training.drape.store import DrapeStore
from statuette_training.drape.threads import long_threads, threads
from statuette_training.people.draped import dress, new_drape
from statuette_training.people.person import BODY, is_held_out

QUICK = Plan(moving=8, settle=8, substeps=16)


def square(cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Quads of a square metre in the xz plane, facing up."""
    k = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    quads = np.stack([k[:-1, :-1], k[1:, :-1], k[1:, 1:], k[:-1, 1:]], -1).reshape(-1, 4)
    a, b = np.meshgrid(np.linspace(-0.5, 0.5, cells + 1), np.linspace(-0.5, 0.5, cells + 1), indexing="ij")
    return quads, np.stack([b.ravel(), np.zeros(a.size), a.ravel()], 1)


def halves(quads: np.ndarray) -> np.ndarray:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def ball(radius: float, n: int = 60) -> Surface:
    lat, lon = np.meshgrid(np.linspace(0, np.pi, n), np.linspace(0, 2 * np.pi, n, endpoint=False), indexing="ij")
    v = radius * np.stack([np.sin(lat) * np.sin(lon), np.cos(lat), np.sin(lat) * np.cos(lon)], -1).reshape(-1, 3)
    k = np.arange(n * n).reshape(n, n)
    quads = np.stack([k[:-1], k[1:], np.roll(k, -1, 1)[1:], np.roll(k, -1, 1)[:-1]], -1).reshape(-1, 4)
    return Surface(v[None], halves(quads), np.ones(n * n, np.uint8))


def test_a_cloth_on_a_ball_hangs_folds_and_keeps_its_size() -> None:
    quads, p = square(50)
    p = p * 0.5 + (0, 0.16, 0)
    n = len(p)
    piece = Piece(sparse.identity(n, format="csr"), quads, np.zeros((0, 3), int))
    of = threads(piece, p)
    length = np.linalg.norm(p[of.stretch[:, 0]] - p[of.stretch[:, 1]], axis=1)
    across = np.linalg.norm(p[of.shear[:, 0]] - p[of.shear[:, 1]], axis=1)
    far, far_length = long_threads(of, length, 8, n)
    assert np.allclose(np.linalg.norm(p[far[:, 0]] - p[far[:, 1]], axis=1), far_length, atol=1e-6)
    spring = np.concatenate([of.stretch, of.shear])
    give = np.r_[np.full(len(of.stretch), 1 / 1000.0), np.full(len(of.shear), 1 / 40.0)]
    soft = (of.before * of.after) ** 2 / (4 * 5e-6 * 0.01**2)
    springs = Springs(spring, np.r_[length, across], give, far, far_length, of.triple, of.share, soft)
    still = Motion(np.zeros(n + 1), np.zeros(0), np.zeros(0), np.zeros((0, 1, 12)))
    pins = Pins(np.zeros(0, int), np.zeros((1, 0, 3)), np.zeros(0))
    body = ball(0.15)
    mass, touch, plan = np.full(n, 0.15 * 0.25 / n), Touch(0.004, 0.3, 0.004, 0.3, 0.006), Plan(moving=0, settle=40)
    done = [run(p, mass, p, np.ones(n), springs, pins, still, touch, body, None, plan) for _ in range(2)]
    assert np.array_equal(done[0].x, done[1].x)
    x = done[0].x
    ratio = np.linalg.norm(x[of.stretch[:, 0]] - x[of.stretch[:, 1]], axis=1) / length
    assert np.percentile(ratio, 99) < 1.05
    assert np.linalg.norm(x, axis=1).min() > 0.149
    corners = x[[0, 50, 50 * 51, 50 * 51 + 50]]
    assert (corners[:, 1] < 0.05).all()  # they hang beside the ball
    assert x[n // 2, 1] > 0.14  # the middle lies on it


def test_pieces_are_cut_exactly_and_split_without_cracks() -> None:
    quads, p = square(6)
    grid = Grid(halves(quads), p, 0.05)
    piece = cut(grid, (0.3 - np.hypot(p[:, 0], p[:, 2])).astype(float))
    x = piece.rows @ p
    loops = piece.loops()
    assert len(loops) == 1
    rim = x[loops[0]]
    inside = np.setdiff1d(np.arange(piece.n), loops[0])
    field = grid.rows @ (0.3 - np.hypot(p[:, 0], p[:, 2]))
    assert field.max() > 0 and np.hypot(*x[inside][:, [0, 2]].T).max() <= np.hypot(*rim[:, [0, 2]].T).max() + 1e-9
    mesh = Fine(x.astype(np.float32), piece.t, np.zeros((piece.n, 1), np.float32))
    marked = np.zeros(len(mesh.t), bool)
    marked[::7] = True
    fine, ends = split(mesh, marked)
    half = np.concatenate([fine.t[:, [0, 1]], fine.t[:, [1, 2]], fine.t[:, [2, 0]]])
    lone = half[one_sided(half, len(fine.v))]
    # Only the rim of before, some of its edges cut in two: a crack inside would be one-sided as well.
    on_rim = np.isin(lone, loops[0]) | (lone >= piece.n)
    assert on_rim.all() and len(fine.t) > len(mesh.t)
    new = lone[lone >= piece.n] - piece.n
    assert np.isin(ends[new], loops[0]).all()
    area = [np.linalg.norm(np.cross(m.v[m.t[:, 1]] - m.v[m.t[:, 0]], m.v[m.t[:, 2]] - m.v[m.t[:, 0]]), axis=1).sum()
            for m in (mesh, fine)]
    assert area[0] == pytest.approx(area[1], rel=1e-5)
    thick, first = turn_in(fine, 0.01)
    assert len(thick.t) - first == 2 * len(lone)


def test_outfits_are_many_and_fall_on_both_sides_of_the_split() -> None:
    names = [random_outfit(np.random.default_rng(k), k % 2 == 0).name for k in range(600)]
    assert len(set(names)) > 100 and all(n.startswith("sim:") for n in names)
    assert 0.08 < np.mean([is_held_out(n) for n in names]) < 0.3
    cuts = [c for k in range(60) for c in random_outfit(np.random.default_rng(k), True).cuts]
    assert {c.kind for c in cuts} == {"top", "trousers", "skirt"}
    assert len({c.ease for c in cuts}) > 40


@pytest.fixture(scope="module")
def kept(humans):
    """Two people on which nothing was chosen."""
    return [new_drape(humans, seed, None) for seed in (7001, 7002)]


def test_drapes_are_sound(kept) -> None:
    for person, _ in kept:
        for d in person.drapes:
            assert faults(d) == []
            assert d.facts["stretch"] < 1.35 and d.facts["inside"] < 0.01 and d.facts["speed"] < 0.15
            assert 0.9 < d.facts["typical"] < 1.1


def test_a_seed_is_a_drape(humans) -> None:
    a, b = (new_drape(humans, 7003, False, QUICK)[0] for _ in range(2))
    assert a.outfit == b.outfit and not is_held_out(a.outfit)
    assert all(np.array_equal(p.x, q.x) for p, q in zip(a.drapes, b.drapes, strict=True))


def test_kept_drapes_give_the_same_person_in_other_looks(humans, kept, tmp_path) -> None:
    store, fresh = DrapeStore(tmp_path), kept[0][0]
    assert store.get(fresh.seed) is None
    store.put(fresh)
    again = store.get(fresh.seed)
    assert again is not None
    a, b, c = dress(humans, fresh, 0), dress(humans, again, 0), dress(humans, again, 1)
    assert np.array_equal(a.v, b.v) and np.array_equal(a.look, b.look)
    worn = [p.v[np.unique(p.t[np.isin(p.part, (1, 2))])] * p.metres_per_unit for p in (a, c)]
    assert worn[0].shape == worn[1].shape  # the same garments
    assert not np.array_equal(a.textures[0], c.textures[0])  # of other cloth
    assert a.combination == fresh.outfit and (a.part == BODY).any()
    (tmp_path / f"{fresh.seed:06d}.npz").write_bytes(b"half a file")
    assert store.get(fresh.seed) is None


def test_a_plan_without_simulated_clothes_makes_the_people_it_always_made(humans, tmp_path) -> None:
    plain = next(dataset.people_of(humans, dataset.DataPlan(tmp_path, views=1), 12))
    some = next(dataset.people_of(humans, dataset.DataPlan(tmp_path, views=1, simulated=1e-9), 12))
    assert np.array_equal(plain.v, some.v) and not plain.combination.startswith("sim:")


def test_trimmings_are_geometry(humans) -> None:
    """A placket's edge is a step on the drawn mesh, and a garment without it has none."""
    from statuette_training.drape.frames import Frame, Marks
    from statuette_training.drape.run import FIELDS
    from statuette_training.drape.trim import decorate
    from statuette_training.people.draped import open_tailor

    tailor = open_tailor(humans)
    marks = Marks.of(tailor.joints(tailor.average))
    u, v = np.meshgrid(np.linspace(-0.1, 0.1, 201), np.linspace(marks.hip, marks.neck - 0.05, 200))
    p = np.stack([u.ravel(), v.ravel(), np.full(u.size, marks.depth + 0.1)], 1)
    fields = np.zeros((len(p), len(FIELDS)))
    fields[:, FIELDS.index("torso")] = 0.5
    fields[:, [FIELDS.index(k) for k in ("hem", "neck", "low", "cuff")]] = 0.15
    frame = Frame(p, fields, marks, "top")
    relief, sewn = decorate(frame, Cut("top", trims=("placket",)), 3)
    assert np.ptp(relief.height) > 0.001 and len(sewn.buttons) >= 4
    steps = np.abs(np.diff(relief.height.reshape(u.shape), axis=1)).max(0)
    assert steps.max() > 0.0005 and np.median(steps) < 1e-5  # sharp, and flat elsewhere
    plain, _ = decorate(frame, Cut("top"), 3)
    assert not plain.height.any()
