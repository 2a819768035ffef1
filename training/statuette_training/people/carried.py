"""Bags, belts, caps and loose hair: simple closed shapes fitted to the posed and dressed person. Units 0.1 m.

Everything is laid on radial profiles: the largest distance of the surfaces from a centre, by direction, in a plane
(belts, straps) or on a sphere (caps). Arms are left out: a belt goes under a resting arm, not around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accessories import tube

Shape = tuple[np.ndarray, np.ndarray]  # vertices f32 [n, 3], triangles int32 [m, 3]
BINS = 72
SIDES = 8  # of a ribbon's section


@dataclass(frozen=True)
class Extras:
    """What a person has beside clothes; drawn from a stream of its own, so that all other people stay as they were."""

    cap: bool = False
    belt: bool = False
    bag: str = ""  # "", "shoulder", "backpack", "tote"
    seated: bool = False


def random_extras(rng: np.random.Generator) -> Extras:
    bag = str(rng.choice(["", "shoulder", "backpack", "tote"], p=[0.82, 0.07, 0.05, 0.06]))
    return Extras(rng.random() < 0.05, rng.random() < 0.18, bag, rng.random() < 0.05)


def joined(shapes: list[Shape]) -> Shape:
    offsets = np.cumsum([0, *(len(v) for v, _ in shapes)])
    return (np.concatenate([v for v, _ in shapes]).astype(np.float32),
            np.concatenate([t + o for (_, t), o in zip(shapes, offsets, strict=False)]).astype(np.int32))


def ribbon(path: np.ndarray, out: np.ndarray, width: float | np.ndarray, thickness: float, closed: bool,
           roundness: float = 0.5) -> Shape:
    """A flat band along `path` [k, 3], `width` one or [k]; `out` [k, 3] are unit directions away from the body.

    roundness 0.5: in section nearly a rectangle, 1: an ellipse.
    """
    k, sides = len(path), SIDES
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    across = np.cross(ahead, out)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    angle = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    c, s = np.cos(angle), np.sin(angle)
    c, s = (np.sign(x) * np.abs(x) ** roundness for x in (c, s))
    half = np.reshape(width, (-1, 1, 1)) / 2
    ring = half * c[None, :, None] * across[:, None] + 0.5 * thickness * s[None, :, None] * out[:, None]
    v = (path[:, None] + ring).reshape(-1, 3)
    i = np.arange(k if closed else k - 1)[:, None]
    j, a = (i + 1) % k, np.arange(sides)[None]
    b = (a + 1) % sides
    t = np.concatenate([np.stack([i * sides + a, j * sides + a, i * sides + b], -1).reshape(-1, 3),
                        np.stack([i * sides + b, j * sides + a, j * sides + b], -1).reshape(-1, 3)])
    return v.astype(np.float32), t.astype(np.int32)


def rounded_box(size: np.ndarray, frame: np.ndarray, centre: np.ndarray, power: float) -> Shape:
    """A superellipsoid of full `size` [3]; rows of `frame` are its axes. power 2 is an ellipsoid, 8 nearly a box."""
    rows, columns = 17, 32
    phi = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None]
    theta = np.arange(columns)[None] * 2 * np.pi / columns

    def bent(x: np.ndarray) -> np.ndarray:
        return np.sign(x) * np.abs(x) ** (2 / power)

    p = np.stack([bent(np.cos(phi)) * bent(np.cos(theta)), bent(np.sin(phi)) + 0 * theta,
                  bent(np.cos(phi)) * bent(np.sin(theta))], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    t = np.concatenate([np.stack([a, a + columns, b], -1).reshape(-1, 3),
                        np.stack([b, a + columns, b + columns], -1).reshape(-1, 3)])
    return (p * size / 2 @ frame + centre).astype(np.float32), t.astype(np.int32)


def profile(points: np.ndarray, centre: np.ndarray, u: np.ndarray, w: np.ndarray, near: float,
            most: float) -> np.ndarray:
    """f64 [BINS]: outer distance from `centre` in the plane of u and w by angle, over points within `near` of it."""
    p = points - centre
    a, b = p @ u, p @ w
    flat = np.abs(p @ np.cross(u, w)) < near
    r = np.hypot(a, b)
    keep = flat & (r < most)
    bins = (np.arctan2(b[keep], a[keep]) / (2 * np.pi) * BINS).astype(int) % BINS
    out = np.zeros(BINS)
    np.maximum.at(out, bins, r[keep])
    seen = np.nonzero(out)[0]
    if not len(seen):
        return out
    gaps = np.interp(np.arange(BINS), np.concatenate([seen - BINS, seen, seen + BINS]), np.tile(out[seen], 3))
    taut = np.maximum(gaps, (np.roll(gaps, 2) + np.roll(gaps, -2)) / 2)  # straps bridge hollows
    return sum((np.roll(taut, k) for k in (-2, -1, 0, 1, 2)), np.zeros(BINS)) / 5


def loop(points: np.ndarray, centre: np.ndarray, u: np.ndarray, w: np.ndarray, width: float, near: float,
         most: float, arc: tuple[float, float] | None = None) -> Shape | None:
    """A strap around `points` in the plane of u and w; `arc` in turns from u, the whole loop when None."""
    r = profile(points, centre, u, w, near, most)
    if not r.any():
        return None
    turns = np.arange(BINS) / BINS if arc is None else np.linspace(*arc, BINS)
    distance = np.interp(turns % 1 * BINS, np.arange(BINS + 1), np.append(r, r[0])) + 0.06
    out = np.cos(2 * np.pi * turns)[:, None] * u + np.sin(2 * np.pi * turns)[:, None] * w
    return ribbon(centre + distance[:, None] * out, out, width, 0.1, arc is None)


def cap(head: np.ndarray, centre: np.ndarray, rng: np.random.Generator) -> Shape:
    """A baseball cap in rest space around the head's vertices; `centre` lies between the ears, at brow height."""
    rows, columns = 12, 48
    phi = np.linspace(0.0, np.pi / 2, rows)[:, None]
    theta = np.arange(columns)[None] * 2 * np.pi / columns
    d = np.stack([np.cos(phi) * np.sin(theta), np.sin(phi) + 0 * theta, np.cos(phi) * np.cos(theta)], -1)
    p = head - centre
    unit = p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-9)
    flat = d.reshape(-1, 3)
    far = np.where(flat @ unit.T > 0.93, flat @ p.T, 0).max(1).reshape(rows, columns)
    far = np.maximum(far, 0.7) + rng.uniform(0.14, 0.26)
    v = [(d * far[..., None]).reshape(-1, 3) + centre]
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    dome = np.concatenate([np.stack([a, b, a + columns], -1).reshape(-1, 3),
                           np.stack([b, b + columns, a + columns], -1).reshape(-1, 3)])
    # The brim: a bent sheet with an upper and a lower side, from the front third of the rim.
    across, steps, length = 17, 6, rng.uniform(0.55, 0.8)
    turn = np.linspace(-0.95, 0.95, across)
    column = np.round(turn / (2 * np.pi) * columns).astype(int) % columns
    rim = (d * far[..., None])[0, column]
    out = np.linspace(0, 1, steps)[:, None, None]
    reach = length * np.cos(turn / 0.95 * np.pi / 2)[None, :, None] ** 0.5
    sheet = rim[None] * [1, 1, 0.97] + out * reach * np.array([0.0, -0.12, 1.0])
    sheet[..., 1] -= (0.25 * turn**2)[None] * out[..., 0]
    brim = np.concatenate([(sheet + [0, 0.03, 0]).reshape(-1, 3), (sheet - [0, 0.03, 0]).reshape(-1, 3)]) + centre
    i, j = np.meshgrid(np.arange(steps - 1), np.arange(across - 1), indexing="ij")
    a = (i * across + j).reshape(-1)
    top = np.concatenate([np.stack([a, a + across, a + 1], 1), np.stack([a + 1, a + across, a + across + 1], 1)])
    n = steps * across
    front = (steps - 1) * across + np.arange(across - 1)
    edge = np.concatenate([np.stack([front, front + n, front + 1], 1),
                           np.stack([front + 1, front + n, front + n + 1], 1)])
    return joined([(v[0], dome), (brim, np.concatenate([top, top[:, ::-1] + n, edge]))])


def bag(kind: str, points: np.ndarray, joint: dict[str, np.ndarray], side: str,
        rng: np.random.Generator) -> list[Shape]:
    """Shapes of one bag with its straps; empty where the pose leaves no room for it.

    points: posed surfaces without arms. joint: posed positions of shoulder, hip, hand (of `side` and "other"), chest,
    and the unit axes right (towards the person's left), up, ahead of the trunk.
    """
    right, up, ahead = joint["right"], joint["up"], joint["ahead"]
    frame = np.stack([right, up, ahead])
    sign = 1.0 if side == "L" else -1.0
    if kind == "shoulder":
        high, low = joint["shoulder"], joint["hip_other"] - 0.3 * up
        u = (high - low) / np.linalg.norm(high - low)
        w = ahead - (ahead @ u) * u
        w /= np.linalg.norm(w)
        most = float(np.linalg.norm(high - low)) / 2 + 0.9
        strap = loop(points, (high + low) / 2, u, w, rng.uniform(0.2, 0.45), 0.35, most)
        size = np.array([rng.uniform(0.6, 1.0), rng.uniform(1.4, 2.3), rng.uniform(1.8, 3.0)])
        hip = points[np.abs((points - low) @ up) < 1.0]
        if strap is None or not len(hip):
            return []
        far = float(np.percentile((hip - low) @ right * -sign, 97))
        return [strap, rounded_box(size, frame, low - sign * right * (far + size[0] / 2), rng.uniform(4, 8))]
    if kind == "backpack":
        size = np.array([rng.uniform(2.4, 3.2), rng.uniform(3.4, 4.6), rng.uniform(1.1, 1.9)])
        back = points[(np.abs((points - joint["chest"]) @ right) < 1.2) & (np.abs((points - joint["chest"]) @ up) < 2)]
        if not len(back):
            return []
        far = float(((back - joint["chest"]) @ ahead).min())
        shapes = [rounded_box(size, frame, joint["chest"] + ahead * (far - size[2] / 2 + 0.15) - 0.3 * up, 5)]
        for s in (-1.0, 1.0):
            centre = joint["chest"] + s * right * 0.85
            near = points[np.abs((points - joint["chest"]) @ right) < 1.6]
            strap = loop(near, centre, ahead, up, 0.5, 0.3, 3.2, (0.45, -0.12))
            shapes += [] if strap is None else [strap]
        return shapes
    hand = joint["hand"]
    if (hand - joint["hip"]) @ up > 0.5:  # a tote hangs from a hanging arm only
        return []
    size = np.array([rng.uniform(0.7, 1.2), rng.uniform(2.4, 3.4), rng.uniform(2.4, 3.4)])
    drop = rng.uniform(0.9, 1.6)
    down, level = np.array([0, -1.0, 0]), np.eye(3)
    centre = hand + down * (drop + size[1] / 2)
    legs = points[np.abs((points - centre) @ level[1]) < size[1] / 2]
    if len(legs):  # beside the leg, not in it
        short = float((legs @ right * sign).max() + size[0] / 2 + 0.05 - centre @ right * sign)
        centre = centre + sign * right * max(0.0, min(short, 1.2))
    shapes = [rounded_box(size, frame, centre, rng.uniform(4, 9))]
    for s in (-1.0, 1.0):
        top = centre - down * (size[1] / 2 - 0.1) + s * 0.2 * right
        path = np.stack([top - 0.7 * ahead, hand - 0.15 * ahead, hand + 0.15 * ahead, top + 0.7 * ahead])
        shapes.append(tube(path, 0.06))
    return shapes


def loose_hair(points: np.ndarray, joint: dict[str, np.ndarray], ears: dict[str, np.ndarray],
               rng: np.random.Generator) -> list[Shape]:
    """Long hair that hangs loose: locks in front of the shoulders, most often a sheet of it on the back.

    points, joint: as for `bag`. ears: posed, of "L" and "R". Without it networks take dark bands on a chest for the
    straps of a backpack.
    """
    right, up, ahead = joint["right"], joint["up"], joint["ahead"]
    frame = np.stack([right, up, ahead])
    trunk = (points - joint["chest"]) @ frame.T
    high = {side: (ear - joint["chest"]) @ frame.T for side, ear in ears.items()}
    sides = ["L", "R"] if rng.random() < 0.8 else [str(rng.choice(["L", "R"]))]
    steps, thickness = 26, rng.uniform(0.2, 0.45)
    t = np.linspace(0, 1, steps)
    bottom = rng.uniform(-3.4, 0.6)  # from the collarbones to the waist

    def hung(x: np.ndarray, y: np.ndarray, start: float, chin: float, sign: float) -> np.ndarray:
        """Ahead of the trunk (sign 1) or behind it (-1), by level; `start` down to the level `chin`."""
        z = np.full(steps, np.nan)
        for k in range(steps):
            near = (np.abs(trunk[:, 0] - x[k]) < 0.3) & (np.abs(trunk[:, 1] - y[k]) < 0.25)
            if near.any():
                z[k] = (trunk[near, 2] * sign).max() + 0.5 * thickness + 0.03
        z[y > chin] = start * sign
        known = ~np.isnan(z)
        z = np.interp(t, t[known], z[known])
        smooth = np.convolve(np.pad(z, 2, "edge"), np.ones(5) / 5, "valid")
        return np.where(y > chin, z, np.maximum(z, smooth)) * sign  # hair bridges hollows

    def band(x: np.ndarray, y: np.ndarray, z: np.ndarray, out: np.ndarray, width: np.ndarray) -> Shape:
        path = np.stack([x, y, z], 1) @ frame + joint["chest"]
        return ribbon(path, np.broadcast_to(out / np.linalg.norm(out), path.shape), width, thickness, False, 0.9)

    shapes = []
    for side in sides:
        sign = 1.0 if side == "L" else -1.0
        ear = high[side]
        y = ear[1] + 0.3 + (bottom + rng.uniform(-0.4, 0.4) - ear[1] - 0.3) * t
        below = np.clip((ear[1] - 0.9 - y) / 1.0, 0, 1)  # the face stays free
        full = rng.uniform(0.5, 1.8)
        width = np.maximum(0.35, full * below * np.clip(2.2 - 1.9 * t, 0.25, 1))
        x = ear[0] + sign * 0.15 + (sign * rng.uniform(0.7, 1.5) - ear[0] - sign * 0.15) * below
        x = x + 0.12 * rng.normal() * np.sin(t * 5) * below
        z = hung(x, y, ear[2] + 0.05, ear[1] - 0.9, 1.0)
        shapes.append(band(x, y, z, ahead + 0.35 * sign * right, width))
    if rng.random() < 0.75:
        nape = (high["L"] + high["R"]) / 2
        x, y = np.full(steps, nape[0]), nape[1] + (bottom - nape[1]) * t
        z = hung(x, y, nape[2] - 0.7, nape[1], -1.0)
        width = rng.uniform(1.6, 2.6) * np.clip(np.minimum(0.7 + t, 1.9 - 1.3 * t), 0.4, 1)
        shapes.append(band(x, y, z, -ahead, width))
    return shapes
