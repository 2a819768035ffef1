"""Trimmings of tops and jackets, by name; all are drawn on the designed positions (trim.py)."""

from __future__ import annotations

import numpy as np

from .cut import Cut
from .frames import Frame
from .relief import Relief, box, polygon
from .trimming import Sewn, on_shell, on_trunk, trim


@trim("hems")
def hems(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Doubled hems at trunk and sleeves, stitched once or twice."""
    wide = float(rng.uniform(0.014, 0.028))
    for name in ("low", "cuff"):
        d = k.f[name]
        on = d < wide + 0.01
        r.panel(wide - d, on, 0.0007, stitched=False, soft=0.0016)
        r.stitches(d - wide + 0.002, on, 0.0008)


@trim("seams")
def seams(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Side seams, armholes, shoulders, and the seam under the sleeve."""
    side = k.p[:, 2] - k.marks.depth + 0.01
    trunk = on_trunk(k) & on_shell(k)
    r.seam_line(side, trunk & (np.abs(k.x) > 0.09) & (k.y < k.marks.shoulder - 0.06))
    r.seam_line(side - 0.005, trunk & (k.y > k.marks.shoulder - 0.03) & (k.f["arm"] < 0.07))
    if c.kind == "top" and c.arm > 0.15:
        r.seam_line((k.f["arm"] - 0.07) * 0.28, on_shell(k) & (k.f["arm"] > 0.01) & (k.f["arm"] < 0.14))
        r.seam_line(k.around_arm * k.arm_radius, k.on_arm & (np.abs(k.around_arm) < 0.5))


@trim("neck_rib")
def neck_rib(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    wide = float(rng.uniform(0.013, 0.024))
    r.panel(wide - k.f["neck"], k.f["neck"] < wide + 0.008, 0.0013, stitched=False, accent=True, soft=0.002)


@trim("ribbing")
def ribbing(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Ribbed hem, cuffs and neck of sweatshirts, knits and bombers."""
    tall, period, u = float(rng.uniform(0.04, 0.07)), float(rng.uniform(0.006, 0.009)), k.width()[0]
    for name, high in (("low", tall), ("cuff", tall), ("neck", 0.025)):
        d = k.f[name]
        if name == "neck" and (c.turn > 0 or c.stand > 0.06):
            continue
        r.panel(high - d, d < high + 0.01, -0.0012, stitched=False, accent=True, soft=0.004)
        r.ribs(k.theta * 0.1 if name == "neck" else u, d < high, period, 0.0014)


@trim("placket")
def placket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A buttoned front: the upper half's edge lies beside the middle, its band is stitched on both sides."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    u = k.x * side
    on = on_trunk(k) & on_shell(k) & k.front & (np.abs(k.x) < 0.05)
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


@trim("short_placket")
def short_placket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A polo shirt's."""
    on = on_trunk(k) & on_shell(k) & k.front & (np.abs(k.x) < 0.06)
    if not on.any():
        return
    top = k.y[on & (np.abs(k.x) < 0.02)].max(initial=k.marks.neck - 0.1)
    tall = float(rng.uniform(0.11, 0.16))
    d = box(k.x, k.y, 0, top - tall / 2 + 0.02, 0.034, tall + 0.04)
    r.panel(d, on, 0.0013)
    _button_row(k, s, on & (d > 0), 0.0, tall * 0.38, 0.015, 3)


@trim("zip")
def zip_front(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = on_trunk(k) & on_shell(k) & k.front & (np.abs(k.x) < 0.04)
    r.panel(0.013 - np.abs(k.x), on, 0.0013)
    r.ridge(k.x, on, 0.0014, 0.0022)
    r.accent |= on & (np.abs(k.x) < 0.0045)


@trim("short_zip")
def short_zip(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = on_trunk(k) & on_shell(k) & k.front & (np.abs(k.x) < 0.04) & (k.y > k.marks.neck - rng.uniform(0.2, 0.28))
    r.panel(0.012 - np.abs(k.x), on, 0.0012)
    r.ridge(k.x, on, 0.0013, 0.0022)
    r.accent |= on & (np.abs(k.x) < 0.0045)


@trim("chest_pocket")
def chest_pocket(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """One or two patch pockets on the chest, pointed or square, with or without a flap."""
    tall, wide, flap = rng.uniform(0.115, 0.14), rng.uniform(0.1, 0.125), rng.random() < 0.4
    y = k.marks.neck - rng.uniform(0.2, 0.235)
    for sign in (1, -1) if rng.random() < 0.4 or flap else (1,):
        u = k.x * sign
        on = on_trunk(k) & on_shell(k) & k.front & (u > 0.02) & (u < 0.2)
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


@trim("kangaroo")
def kangaroo(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A hoodie's pouch: a trapezium with slanted openings."""
    on = on_trunk(k) & on_shell(k) & k.front & (np.abs(k.x) < 0.24)
    low, tall = k.marks.hip + 0.01, 0.2
    d = polygon(
        k.x,
        k.y,
        [(-0.165, low), (0.165, low), (0.165, low + 0.06), (0.1, low + tall), (-0.1, low + tall), (-0.165, low + 0.06)],
    )
    r.panel(d, on, 0.0035, soft=0.0025)


@trim("waist_pockets")
def waist_pockets(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of jackets and coats: slanted welts, or patches with a flap."""
    patch, y = rng.random() < 0.5, k.marks.hip + rng.uniform(0.05, 0.1)
    for sign in (1, -1):
        u = k.x * sign
        on = on_trunk(k) & k.front & (u > 0.04) & (u < 0.26)
        if patch:
            r.panel(box(u, k.y, 0.135, y - 0.06, 0.15, 0.17), on, 0.0022)
            r.panel(box(u, k.y, 0.135, y + 0.02, 0.158, 0.055), on, 0.0022)
        else:
            a = (u - 0.135) * 0.45 + (k.y - y) * 0.9
            b = (u - 0.135) * 0.9 - (k.y - y) * 0.45
            r.panel(np.minimum(0.012 - np.abs(b), 0.075 - np.abs(a)), on, 0.0022, stitched=False)
            r.stitches(np.minimum(0.012 - np.abs(b), 0.075 - np.abs(a)) + 0.004, on)


@trim("yoke")
def yoke(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    on = on_trunk(k) & on_shell(k) & (k.f["arm"] < 0.07)
    r.seam_line(k.y - (k.marks.shoulder - rng.uniform(0.05, 0.09)), on & ~k.front, 0.008)
    if rng.random() < 0.3:
        r.seam_line(k.y - (k.marks.shoulder - rng.uniform(0.07, 0.12)), on & k.front, 0.008)


@trim("cuffs")
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


@trim("lapels")
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
        on = on_trunk(k) & k.front & (u > -0.05) & (k.y > low - 0.03) & (k.f["added"] < 2)
        share = np.clip((k.y - low) / (top - peak - low), 0, 1)
        edge = wide * share**0.8  # from the button out to the notch
        above = k.y - (top - peak)
        edge = np.where(above > 0, np.maximum(wide * 0.62 - 0.35 * above, 0.0), edge)
        d = np.minimum(edge - u, k.y - low)
        d = np.where(np.abs(above - 0.004) < 0.0035, np.minimum(d, wide * 0.55 - u), d)
        r.panel(d, on & (u > -0.03), 0.0038, stitched=False, soft=0.0014)
        r.stitches(d - 0.004, on, 0.0003)
    x = c.open + 0.012 if c.open else 0.0
    on = on_trunk(k) & k.front & (np.abs(k.x - x) < 0.02) & (k.y < low)
    _button_row(k, s, on, x, 0.1, 0.01, int(rng.integers(1, 4)))


@trim("quilting")
def quilting(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A puffer's tubes, stitched apart."""
    period, high = rng.uniform(0.06, 0.1), rng.uniform(0.008, 0.016)
    v = np.where(k.on_arm, 0.28 * k.f["arm"], k.y) / period
    phase = v - np.floor(v)
    on = on_shell(k)
    r.height += np.where(on, high * (np.sqrt(np.clip(1 - (2 * phase - 1) ** 2, 0, 1)) - 0.5), 0)
    d = np.minimum(phase, 1 - phase) * period
    r.near = np.where(on, np.minimum(r.near, d), r.near)
    r.stitches(d, on, 0.001)


@trim("cables")
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


@trim("wide_ribs")
def wide_ribs(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """A ribbed knit all over."""
    r.ribs(k.width()[0], k.f["hem"] > 0.0, float(rng.uniform(0.008, 0.014)), 0.0018)


@trim("waist_seam")
def waist_seam(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Of dresses."""
    r.seam_line(k.y - k.marks.waist, on_trunk(k) & on_shell(k), 0.008 if rng.random() < 0.5 else 0.0)


@trim("panel_seams")
def panel_seams(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    """Princess seams of fitted tops, jackets and sportswear."""
    for sign in (1, -1):
        line = 0.075 + 0.05 * np.clip((k.y - k.marks.waist) / 0.3, -0.3, 1) ** 2
        r.seam_line(k.x * sign - line, on_trunk(k) & on_shell(k) & (k.x * sign > 0.02))


@trim("hood_cords")
def hood_cords(k: Frame, r: Relief, c: Cut, s: Sewn, rng: np.random.Generator) -> None:
    for sign in (1, -1):
        long = rng.uniform(0.14, 0.24)
        y = np.linspace(k.marks.neck - 0.02, k.marks.neck - long, 24)
        x = sign * (0.028 + 0.012 * np.linspace(0, 1, 24) + 0.004 * np.sin(np.linspace(0, rng.uniform(2, 5), 24)))
        s.cords.append(np.stack([x, y, np.full(24, np.nan)], 1))
