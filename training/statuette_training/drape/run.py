"""One garment over one moving person: lengths, weights and pins from its cut, then the solver, then what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from .. import native
from ..people.topology import neighbours
from .cloths import CLOTHS
from .cut import Cut
from .piece import Piece
from .shape import ramp
from .solver import Motion, Pins, Plan, Springs, Surface, Touch, run
from .tailor import Tailor
from .threads import Threads, long_threads, threads

FAR = 0.15  # m: distances along the cloth are known up to here
HEM = 0.018  # doubled cloth along a border
RIB = 0.045  # gathered along a border
# Clothes that have been worn: how many times the cloth's own unevenness one garment has, and thread length beyond
# what its cut asks for, along limbs; the trunk gets a part of it. Without either, cloth hangs as if it were starched.
WORN = (0.8, 3.5)
SLACK = 0.07
TRUNK_SLACK = 0.6
# A drape is thrown away when more than this went wrong.
MOST_STRETCH = 1.35  # of the longest hundredth of the threads
MOST_INSIDE = 0.01  # of the points, deeper than DEEP in the body
DEEP = 0.002
MOST_UNDER = 0.02  # of the points, under the layer beneath
MOST_SPEED = 0.15  # m/s on average at the end
# What a drape keeps of each point: place on the body's shell, distances along the cloth to its borders.
FIELDS = ("arm", "leg", "torso", "skirt", "hem", "neck", "low", "cuff", "added")


@dataclass
class Draped:
    """A draped garment. rest, x: designed and final positions; fields f32 [n, FIELDS]; surface: through all frames."""

    cut: Cut
    t: np.ndarray
    rest: np.ndarray
    x: np.ndarray
    fields: np.ndarray
    home: np.ndarray
    surface: Surface | None
    facts: dict[str, float]

    def field(self, name: str) -> np.ndarray:
        return self.fields[:, FIELDS.index(name)]


def joined(surfaces: list[Surface]) -> Surface:
    """Several moving surfaces as one."""
    count = np.cumsum([0] + [s.keys.shape[1] for s in surfaces])
    return Surface(
        np.concatenate([s.keys for s in surfaces], 1),
        np.concatenate([s.t + k for s, k in zip(surfaces, count, strict=False)]),
        np.concatenate([s.group for s in surfaces]),
    )


def _skinned(weights: sparse.csr_matrix, matrices: np.ndarray, x: np.ndarray) -> np.ndarray:
    m = (weights @ matrices.reshape(len(matrices), 12)).reshape(-1, 3, 4)
    return np.einsum("nij,nj->ni", m[:, :, :3], x) + m[:, :, 3]


def _distances(
    piece: Piece, of: Threads, rest: np.ndarray, kind: str, arm: np.ndarray, leg: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Distances f32 [n] along the cloth to all borders, neck (or waistband), hem and cuffs; the topmost border."""
    n = piece.n
    length = np.linalg.norm(rest[of.stretch[:, 0]] - rest[of.stretch[:, 1]], axis=1)
    graph = sparse.coo_matrix((length, of.stretch.T), (n, n)).tocsr()

    def from_points(points: np.ndarray) -> np.ndarray:
        if not len(points):
            return np.full(n, FAR, np.float32)
        d = dijkstra(graph, directed=False, indices=points, min_only=True, limit=FAR)
        return np.minimum(d, FAR).astype(np.float32)

    loops = piece.loops()
    nothing = np.zeros(0, int)
    on_limb = [(arm[o].mean() > 0.3 if kind == "top" else kind == "trousers" and leg[o].mean() > 0.1) for o in loops]
    trunk = [o for o, limb in zip(loops, on_limb, strict=True) if not limb]
    cuffs = [o for o, limb in zip(loops, on_limb, strict=True) if limb]
    top = max(trunk, key=lambda o: rest[o, 1].mean(), default=nothing)
    low = min(trunk, key=lambda o: rest[o, 1].mean(), default=nothing)
    if len(trunk) == 1 and kind == "top":  # an open front: neck and hem are the ends of one loop
        y = rest[top, 1]
        top, low = top[y > y.max() - 0.06], low[y < y.min() + 0.03]
    elif len(trunk) == 1:
        low = nothing
    out = {"neck": from_points(top), "low": from_points(low), "cuff": from_points(np.concatenate([nothing, *cuffs]))}
    out["hem"] = from_points(np.unique(np.concatenate([nothing, *loops])))
    return out, top


def _gathered(c: Cut, d: dict[str, np.ndarray]) -> np.ndarray:
    """f [n]: the share by which ribbing gathers the cloth around limbs and trunk."""
    out = np.where(d["cuff"] < RIB, c.cuff_rib, 0.0)
    return np.where(d["low"] < RIB, np.maximum(out, c.rib), out) if c.kind == "top" else out


def without_ripples(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Positions without waves of two or three cells, which are the grid's and not the cloth's (Taubin 1995).

    Waves of 2.5 cells keep a fifth, of four cells (3 cm) three quarters, of eight all of their height.
    """
    start, after = neighbours(t, len(x))
    for strength in (0.5, -0.53):
        x = native.smooth(x, start, after, np.full(len(x), strength, np.float32), 1)
    return x


def drape(
    tailor: Tailor,
    c: Cut,
    base: np.ndarray,
    matrices: np.ndarray,
    body: Surface,
    inner: Surface | None,
    rng: np.random.Generator,
    plan: Plan,
) -> Draped:
    """Drapes one garment. matrices f32 [keys, bones, 3, 4] from the rest pose on (metres), body: the same keys."""
    piece, drawn = tailor.make(c, base)
    cloth, home, n = CLOTHS[c.cloth], tailor.home(piece, c.kind), piece.n
    gap = 0.0035 + 0.5 * cloth.thickness if not c.tight else 0.002 + 0.5 * cloth.thickness
    weights = (piece.rows @ tailor.skin).tocsr().astype(np.float32)
    weights.sort_indices()
    # Lengths are taken in the pose the pattern is drawn in (key 0), where the run begins.
    rest = _skinned(weights, matrices[0], drawn)
    rest = body.first().push_out(rest, gap, home).astype(np.float64)
    of = threads(piece, rest)
    value = {k: np.asarray(piece.rows @ tailor.value[k]) for k in ("arm", "leg", "torso", "skirt")}
    away, top = _distances(piece, of, rest, c.kind, value["arm"], value["leg"])

    # Threads along limbs are a little longer than what they span; ribs gather those around.
    u, v = of.stretch.T
    length = np.linalg.norm(rest[u] - rest[v], axis=1)
    d = drawn[u] - drawn[v]
    middle = (value["arm"][u] + value["arm"][v]) / 2
    side = np.sign(drawn[u, 0])
    along_arm = np.stack([side * 0.72, np.full(len(d), -0.69), np.zeros(len(d))], 1)
    axis = np.where((middle > 0.15)[:, None], along_arm, (0, 1.0, 0))
    along = ramp(np.abs((d * axis).sum(1)) / np.maximum(np.linalg.norm(d, axis=1), 1e-9), 0.4, 0.9)
    limb = middle > 0.15 if c.kind == "top" else value["leg"][u] > 0.1
    slack = 0.0 if c.tight else float(rng.uniform(0.0, SLACK))
    scale = np.where(limb, 1 + (c.long + slack - 1) * along, 1 + (c.tall + TRUNK_SLACK * slack - 1) * along)
    gathered = _gathered(c, away)
    scale *= 1 - np.minimum(gathered[u], gathered[v]) * (1 - along)
    if c.tight:
        scale *= 0.95
    uneven = np.ones(n)
    worn = cloth.worn * float(np.exp(rng.uniform(*np.log(WORN))))
    for width in (0.11, 0.05, 0.025):
        uneven += worn * native.noise((drawn / width).astype(np.float32), int(rng.integers(1 << 31)))
    length = length * scale * (uneven[u] + uneven[v]) / 2
    s, e = of.shear.T
    across = np.linalg.norm(rest[s] - rest[e], axis=1) * (uneven[s] + uneven[e]) / 2

    t = piece.t
    area = np.linalg.norm(np.cross(rest[t[:, 1]] - rest[t[:, 0]], rest[t[:, 2]] - rest[t[:, 0]]), axis=1) / 2
    mass = np.bincount(t.ravel(), np.repeat(area / 3, 3), n) * cloth.density
    mass = np.maximum(mass, 0.25 * np.median(mass))
    doubled = away["hem"] < HEM
    mass = mass * np.where(doubled, 1.6, 1.0)
    bend = cloth.bend * np.where(doubled, 4.0, 1.0) * np.where(gathered > 0, 2.0, 1.0)
    bend = np.where(piece.crease, 0.02 * bend, bend)
    before, after = of.before, of.after
    soft = (before * after) ** 2 / (4 * bend[of.triple[:, 1]] * ((before + after) / 2) ** 2)
    curve = None
    if c.pleats:  # pressed folds are kept
        p, m, q = of.triple.T
        curve = np.linalg.norm(rest[p] * of.share[:, None] + rest[q] * (1 - of.share)[:, None] - rest[m], axis=1)
    spring, full = np.concatenate([of.stretch, of.shear]), np.concatenate([length, across])
    give = np.concatenate([np.full(len(of.stretch), 1 / cloth.stretch), np.full(len(of.shear), 1 / cloth.shear)])
    # Every second long spring carries the pull as well as all do.
    far = [[a[::2] for a in long_threads(of, length, level, n)] for level in plan.tethers]
    # From the top down, so that one sweep carries a pull through the cloth.
    order = np.argsort(-(rest[spring[:, 0], 1] + rest[spring[:, 1], 1]), kind="stable")
    turn = np.argsort(-rest[of.triple[:, 1], 1], kind="stable")
    springs = Springs(
        spring[order],
        full[order],
        give[order],
        np.concatenate([f[0] for f in far]),
        np.concatenate([f[1] for f in far]),
        of.triple[turn],
        of.share[turn],
        soft[turn],
        None if curve is None else curve[turn],
    )

    # Waistbands and tucked hems are held, collars' stands a little.
    pin, hold = np.zeros(0, int), np.zeros(0)
    if c.kind in ("trousers", "skirt"):
        pin = np.nonzero(away["neck"] < 0.03)[0]
        hold = np.full(len(pin), 0.35)
    elif c.tucked:
        pin = np.nonzero((value["torso"] < 0.15) & (value["arm"] < 0.05))[0]
        hold = np.full(len(pin), 0.1)
    stands = np.nonzero(piece.stands)[0]
    pin, hold = np.r_[pin, stands], np.r_[hold, np.full(len(stands), 0.03)]
    keys = len(matrices)
    full_m = np.zeros((keys, matrices.shape[1], 4, 4))
    full_m[:, :, :3], full_m[:, :, 3, 3] = matrices, 1
    move = np.einsum("kbij,kbjl->kbil", full_m[1:], np.linalg.inv(full_m[:-1]))[:, :, :3].reshape(keys - 1, -1, 12)
    held = weights[pin]
    pin_keys = np.array([_skinned(held, m, drawn[pin]) for m in matrices])

    x = rest + rng.normal(0, 0.0006, rest.shape)
    touch = Touch(gap, cloth.friction, 0.6 * gap + 0.001, 0.25, max(0.005, 1.2 * cloth.thickness))
    if inner is not None:
        x = inner.first().push_out(x, touch.inner_gap, deepest=0.03)
    done = run(
        x,
        mass,
        rest,
        home,
        springs,
        Pins(pin, pin_keys, hold),
        Motion(weights.indptr, weights.indices, weights.data, move),
        touch,
        body,
        inner,
        plan,
    )

    ratio = np.linalg.norm(done.x[u] - done.x[v], axis=1) / np.maximum(length, 1e-6)
    height, _ = body.last().heights(done.x, home)
    facts = {
        "points": n,
        "stretch": float(np.percentile(ratio, 99)),
        "typical": float(np.median(ratio)),
        "inside": float((height < -DEEP).mean()),
        "speed": float(done.speed.mean()),
        "under": 0.0,
        "finite": float(np.isfinite(done.x).all()),
    }
    if inner is not None:
        h, _ = inner.last().heights(done.x)
        facts["under"] = float(((h < -0.001) & (h > -0.02)).mean())
    # A tucked hem lies flat under the waistband: what is worn over it does not feel it.
    flat = (value["torso"] < 0.13) & c.tucked & (value["arm"] < 0.05)
    surface = Surface(done.track, t, np.where(flat, 255, 1))
    columns = {**value, **away, "added": piece.added}
    return Draped(
        c,
        t,
        drawn.astype(np.float32),
        without_ripples(done.x, t),
        np.stack([columns[k] for k in FIELDS], 1).astype(np.float32),
        home,
        surface,
        facts,
    )


def faults(d: Draped) -> list[str]:
    """What is wrong with a drape, in words; empty when it can be used."""
    f = d.facts
    return [
        why
        for why, bad in (
            ("not a number", f["finite"] < 1),
            ("stretched", f["stretch"] > MOST_STRETCH),
            ("inside the body", f["inside"] > MOST_INSIDE),
            ("restless", f["speed"] > MOST_SPEED),
            ("under the layer beneath", f["under"] > MOST_UNDER),
        )
        if bad
    ]
