"""Cloth as it is: even dyes, denim, knit, stripes, checks, prints with sharp edges.

What varies softly on real cloth is its shading. So nothing here is soft: a texture is one dye with a weave of its true
size (a millimetre or less, faint at the scale of a photo) and patterns with sharp edges. Blotches of the size of folds,
as the tiles of the building blocks have, teach a network that light and dark on cloth mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .materials import Material, random_dye

METRE = 768  # pixels of a sheet that repeats every metre: 1.3 mm each
WHITE = 186.0  # sRGB level that a tint of 1 leaves as it is
COTTON = ("plain", "plain", "plain", "melange", "stripes", "print", "print", "dots", "blocks")
SUITS = {
    "jersey": COTTON,
    "sport": ("plain", "plain", "print", "blocks", "melange"),
    "shirt": ("plain", "plain", "plain", "stripes", "checks", "checks", "dots", "print_all"),
    "silk": ("plain", "plain", "print_all", "dots", "stripes"),
    "chino": ("plain",) * 5 + ("camouflage",),
    "denim": ("denim",),
    "wool": ("plain", "plain", "plain", "herringbone", "checks", "pinstripe"),
    "knit": ("knit", "knit", "knit", "melange", "stripes", "blocks"),
    "fleece": ("plain", "plain", "melange", "print", "blocks"),
    "jacket": ("plain", "plain", "plain", "camouflage", "checks"),
    "coat": ("plain", "plain", "plain", "herringbone", "checks"),
    "nylon": ("plain",),
}


@dataclass
class Look:
    specular: float
    gloss: float
    rim: float


def _look(cloth: str, rng: np.random.Generator) -> Look:
    if cloth in ("silk", "sport", "nylon"):
        return Look(float(rng.uniform(0.06, 0.3)), float(rng.uniform(12, 45)), float(rng.uniform(0, 0.1)))
    if cloth in ("wool", "knit", "fleece", "coat"):
        return Look(0.015, 8.0, float(rng.uniform(0.05, 0.25)))
    return Look(0.02, 10.0, float(rng.uniform(0, 0.12)))


def _srgb(linear: np.ndarray) -> np.ndarray:
    return 255 * np.clip(linear, 0, 1) ** (1 / 2.2)


def _dye(rng: np.random.Generator) -> np.ndarray:
    """sRGB f [3] of a dye, 0..255."""
    return np.clip(_srgb(random_dye(rng)), 12, 243)


def _other(rng: np.random.Generator, than: np.ndarray) -> np.ndarray:
    """A dye that can be told from another one."""
    for _ in range(20):
        c = _dye(rng)
        if np.abs(c - than).max() > 45:
            return c
    return 255 - than


def _weave(shape: tuple[int, int], rng: np.random.Generator, strength: float) -> np.ndarray:
    """f [h, w, 1] about 1: threads and fibres, nothing wider than two pixels."""
    fine = rng.normal(0, 1, (*shape, 1))
    fine = fine - cv2.blur(fine, (5, 5))[..., None]
    return 1 + strength * fine


def _plain(dye: np.ndarray, rng: np.random.Generator, strength: float, n: int = 128) -> np.ndarray:
    return np.broadcast_to(dye, (n, n, 3)) * _weave((n, n), rng, strength)


def _stripes(dye: np.ndarray, rng: np.random.Generator, n: int = 256) -> tuple[np.ndarray, float]:
    """Stripes across or along; widths of 3 to 50 mm."""
    sheet = np.broadcast_to(dye, (n, n, 3)).copy()
    period = int(rng.choice([16, 32, 64, 128, 256]))
    at, inks = 0.0, [_other(rng, dye) for _ in range(int(rng.integers(1, 3)))]
    x = np.arange(n) % period / period
    for ink in inks:
        wide = rng.uniform(0.08, 0.5) / len(inks)
        at += rng.uniform(0.05, 0.4)
        sheet[:, ((x - at) % 1) < wide] = ink
    if rng.random() < 0.55:
        sheet = sheet.transpose(1, 0, 2)
    metres = float(rng.uniform(0.06, 0.24)) * n / 256
    return np.ascontiguousarray(sheet), metres


def _checks(dye: np.ndarray, rng: np.random.Generator, n: int = 256) -> tuple[np.ndarray, float]:
    """Woven checks: each crossing is half one and half the other colour."""
    band = np.broadcast_to(dye, (n, 3)).astype(float).copy()
    for _ in range(int(rng.integers(1, 5))):
        wide, at = int(rng.integers(4, 90)), int(rng.integers(n))
        band[(np.arange(n) - at) % n < wide] = _other(rng, dye)
    warp, weft = band[None], band[:, None]
    return 0.5 * (np.broadcast_to(warp, (n, n, 3)) + weft), float(rng.choice([0.04, 0.08, 0.12, 0.2]))


def _dots(dye: np.ndarray, rng: np.random.Generator, n: int = 256) -> tuple[np.ndarray, float]:
    sheet, ink = np.broadcast_to(dye, (n, n, 3)).copy(), _other(rng, dye)
    count, size = int(rng.choice([2, 4, 8])), rng.uniform(0.1, 0.35)
    y, x = np.mgrid[:n, :n] * count / n
    odd = np.floor(y) % 2 / 2
    d = np.hypot((x + odd) % 1 - 0.5, y % 1 - 0.5)
    sheet[d < size] = ink
    return sheet, float(rng.uniform(0.06, 0.2))


def _print_all(dye: np.ndarray, rng: np.random.Generator, n: int = 512) -> tuple[np.ndarray, float]:
    """Leaves, petals or blots all over, each with a sharp edge; the tile repeats seamlessly."""
    sheet = np.full((n, n, 3), dye).astype(np.uint8)
    inks = [_other(rng, dye) for _ in range(int(rng.integers(1, 5)))]
    for _ in range(int(rng.integers(14, 60))):
        c, r = rng.integers(0, n, 2), int(rng.integers(8, 56))
        ink, petals = inks[int(rng.integers(len(inks)))], int(rng.integers(1, 6))
        turn = rng.uniform(0, 360)
        for dx in (-n, 0, n):
            for dy in (-n, 0, n):
                for k in range(petals):
                    a = np.deg2rad(turn + 360 * k / petals)
                    p = (int(c[0] + dx + 0.6 * r * np.cos(a)), int(c[1] + dy + 0.6 * r * np.sin(a)))
                    cv2.ellipse(
                        sheet, p, (r // 2 + 2, r // 5 + 2), np.rad2deg(a), 0, 360, ink.tolist(), -1, cv2.LINE_AA
                    )
    return sheet, float(rng.uniform(0.15, 0.5))


def _camouflage(rng: np.random.Generator, n: int = 512) -> tuple[np.ndarray, float]:
    """Patches with sharp edges out of four dyes."""
    dyes = [_dye(rng) * 0.8 for _ in range(4)]
    sheet = np.broadcast_to(dyes[0], (n, n, 3)).copy()
    for dye in dyes[1:]:
        f = np.fft.fft2(rng.normal(0, 1, (n, n)))
        q = np.fft.fftfreq(n) * n
        f *= np.exp(-(((np.hypot(q[:, None], q[None]) - 7) / 4) ** 2))
        blot = np.real(np.fft.ifft2(f))
        sheet[blot > np.quantile(blot, 0.72)] = dye
    return sheet, float(rng.uniform(0.35, 0.8))


def _herringbone(dye: np.ndarray, rng: np.random.Generator, n: int = 128) -> tuple[np.ndarray, float]:
    y, x = np.mgrid[:n, :n]
    zig = np.abs((x % 32) - 16)
    line = ((y + zig) % 8) < 4
    other = dye * rng.uniform(0.75, 0.92) if dye.mean() > 60 else dye + rng.uniform(8, 22)
    return np.where(line[..., None], dye, other).astype(float), 0.16 * 0.5


def _pinstripe(dye: np.ndarray, rng: np.random.Generator, n: int = 256) -> tuple[np.ndarray, float]:
    sheet = np.broadcast_to(dye, (n, n, 3)).astype(float).copy()
    sheet[:, :: int(rng.choice([32, 64]))] = dye * 0.5 + _other(rng, dye) * 0.5
    return sheet, 0.16


def _knit(dye: np.ndarray, rng: np.random.Generator, n: int = 192) -> tuple[np.ndarray, float]:
    """Columns of stitches, 3 to 6 mm wide; darker between the loops."""
    y, x = np.mgrid[:n, :n]
    loop = (y + np.abs((x % 12) - 6)) % 8
    dark = (x % 12 == 0) | (loop == 0)
    return dye * np.where(dark, rng.uniform(0.82, 0.93), 1.0)[..., None], float(rng.uniform(0.05, 0.09))


def _denim(rng: np.random.Generator, n: int = 192) -> tuple[np.ndarray, np.ndarray]:
    """Twill of an indigo (or black, grey, white) warp and a pale weft; and the dye."""
    kind = rng.random()
    dye = (
        np.array([rng.uniform(28, 90), rng.uniform(45, 110), rng.uniform(85, 160)])
        if kind < 0.72
        else np.full(3, rng.uniform(20, 50))
        if kind < 0.88
        else np.full(3, rng.uniform(90, 225))
    )
    y, x = np.mgrid[:n, :n]
    twill = ((x + 2 * y) % 6) < 2
    pale = 0.72 * dye + 0.28 * np.array([215.0, 215, 210])
    return np.where(twill[..., None], pale, dye) * _weave((n, n), rng, 0.06), dye


def _drawing(sheet: np.ndarray, dye: np.ndarray, rng: np.random.Generator) -> None:
    """A print on the chest of a one-metre sheet, in place: bands, shapes, lettering, small logos, blocks."""
    n = len(sheet)
    cx, cy = n // 2, int(n * rng.uniform(0.45, 0.6))
    inks = [_other(rng, dye).tolist() for _ in range(3)]
    kind, r = int(rng.integers(6)), int(n * rng.uniform(0.03, 0.12))
    if kind == 0:
        for k in range(int(rng.integers(1, 4))):
            y = cy + k * int(r * rng.uniform(0.5, 1.0))
            cv2.rectangle(sheet, (0, y), (n, y + int(r * rng.uniform(0.15, 0.5))), inks[k % 2], -1)
    elif kind == 1:
        cv2.circle(sheet, (cx, cy), r, inks[0], -1, cv2.LINE_AA)
        cv2.circle(sheet, (cx, cy), int(r * 0.6), inks[1], max(2, r // 6), cv2.LINE_AA)
    elif kind in (2, 3):
        for row in range(int(rng.integers(1, 4))):
            word = "".join(rng.choice(list("AEIONRSTLMKBDUVG"), int(rng.integers(3, 9))))
            size = rng.uniform(0.6, 2.6)
            font = int(rng.choice([cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX]))
            (w, h), _ = cv2.getTextSize(word, font, size, 4)
            cv2.putText(
                sheet,
                word,
                (cx - w // 2, cy + row * int(1.6 * h)),
                font,
                size,
                inks[row % 2],
                int(rng.integers(2, 7)),
                cv2.LINE_AA,
            )
    elif kind == 4:
        points = (np.array([cx, cy]) + rng.uniform(-r, r, (int(rng.integers(3, 9)), 2))).astype(np.int32)
        cv2.fillPoly(sheet, [points], inks[0], cv2.LINE_AA)
        cv2.polylines(sheet, [points], True, inks[1], 3, cv2.LINE_AA)
    else:
        for a in range(int(rng.integers(2, 5))):
            for b in range(int(rng.integers(2, 5))):
                p = (cx + int((a - 1.5) * r * 0.8), cy + int((b - 1.5) * r * 0.8))
                cv2.ellipse(
                    sheet, p, (r // 4 + 2, r // 6 + 2), rng.uniform(0, 180), 0, 360, inks[(a + b) % 3], -1, cv2.LINE_AA
                )


def _material(sheet: np.ndarray, metres: float, look: Look, tint: float = 1.0) -> Material:
    return Material(
        np.clip(sheet, 0, 255).astype(np.uint8), (look.specular, look.gloss, tint, tint, tint, look.rim), metres
    )


def even_fabric(cloth: str, rng: np.random.Generator, kind: str = "") -> Material:
    """A random fabric for a cloth of drape/cloths.py. kind: one of SUITS' words; "" draws one that suits."""
    if not kind:
        kind = str(rng.choice(SUITS[cloth]))
    look, dye, strength = _look(cloth, rng), _dye(rng), float(rng.uniform(0.0, 0.03))
    if kind == "plain":
        return _material(_plain(dye, rng, strength), 0.16, look)
    if kind == "melange":
        return _material(_plain(dye, rng, float(rng.uniform(0.05, 0.12))), 0.17, look)
    if kind == "denim":
        sheet, dye = _denim(rng)
        return _material(sheet, 0.19, look)
    if kind == "knit":
        sheet, metres = _knit(dye, rng)
        return _material(sheet * _weave(sheet.shape[:2], rng, strength), metres, look)
    if kind in ("print", "blocks"):
        sheet = np.full((METRE, METRE, 3), dye).astype(np.uint8)
        if kind == "print":
            _drawing(sheet, dye, rng)
        else:
            level = int(METRE * rng.uniform(0.4, 0.7))
            sheet[:level] = _other(rng, dye)
            if rng.random() < 0.4:
                sheet[level : level + int(METRE * rng.uniform(0.02, 0.12))] = _other(rng, dye)
        # Fabric coordinates repeat every metre, and u = 0 is the middle of the body.
        sheet = np.roll(sheet, -METRE // 2, axis=1)
        return _material(sheet * _weave(sheet.shape[:2], rng, strength), 1.0, look)
    sheet, metres = {
        "stripes": _stripes,
        "checks": _checks,
        "dots": _dots,
        "print_all": _print_all,
        "herringbone": _herringbone,
        "pinstripe": _pinstripe,
        "camouflage": lambda _, r: _camouflage(r),
    }[kind](dye, rng)
    return _material(sheet * _weave(sheet.shape[:2], rng, strength), metres, look)


def related(material: Material, rng: np.random.Generator, what: str) -> Material:
    """A plain fabric that goes with another one. what: accent (ribs), stitch (thread), worn (faded), button, cord."""
    base = material.texture.reshape(-1, 3).mean(0).astype(float)
    look = Look(material.look[0], material.look[1], material.look[5])
    if what == "worn":
        tint = float(rng.uniform(1.15, 1.6))
        return Material(
            material.texture, (*material.look[:2], tint, tint, tint, material.look[5]), material.tile_metres
        )
    if what == "stitch":
        c = np.array([190.0, 130, 60]) if rng.random() < 0.6 else base * 0.4 + 0.6 * np.array([225.0, 220, 210])
    elif what == "button":
        look = Look(0.25, 40.0, 0.0)
        c = _other(rng, base) if rng.random() < 0.5 else base * rng.uniform(0.4, 0.9)
    else:
        c = _other(rng, base) if rng.random() < 0.7 else base * 0.8
    return _material(_plain(c, rng, 0.01, 32), 0.05, look)


def even_leather(rng: np.random.Generator) -> Material:
    """Shoes: leather, canvas or white sneakers; even."""
    c = (
        np.full(3, rng.uniform(15, 60))
        if rng.random() < 0.4
        else np.full(3, rng.uniform(190, 240))
        if rng.random() < 0.4
        else _dye(rng) * 0.8
    )
    return _material(_plain(c, rng, 0.01), 0.1, Look(float(rng.uniform(0.03, 0.3)), float(rng.uniform(10, 60)), 0.0))


def unevenness(texture: np.ndarray, tile_metres: float, sigma_metres: float = 0.008) -> float:
    """Soft variation of a texture's brightness: its deviation after a blur of sigma_metres, share of the mean."""
    grey = texture.astype(np.float32).mean(2)
    sigma = sigma_metres / tile_metres * grey.shape[1]
    soft = cv2.GaussianBlur(np.tile(grey, (3, 3)), (0, 0), sigma)
    h, w = grey.shape
    return float(soft[h : 2 * h, w : 2 * w].std() / max(float(grey.mean()), 1.0))
