"""Trimmings by name: hems, seams, plackets, pockets, waistbands, ribs, lapels, quilting. Each adds to a Relief.

All are drawn on the designed positions, so they lie on the cloth however it folds. Sizes are those of common clothes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .cut import Cut
from .frames import ARM_RADIUS, LEG_RADIUS, WAIST_SHARE, Frame
from .relief import Relief, box, polygon, step

RIB_TALL = 0.055


@dataclass
class Sewn:
    """What else is on a garment. buttons: designed positions [k, 3]; cords: paths of designed positions."""

    buttons: list[np.ndarray] = field(default_factory=list)
    cords: list[np.ndarray] = field(default_factory=list)


Trim = Callable[[Frame, Relief, Cut, Sewn, np.random.Generator], None]
TRIMS: dict[str, Trim] = {}


def _trim(name: str) -> Callable[[Trim], Trim]:
    def keep(f: Trim) -> Trim:
        TRIMS[name] = f
        return f

    return keep


def _trunk(k: Frame) -> np.ndarray:
    return ~k.on_arm & ~k.on_leg


def _shell(k: Frame) -> np.ndarray:
    """Not the collar."""
    return k.f["added"] < 2


# --- tops ---------------------------------------------------------------------------------------------------------
@_trim("hems")
def hems(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Doubled hems at trunk and sleeves, stitched once or twice."""
    wide = float(rng.uniform(0.014, 0.028))
    for name in ("low", "cuff"):
        d = k.f[name]
        on = d < wide + 0.01
        r.panel(wide - d, on, 0.0007, stitched=False, soft=0.0016)
        r.stitches(d - wide + 0.002, on, 0.0008)


@_trim("seams")
def seams(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Side seams, armholes, shoulders, and the seam under the sleeve."""
    side = k.p[:, 2] - k.marks.depth + 0.01
    trunk = _trunk(k) & _shell(k)
    r.seam_line(side, trunk & (np.abs(k.x) > 0.09) & (k.y < k.marks.shoulder - 0.06))
    r.seam_line(side - 0.005, trunk & (k.y > k.marks.shoulder - 0.03) & (k.f["arm"] < 0.07))
    if c.kind == "top" and c.arm > 0.15:
        r.seam_line((k.f["arm"] - 0.07) * 0.28, _shell(k) & (k.f["arm"] > 0.01) & (k.f["arm"] < 0.14))
        r.seam_line(k.around_arm * k.arm_radius, k.on_arm & (np.abs(k.around_arm) < 0.5))


@_trim("neck_rib")
def neck_rib(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    wide = float(rng.uniform(0.013, 0.024))
    r.panel(wide - k.f["neck"], k.f["neck"] < wide + 0.008, 0.0013, stitched=False, accent=True, soft=0.002)


@_trim("ribbing")
def ribbing(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Ribbed hem, cuffs and neck of sweatshirts, knits and bombers."""
    tall, period, u = float(rng.uniform(0.04, 0.07)), float(rng.uniform(0.006, 0.009)), k.width()[0]
    for name, high in (("low", tall), ("cuff", tall), ("neck", 0.025)):
        d = k.f[name]
        if name == "neck" and (c.turn > 0 or c.stand > 0.06):
            continue
        r.panel(high - d, d < high + 0.01, -0.0012, stitched=False, accent=True, soft=0.004)
        r.ribs(k.theta * 0.1 if name == "neck" else u, d < high, period, 0.0014)


@_trim("placket")
def placket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A buttoned front: the upper half's edge lies beside the middle, its band is stitched on both sides."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    u = k.x * side
    on = _trunk(k) & _shell(k) & k.front & (np.abs(k.x) < 0.05)
    r.panel(0.017 + u, on & (u < 0.03), 0.0013, stitched=True)
    r.stitches(u - 0.015, on)
    _button_row(k, s, on, 0.0, float(rng.uniform(0.075, 0.1)))


def _button_row(k: Frame, s: Sewn, on: np.ndarray, x: float, apart: float, top: float = 0.02, most: int = 9) -> None:
    rows = on & (np.abs(k.x - x) < 0.012)
    if not rows.any():
        return
    y = np.arange(k.y[rows].max() - top, k.y[rows].min() + 0.04, -apart)[:most]
    who = np.nonzero(rows)[0]
    for level in y:
        i = who[np.argmin((k.y[who] - level) ** 2 + (k.x[who] - x) ** 2)]
        if abs(k.y[i] - level) < 0.01:
            s.buttons.append(k.p[i])


@_trim("short_placket")
def short_placket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A polo shirt's."""
    on = _trunk(k) & _shell(k) & k.front & (np.abs(k.x) < 0.06)
    if not on.any():
        return
    top = k.y[on & (np.abs(k.x) < 0.02)].max(initial=k.marks.neck - 0.1)
    tall = float(rng.uniform(0.11, 0.16))
    d = box(k.x, k.y, 0, top - tall / 2 + 0.02, 0.034, tall + 0.04)
    r.panel(d, on, 0.0013)
    _button_row(k, s, on & (d > 0), 0.0, tall * 0.38, 0.015, 3)


@_trim("zip")
def zip_front(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = _trunk(k) & _shell(k) & k.front & (np.abs(k.x) < 0.04)
    r.panel(0.013 - np.abs(k.x), on, 0.0013)
    r.ridge(k.x, on, 0.0014, 0.0022)
    r.accent |= on & (np.abs(k.x) < 0.0045)


@_trim("short_zip")
def short_zip(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = _trunk(k) & _shell(k) & k.front & (np.abs(k.x) < 0.04) & (k.y > k.marks.neck - rng.uniform(0.2, 0.28))
    r.panel(0.012 - np.abs(k.x), on, 0.0012)
    r.ridge(k.x, on, 0.0013, 0.0022)
    r.accent |= on & (np.abs(k.x) < 0.0045)


@_trim("chest_pocket")
def chest_pocket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """One or two patch pockets on the chest, pointed or square, with or without a flap."""
    tall, wide, flap = rng.uniform(0.115, 0.14), rng.uniform(0.1, 0.125), rng.random() < 0.4
    y = k.marks.neck - rng.uniform(0.2, 0.235)
    for sign in (1, -1) if rng.random() < 0.4 or flap else (1,):
        u = k.x * sign
        on = _trunk(k) & _shell(k) & k.front & (u > 0.02) & (u < 0.2)
        a, b, low = 0.095 - wide / 2, 0.095 + wide / 2, y - tall / 2
        tip = 0.02 if rng.random() < 0.6 else 0.0
        d = polygon(u, k.y, [(a, low), ((a + b) / 2, low - tip), (b, low), (b, y + tall / 2), (a, y + tall / 2)])
        r.panel(d, on, 0.0013)
        if flap:
            top = y + tall / 2 + 0.012
            d = polygon(
                u,
                k.y,
                [
                    (a - 0.003, top - 0.045),
                    ((a + b) / 2, top - 0.058),
                    (b + 0.003, top - 0.045),
                    (b + 0.003, top),
                    (a - 0.003, top),
                ],
            )
            r.panel(d, on, 0.0018)
            _button_at(k, s, on, 0.095 * sign, top - 0.042)
        else:
            r.stitches(k.y - (y + tall / 2 - 0.025), on & (d > 0))


def _button_at(k: Frame, s: Sewn, on: np.ndarray, x: float, y: float) -> None:
    who = np.nonzero(on)[0]
    if len(who):
        i = who[np.argmin((k.x[who] - x) ** 2 + (k.y[who] - y) ** 2)]
        if np.hypot(k.x[i] - x, k.y[i] - y) < 0.012:
            s.buttons.append(k.p[i])


@_trim("kangaroo")
def kangaroo(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A hoodie's pouch: a trapezium with slanted openings."""
    on = _trunk(k) & _shell(k) & k.front & (np.abs(k.x) < 0.24)
    low, tall = k.marks.hip + 0.01, 0.2
    d = polygon(
        k.x,
        k.y,
        [(-0.165, low), (0.165, low), (0.165, low + 0.06), (0.1, low + tall), (-0.1, low + tall), (-0.165, low + 0.06)],
    )
    r.panel(d, on, 0.0035, soft=0.0025)


@_trim("waist_pockets")
def waist_pockets(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of jackets and coats: slanted welts, or patches with a flap."""
    patch, y = rng.random() < 0.5, k.marks.hip + rng.uniform(0.05, 0.1)
    for sign in (1, -1):
        u = k.x * sign
        on = _trunk(k) & k.front & (u > 0.04) & (u < 0.26)
        if patch:
            r.panel(box(u, k.y, 0.135, y - 0.06, 0.15, 0.17), on, 0.0022)
            r.panel(box(u, k.y, 0.135, y + 0.02, 0.158, 0.055), on, 0.0022)
        else:
            a = (u - 0.135) * 0.45 + (k.y - y) * 0.9
            b = (u - 0.135) * 0.9 - (k.y - y) * 0.45
            r.panel(np.minimum(0.012 - np.abs(b), 0.075 - np.abs(a)), on, 0.0022, stitched=False)
            r.stitches(np.minimum(0.012 - np.abs(b), 0.075 - np.abs(a)) + 0.004, on)


@_trim("yoke")
def yoke(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = _trunk(k) & _shell(k) & (k.f["arm"] < 0.07)
    r.seam_line(k.y - (k.marks.shoulder - rng.uniform(0.05, 0.09)), on & ~k.front, 0.008)
    if rng.random() < 0.3:
        r.seam_line(k.y - (k.marks.shoulder - rng.uniform(0.07, 0.12)), on & k.front, 0.008)


@_trim("cuffs")
def cuffs(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A shirt's or jacket's cuffs, with their slit and button."""
    tall = float(rng.uniform(0.05, 0.07))
    d = k.f["cuff"]
    r.panel(tall - d, d < tall + 0.01, 0.0016)
    slit = np.abs(k.around_arm) - 2.4
    r.seam_line(slit * k.arm_radius, k.on_arm & (d < tall + 0.09) & (np.abs(slit) < 0.4))
    for sign in (1, -1):
        who = np.nonzero(k.on_arm & (k.x * sign > 0) & (np.abs(d - tall / 2) < 0.008) & (np.abs(slit - 0.25) < 0.2))[0]
        if len(who):
            s.buttons.append(k.p[who[0]])


@_trim("lapels")
def lapels(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Turned fronts of a blazer or coat: their outer edge stands off the chest, with a notch below the collar."""
    top, low = k.marks.neck + 0.01, k.marks.hip + rng.uniform(0.12, 0.3)
    if c.vee:
        low = k.marks.neck - 0.04 - c.vee
    wide, peak = rng.uniform(0.065, 0.1), rng.uniform(0.05, 0.09)
    # The front's edge: beside the slit, or along the V of a closed front.
    start = np.maximum(max(c.open, 0.006), 0.9 * (k.y - (k.marks.neck - 0.02 - c.vee)) if c.vee else 0)
    for sign in (1, -1):
        u = k.x * sign - start
        on = _trunk(k) & k.front & (u > -0.05) & (k.y > low - 0.03) & (k.f["added"] < 2)
        share = np.clip((k.y - low) / (top - peak - low), 0, 1)
        edge = wide * share**0.8  # from the button out to the notch
        above = k.y - (top - peak)
        edge = np.where(above > 0, np.maximum(wide * 0.62 - 0.35 * above, 0.0), edge)
        d = np.minimum(edge - u, k.y - low)
        d = np.where(np.abs(above - 0.004) < 0.0035, np.minimum(d, wide * 0.55 - u), d)
        r.panel(d, on & (u > -0.03), 0.0038, stitched=False, soft=0.0014)
        r.stitches(d - 0.004, on, 0.0003)
    x = c.open + 0.012 if c.open else 0.0
    on = _trunk(k) & k.front & (np.abs(k.x - x) < 0.02) & (k.y < low)
    _button_row(k, s, on, x, 0.1, 0.01, int(rng.integers(1, 4)))


@_trim("quilting")
def quilting(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A puffer's tubes, stitched apart."""
    period, high = rng.uniform(0.06, 0.1), rng.uniform(0.008, 0.016)
    v = np.where(k.on_arm, 0.28 * k.f["arm"], k.y) / period
    phase = v - np.floor(v)
    on = _shell(k)
    r.height += np.where(on, high * (np.sqrt(np.clip(1 - (2 * phase - 1) ** 2, 0, 1)) - 0.5), 0)
    d = np.minimum(phase, 1 - phase) * period
    r.near = np.where(on, np.minimum(r.near, d), r.near)
    r.stitches(d, on, 0.001)


@_trim("cables")
def cables(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Columns of knitted cables and ribs between them."""
    u, v = k.width()
    period, turn = rng.uniform(0.05, 0.08), rng.uniform(0.03, 0.05)
    w = (u / period - np.floor(u / period) - 0.5) * period
    on = (k.f["low"] > 0.06) & (k.f["cuff"] > 0.06) & (k.f["neck"] > 0.02)
    sway = 0.007 * np.sin(2 * np.pi * v / turn)
    high = np.maximum(np.exp(-(((w - sway) / 0.005) ** 2)), np.exp(-(((w + sway) / 0.005) ** 2)))
    r.height += np.where(on, 0.0032 * high, 0)
    r.ribs(u, on & (np.abs(w) > 0.016), 0.0075, 0.0012)
    r.near = np.where(on, 0, r.near)


@_trim("wide_ribs")
def wide_ribs(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A ribbed knit all over."""
    r.ribs(k.width()[0], k.f["hem"] > 0.0, float(rng.uniform(0.008, 0.014)), 0.0018)


@_trim("waist_seam")
def waist_seam(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of dresses."""
    r.seam_line(k.y - k.marks.waist, _trunk(k) & _shell(k), 0.008 if rng.random() < 0.5 else 0.0)


@_trim("panel_seams")
def panel_seams(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Princess seams of fitted tops, jackets and sportswear."""
    for sign in (1, -1):
        line = 0.075 + 0.05 * np.clip((k.y - k.marks.waist) / 0.3, -0.3, 1) ** 2
        r.seam_line(k.x * sign - line, _trunk(k) & _shell(k) & (k.x * sign > 0.02))


@_trim("hood_cords")
def hood_cords(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    for sign in (1, -1):
        long = rng.uniform(0.14, 0.24)
        y = np.linspace(k.marks.neck - 0.02, k.marks.neck - long, 24)
        x = sign * (0.028 + 0.012 * np.linspace(0, 1, 24) + 0.004 * np.sin(np.linspace(0, rng.uniform(2, 5), 24)))
        s.cords.append(np.stack([x, y, np.full(24, np.nan)], 1))


# --- trousers and skirts ------------------------------------------------------------------------------------------
@_trim("waistband")
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


@_trim("elastic")
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


@_trim("fly")
def fly(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """The front's edge and its curved stitching, and the seam behind."""
    middle = (k.f["leg"] < 0.12) & (np.abs(k.x) < 0.06) & (k.f["neck"] > 0.03)
    r.panel(k.x + 0.002, middle & k.front & (k.x < 0.03), 0.0012, stitched=False)
    r.seam_line(k.x, middle & ~k.front, 0.008)
    top = k.y[middle & k.front].max(initial=k.marks.hip)
    low = top - 0.13
    line = np.where(k.y > low + 0.035, 0.036, 0.036 * np.sqrt(np.clip(1 - ((low + 0.035 - k.y) / 0.035) ** 2, 0, 1)))
    r.stitches(k.x - line, middle & k.front & (k.y > low) & (k.x > 0.002))


@_trim("leg_seams")
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


@_trim("front_pockets")
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


@_trim("back_pockets")
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


@_trim("cargo")
def cargo(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Bellows pockets with flaps at the outer thighs."""
    y = 0.45 * k.marks.hip + 0.55 * k.marks.leg[0, 1, 1]
    u = k.around_leg * LEG_RADIUS
    on = k.on_leg & (np.abs(k.around_leg) < 1.5)
    r.panel(box(u, k.y, 0.0, y, 0.16, 0.2), on, 0.006, soft=0.004)
    r.panel(box(u, k.y, 0.0, y + 0.09, 0.17, 0.06), on, 0.0025)


@_trim("crease")
def crease(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Pressed lines down the middle of each leg, in front and behind."""
    a = np.abs(np.abs(k.around_leg) - np.pi / 2) * k.leg_radius
    on = k.on_leg & (k.f["leg"] > 0.2) & (a < 0.03)
    r.height += np.where(on, 0.0035 * np.clip(1 - a / 0.013, 0, 1), 0)
    r.near = np.where(on & (a < 0.014), np.minimum(r.near, 0.004), r.near)


@_trim("turn_ups")
def turn_ups(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    tall = float(rng.uniform(0.03, 0.05))
    r.panel(tall - k.f["cuff"], k.f["cuff"] < tall + 0.01, 0.0035, stitched=False, soft=0.0016)
    r.seam = np.where(k.f["cuff"] < tall, 1.0, r.seam)


@_trim("side_stripe")
def side_stripe(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of tracksuits: a band of another colour down legs or sleeves."""
    wide = float(rng.uniform(0.01, 0.03))
    on_leg = k.on_leg & (np.abs(k.around_leg) < 0.8)
    r.panel(wide - np.abs(k.around_leg) * k.leg_radius, on_leg, 0.0006, stitched=False, accent=True)
    top = np.abs(np.abs(k.around_arm) - np.pi)
    r.panel(wide - top * ARM_RADIUS, k.on_arm & (top < 1), 0.0006, stitched=False, accent=True)


@_trim("panels")
def panels(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of sports leggings: a panel from the outer thigh to the calf, dyed otherwise."""
    line = 0.9 + 0.5 * np.cos(2.2 * k.f["leg"] + rng.uniform(0, 3))
    d = (line - np.abs(k.around_leg)) * k.leg_radius
    r.panel(d, k.on_leg & (np.abs(d) < 0.03), 0.0006, stitched=True)
    r.accent |= k.on_leg & (d > 0)


def decorate(k: Frame, c: Cut, seed: int) -> tuple[Relief, Sewn]:
    """The relief of all trimmings of a cut; the same seed on a finer mesh gives the same trimmings."""
    relief, sewn = Relief(len(k.p)), Sewn()
    for i, name in enumerate(c.trims):
        TRIMS[name](k, relief, c, sewn, np.random.default_rng([seed, i]))
    return relief, sewn


__all__ = ["TRIMS", "Sewn", "decorate", "step"]
