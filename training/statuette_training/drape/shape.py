"""The tailor's shapes on the coarse helper shell: the shell follows the body, clothes do not.

Sleeves and legs become tapered tubes about the joints' axis. Below the armpits the trunk's radius over angle and height
becomes its running maximum from above, so cloth hangs from chest and shoulder blades. Metres.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Radius = Callable[[np.ndarray, Callable[[float], float]], np.ndarray]


def ramp(x: np.ndarray | float, a: float, b: float) -> np.ndarray:
    """A smooth step from 0 at a to 1 at b."""
    t = np.clip((np.asarray(x) - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def _means(x: np.ndarray, value: np.ndarray, bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of value over bins of x at the bins' centres; holes are filled from their neighbours."""
    at = np.clip(np.digitize(x, bins) - 1, 0, len(bins) - 2)
    count = np.bincount(at, minlength=len(bins) - 1)
    total = np.bincount(at, value, len(bins) - 1)
    centre, good = (bins[1:] + bins[:-1]) / 2, count > 0
    return centre, np.interp(centre, centre[good], total[good] / count[good])


def tube(
    x: np.ndarray,
    rows: np.ndarray,
    s: np.ndarray,
    joints: np.ndarray,
    radius_of: Radius,
    start: float,
    full: float,
    least: float,
) -> None:
    """Makes rows of x a tube, in place. s: their place 0..2 along joints [3, 3].

    radius_of(s, own): wanted radius, own(s) being the body's own; begins at `start`, complete at `full`.
    """
    s = s.clip(0, 2)
    k = np.minimum(s.astype(int), 1)
    a, b = joints[k], joints[k + 1]
    axis = (b - a) / np.linalg.norm(b - a, axis=1)[:, None]
    r = x[rows] - (a + (b - a) * (s - k)[:, None])
    r -= (r * axis).sum(1)[:, None] * axis
    radius = np.linalg.norm(r, axis=1)
    at, mean = _means(s, radius, np.linspace(start, 2, 14))
    mean = np.convolve(np.pad(mean, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    own = np.interp(s, at, mean)
    want = np.maximum(radius_of(s, lambda q: float(np.interp(q, at, mean))), radius + least)
    shaped = 0.55 * want + 0.45 * np.maximum(radius * want / own, radius + least)
    x[rows] += r / np.maximum(radius, 1e-4)[:, None] * ((shaped - radius) * ramp(s, start, full))[:, None]


ANGLES, LEVELS = 36, 22


def hang_trunk(
    x: np.ndarray, rows: np.ndarray, torso: np.ndarray, free: np.ndarray, boxy: float, ease: float, tucked: bool
) -> None:
    """Lets the trunk of a top hang, in place. rows: its vertices; torso, free (share of arms): their values."""
    y0, y1 = (np.median(x[rows][np.abs(torso - v) < 0.05, 1]) for v in (-0.1, 0.74))
    zc = x[rows, 2][(x[rows, 1] < y1)].mean()
    theta, radius, y = np.arctan2(x[rows, 0], x[rows, 2] - zc), np.hypot(x[rows, 0], x[rows, 2] - zc), x[rows, 1]
    table = np.zeros((LEVELS, ANGLES))
    level = ((y1 - y) / (y1 - y0) * LEVELS).astype(int)
    angle = ((theta / (2 * np.pi) + 0.5) * ANGLES).astype(int) % ANGLES
    good = (level >= 0) & (level < LEVELS)
    np.maximum.at(table, (level[good], angle[good]), radius[good])
    for _ in range(6):
        hole = table == 0
        near = np.maximum(np.roll(table, 1, 1), np.roll(table, -1, 1))
        near = np.maximum(near, np.roll(table, 1, 0))
        table[hole] = near[hole]
    hang = np.maximum.accumulate(table, 0) * (0.6 + 0.4 * boxy) + table * (0.4 - 0.4 * boxy)
    for _ in range(5):
        hang = 0.5 * hang + 0.25 * (np.roll(hang, 1, 1) + np.roll(hang, -1, 1))
        hang[1:-1] = 0.5 * hang[1:-1] + 0.25 * (hang[:-2] + hang[2:])
    fy = np.clip((y1 - y) / (y1 - y0) * LEVELS - 0.5, 0, LEVELS - 1.001)
    fa = ((theta / (2 * np.pi) + 0.5) * ANGLES - 0.5) % ANGLES
    j, i = fy.astype(int), fa.astype(int)
    u, v = fa - i, fy - j
    i, right = i % ANGLES, (i + 1) % ANGLES
    h = (hang[j, i] * (1 - u) + hang[j, right] * u) * (1 - v) + (hang[j + 1, i] * (1 - u) + hang[j + 1, right] * u) * v
    w = ramp(-torso, -0.86, -0.6) * (1 - ramp(free, 0.05, 0.45))
    if tucked:
        w = w * ramp(torso, 0.2, 0.36)
    grow = np.maximum(boxy * (h - radius), 0) * w + ease * ((0 if tucked else 0.25) + 0.75 * w)
    scale = (radius + grow) / radius
    x[rows, 0] *= scale
    x[rows, 2] = zc + (x[rows, 2] - zc) * scale


def widen_skirt(x: np.ndarray, rows: np.ndarray, s: np.ndarray, flare: float) -> None:
    """More cloth towards a skirt's hem, in place. s: 0 waist .. 1 hem."""
    zc = x[rows, 2].mean()
    grow = 1 + flare * ramp(s, 0.02, 1.0) ** 0.7
    x[rows, 0] *= grow
    x[rows, 2] = zc + (x[rows, 2] - zc) * grow


def pleat(x: np.ndarray, s: np.ndarray, count: int) -> np.ndarray:
    """Offsets [n, 3] that lay `count` sharp folds around a skirt. s: 0 waist .. 1 hem."""
    zc = x[:, 2].mean()
    angle = np.arctan2(x[:, 0], x[:, 2] - zc) * count / (2 * np.pi)
    saw = np.abs(angle - np.floor(angle) - 0.5) * 4 - 1
    grow = (0.05 + 0.06 * ramp(s, 0.1, 0.8)) * saw * ramp(s, 0.02, 0.12)
    return np.stack([x[:, 0] * grow, np.zeros(len(x)), (x[:, 2] - zc) * grow], 1)
