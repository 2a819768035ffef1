"""Trimmings of trousers and skirts, by name; all are drawn on the designed positions (trim.py)."""

from __future__ import annotations

import numpy as np

from .cut import Cut
from .frames import ARM_RADIUS, LEG_RADIUS, WAIST_SHARE, Frame
from .relief import Relief, box, polygon
from .trimming import Sewn, trim


@trim("waistband")
def waistband(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """The band, its loops and its button."""
    tall, d = float(rng.uniform(0.034, 0.045)), k.f["neck"]
    r.panel(tall - d, d < tall + 0.01, 0.0015, stitched=True)
    if rng.random() < 0.8:
        for angle in (0.55, -0.55, 1.7, -1.7, np.pi):
            turn = np.abs((k.theta - angle + np.pi) % (2 * np.pi) - np.pi) * WAIST_SHARE
            r.panel(
                np.minimum(0.006 - turn, tall + 0.008 - d), (turn < 0.015) & (d < tall + 0.02), 0.0022, stitched=False
            )
    who = np.nonzero((np.abs(d - tall / 2) < 0.006) & k.front & (np.abs(k.x - 0.004) < 0.01))[0]
    if len(who):
        s.buttons.append(k.p[who[0]])


@trim("elastic")
def elastic(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A gathered waistband with a cord."""
    tall, d = float(rng.uniform(0.03, 0.05)), k.f["neck"]
    r.panel(tall - d, d < tall + 0.01, 0.001, stitched=True)
    r.ribs(k.theta * WAIST_SHARE, d < tall, float(rng.uniform(0.008, 0.012)), 0.0016)
    if rng.random() < 0.6:
        top = k.y[k.front & (d < 0.03) & (np.abs(k.x) < 0.05)].max(initial=k.marks.hip)
        for sign in (1, -1):
            y = np.linspace(top - 0.02, top - rng.uniform(0.1, 0.17), 16)
            s.cords.append(np.stack([sign * np.linspace(0.012, 0.026, 16), y, np.full(16, np.nan)], 1))


@trim("fly")
def fly(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """The front's edge and its curved stitching, and the seam behind."""
    middle = (k.f["leg"] < 0.12) & (np.abs(k.x) < 0.06) & (k.f["neck"] > 0.03)
    r.panel(k.x + 0.002, middle & k.front & (k.x < 0.03), 0.0012, stitched=False)
    r.seam_line(k.x, middle & ~k.front, 0.008)
    top = k.y[middle & k.front].max(initial=k.marks.hip)
    low = top - 0.13
    line = np.where(k.y > low + 0.035, 0.036, 0.036 * np.sqrt(np.clip(1 - ((low + 0.035 - k.y) / 0.035) ** 2, 0, 1)))
    r.stitches(k.x - line, middle & k.front & (k.y > low) & (k.x > 0.002))


@trim("leg_seams")
def leg_seams(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Outer and inner seams of trouser legs, felled on jeans."""
    felled = 0.009 if c.cloth == "denim" else 0.0
    a = np.abs(k.around_leg) * np.sign(k.around_leg)
    leg = k.on_leg & (k.f["neck"] > 0.03)
    r.seam_line(a * k.leg_radius, leg & (np.abs(a) < 0.6))
    turned = np.where(a > 0, a - np.pi, a + np.pi)
    r.seam_line(turned * k.leg_radius, leg & (np.abs(turned) < 0.6), felled)
    side = k.z - k.marks.depth + 0.01
    r.seam_line(side, ~k.on_leg & (np.abs(k.x) > 0.1) & (k.f["neck"] > 0.03))


@trim("front_pockets")
def front_pockets(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """The curved openings of jeans, or straight slanted ones."""
    curved = c.cloth == "denim" or rng.random() < 0.2
    waist = k.y[k.f["neck"] < 0.05].max(initial=k.marks.waist) - 0.045
    for sign in (1, -1):
        u = k.theta * sign * WAIST_SHARE
        on = k.front & (u > 0.02) & (k.y > waist - 0.22) & (k.f["neck"] > 0.03)
        if curved:
            a, b = np.clip((0.25 - u) / 0.15, 0, 3), (waist - k.y) / 0.085
            d = (np.hypot(a, b) - 1) * 0.085
            r.panel(d, on & (d < 0.04) & (b > -0.2), 0.0013)
        else:
            d = ((u - 0.13) * 0.85 + (k.y - waist) * 0.5) * -1
            r.panel(d, on & (np.abs(d) < 0.03) & (k.y > waist - 0.17), 0.0013)


@trim("back_pockets")
def back_pockets(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Patches with a point, or a welt."""
    waist = k.y[k.f["neck"] < 0.05].max(initial=k.marks.waist)
    y, patch = waist - rng.uniform(0.08, 0.1), c.cloth == "denim" or rng.random() < 0.3
    for sign in (1, -1):
        u = k.x * sign
        on = ~k.front & (u > 0.0) & (k.y > waist - 0.33)
        if patch:
            d = polygon(u, k.y, [(0.025, y - 0.12), (0.085, y - 0.155), (0.145, y - 0.12), (0.15, y), (0.02, y)])
            r.panel(d, on, 0.0016)
            if rng.random() < 0.5:
                r.stitches(np.abs(u - 0.085) * 0.5 + k.y - (y - 0.06), on & (d > 0.01))
        else:
            r.panel(box(u, k.y, 0.085, y - 0.02, 0.13, 0.012), on, 0.0012, stitched=False)
    if c.cloth == "denim":
        r.seam_line(
            k.y - (waist - 0.07 - 0.3 * np.clip(0.1 - np.abs(k.x), 0, 1)),
            ~k.front & (k.f["neck"] > 0.04) & (k.y > waist - 0.14),
            0.009,
        )


@trim("cargo")
def cargo(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Bellows pockets with flaps at the outer thighs."""
    y = 0.45 * k.marks.hip + 0.55 * k.marks.leg[0, 1, 1]
    u = k.around_leg * LEG_RADIUS
    on = k.on_leg & (np.abs(k.around_leg) < 1.5)
    r.panel(box(u, k.y, 0.0, y, 0.16, 0.2), on, 0.006, soft=0.004)
    r.panel(box(u, k.y, 0.0, y + 0.09, 0.17, 0.06), on, 0.0025)


@trim("crease")
def crease(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Pressed lines down the middle of each leg, in front and behind."""
    a = np.abs(np.abs(k.around_leg) - np.pi / 2) * k.leg_radius
    on = k.on_leg & (k.f["leg"] > 0.2) & (a < 0.03)
    r.height += np.where(on, 0.0035 * np.clip(1 - a / 0.013, 0, 1), 0)
    r.near = np.where(on & (a < 0.014), np.minimum(r.near, 0.004), r.near)


@trim("turn_ups")
def turn_ups(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    tall = float(rng.uniform(0.03, 0.05))
    r.panel(tall - k.f["cuff"], k.f["cuff"] < tall + 0.01, 0.0035, stitched=False, soft=0.0016)
    r.seam = np.where(k.f["cuff"] < tall, 1.0, r.seam)


@trim("side_stripe")
def side_stripe(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of tracksuits: a band of another colour down legs or sleeves."""
    wide = float(rng.uniform(0.01, 0.03))
    on_leg = k.on_leg & (np.abs(k.around_leg) < 0.8)
    r.panel(wide - np.abs(k.around_leg) * k.leg_radius, on_leg, 0.0006, stitched=False, accent=True)
    top = np.abs(np.abs(k.around_arm) - np.pi)
    r.panel(wide - top * ARM_RADIUS, k.on_arm & (top < 1), 0.0006, stitched=False, accent=True)


@trim("panels")
def panels(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of sports leggings: a panel from the outer thigh to the calf, dyed otherwise."""
    line = 0.9 + 0.5 * np.cos(2.2 * k.f["leg"] + rng.uniform(0, 3))
    d = (line - np.abs(k.around_leg)) * k.leg_radius
    r.panel(d, k.on_leg & (np.abs(d) < 0.03), 0.0006, stitched=True)
    r.accent |= k.on_leg & (d > 0)
