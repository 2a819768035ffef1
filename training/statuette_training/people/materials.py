"""Textures and surface looks: fabrics with dyes and prints, leather, hair, and a painted skin.

A material is an sRGB texture (uint8, rows from the top) and six numbers: specular, gloss, tint r g b (linear
factors), rim (pale edge of skin, fuzz of cloth and hair).
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np

from ..assets import Assets

PLAIN = ("cotton_white", "cotton_grey", "knit_cream", "denim_light", "corduroy_tan", "fleece_grey")


@dataclass
class Material:
    texture: np.ndarray
    look: tuple[float, float, float, float, float, float]
    tile_metres: float = 1.0


def _look(specular: float, gloss: float, tint: np.ndarray | tuple[float, ...], rim: float) -> tuple:
    return (float(specular), float(gloss), *(float(x) for x in tint), float(rim))


def _to_bytes(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 255).astype(np.uint8)


def random_dye(rng: np.random.Generator) -> np.ndarray:
    """Linear colour f64 [3] of a dyed cloth; greys, whites and blacks are common."""
    saturation = rng.beta(1.1, 2.2) if rng.random() < 0.75 else 0.05
    value = rng.beta(1.2, 1.2) * 0.92 + 0.04
    return np.array(colorsys.hsv_to_rgb(rng.random(), saturation, value)) ** 2.2


def print_sheet(base: np.ndarray, tile_metres: float, rng: np.random.Generator) -> np.ndarray:
    """One square metre of a fabric (uint8 [768, 768, 3]) with a drawing on the chest: bands, shapes, lettering."""
    n = 768
    side = max(8, int(round(n * tile_metres)))
    small = cv2.resize(base, (side, side), interpolation=cv2.INTER_AREA)
    count = -(-n // side)
    sheet = np.ascontiguousarray(np.tile(small, (count, count, 1))[:n, :n])
    colour = tuple(int(c) for c in rng.integers(0, 256, 3))
    other = tuple(int(c) for c in rng.integers(0, 256, 3))
    # Fabric coordinates repeat every metre; x = 0 is the middle of the body, the chest is near v = 0.4.
    layer = sheet.copy()
    cx, cy, r = n // 2, int(n * rng.uniform(0.45, 0.6)), int(n * rng.uniform(0.05, 0.12))
    kind = rng.integers(4)
    if kind == 0:
        for k in range(int(rng.integers(1, 4))):
            y = cy + k * int(r * rng.uniform(0.4, 0.9))
            cv2.rectangle(layer, (0, y), (n, y + int(r * rng.uniform(0.15, 0.5))), colour if k % 2 else other, -1)
    elif kind == 1:
        cv2.circle(layer, (cx, cy), r, colour, -1, cv2.LINE_AA)
        cv2.circle(layer, (cx, cy), int(r * 0.6), other, max(2, r // 6), cv2.LINE_AA)
    elif kind == 2:
        word = "".join(rng.choice(list("AEIONRSTLM"), int(rng.integers(3, 7))))
        size = rng.uniform(1.2, 2.6)
        (w, h), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, size, 4)
        cv2.putText(layer, word, (cx - w // 2, cy + h // 2), cv2.FONT_HERSHEY_DUPLEX, size, colour, 5, cv2.LINE_AA)
    else:
        points = (np.array([cx, cy]) + rng.uniform(-r, r, (int(rng.integers(3, 8)), 2))).astype(np.int32)
        cv2.fillPoly(layer, [points], colour, cv2.LINE_AA)
    layer = np.roll(layer, -n // 2, axis=1)
    return _to_bytes(layer * rng.uniform(0.75, 1.0) + sheet * 0.0)


def fabric(assets: Assets, rng: np.random.Generator, only: tuple[str, ...] | None = None,
           printed: bool = False) -> Material:
    """A random cloth. `only`: choose among these tiles; `printed`: a one-metre sheet with a drawing."""
    tiles = assets.document["fabrics"]
    gloss = rng.random()
    specular, sharp = (0.02, 10.0) if gloss < 0.75 else (rng.uniform(0.05, 0.3), rng.uniform(8, 50))
    rim = rng.uniform(0, 0.25) if rng.random() < 0.5 else 0.0
    dyed = only is None and rng.random() < 0.6
    names = list(only or (PLAIN if dyed else sorted(tiles)))
    name = names[int(rng.integers(len(names)))]
    metres = float(tiles[name])
    texture = assets.image(f"fabrics/{name}", 2 if metres < 0.3 else 1)
    if dyed:
        grey = texture.astype(np.float32).mean(2, keepdims=True)
        # The tiles are mottled; most dyed cloth is nearly even.
        grey = grey.mean() + rng.uniform(0.1, 1.0) * (grey - grey.mean())
        texture = _to_bytes(np.repeat(grey * (186 / grey.mean()), 3, 2))
        tint = random_dye(rng) * 2.0
    else:
        tint = np.clip(rng.uniform(0.5, 1.3) * (1 + 0.2 * rng.standard_normal(3)), 0.2, 1.6)
    if printed:
        return Material(print_sheet(texture, metres, rng), _look(specular, sharp, tint, rim), 1.0)
    return Material(texture, _look(specular, sharp, tint, rim), metres)


def leather(assets: Assets, rng: np.random.Generator) -> Material:
    names = ("leather_black", "leather_brown", "cotton_white", "cotton_grey", "cotton_black")
    material = fabric(assets, rng, names)
    specular, gloss = rng.uniform(0.03, 0.3), rng.uniform(10, 60)
    return Material(material.texture, (specular, gloss, *material.look[2:5], 0.0), material.tile_metres)


def hair_colour(assets: Assets, rng: np.random.Generator, age: float) -> np.ndarray:
    """Mean sRGB f64 [3] of the hair; grey comes with age."""
    colours = assets.document["hair_colours"]
    names = [n for n in colours if n not in ("grey", "white")]
    if age > 0.65 and rng.random() < (age - 0.6) * 3:
        names = ["grey", "white"]
    return np.array(colours[names[int(rng.integers(len(names)))]], float) * rng.uniform(0.75, 1.2)


def hair(assets: Assets, rng: np.random.Generator, style: str, colour: np.ndarray) -> Material:
    tile = "curly" if "afro" in style else ("strands_straight", "strands_wavy")[int(rng.integers(2))]
    tint = (colour / 128) ** 2.2
    return Material(assets.image(f"hair/{tile}"), _look(rng.uniform(0.02, 0.15), rng.uniform(8, 40), tint, 0.1))


@dataclass
class SkinPaint:
    """A painted skin and what grows on it (sampled at vertices for displacement)."""

    material: Material
    beard: np.ndarray | None  # uint8 mask, or None without a full beard
    brows: np.ndarray  # uint8 mask


def _glaze(assets: Assets, paint: np.ndarray, name: str, strength: float, colour: np.ndarray) -> None:
    """Lays a colour over the masked region of a skin, touching only the mask's bounding box."""
    m = assets.image(f"skin/mask_{name}")[..., 0]
    rows, columns = np.nonzero(m.max(1))[0], np.nonzero(m.max(0))[0]
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    weight = m[box][..., None] * np.float32(strength / 255)
    paint[box] += weight * (np.asarray(colour, np.float32) - paint[box])


def skin(assets: Assets, rng: np.random.Generator, gender: float, hair_rgb: np.ndarray) -> SkinPaint:
    """Skin texture with brows, lips, lids, blush, freckles, stubble or beard painted on. No lighting inside."""
    names = assets.images("skin", "skin_")
    paint = assets.image(names[int(rng.integers(len(names)))]).astype(np.float32)
    size = paint.shape[0]

    def glaze(name: str, strength: float, colour: np.ndarray) -> None:
        _glaze(assets, paint, name, strength, colour)

    tone = paint[::8, ::8].reshape(-1, 3).mean(0)
    blotch = cv2.resize(rng.standard_normal((24, 24)).astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR)
    paint *= (1 + 0.03 * blotch)[..., None]
    if rng.random() < 0.25:  # freckles and pores, in the upper middle where the face is mapped
        half = size // 2
        spots = cv2.GaussianBlur(rng.standard_normal((half, half)).astype(np.float32), (0, 0), rng.uniform(0.8, 1.8))
        face = assets.image("skin/mask_face")[:half, :half, :1].astype(np.float32) / 255
        paint[:half, :half] -= np.clip(spots * 6 - 4.5, 0, 3)[..., None] * np.array([6, 10, 12], np.float32) * face
    lips = tone * (0.78, 0.55, 0.55) if rng.random() < 0.7 else rng.uniform(0.4, 1.0) * np.array([190, 40, 60])
    glaze("lips", rng.uniform(0.2, 0.75), lips)
    lids = tone * rng.uniform(0.45, 0.8) if gender > 0.4 or rng.random() < 0.6 else rng.uniform(20, 160, 3)
    glaze("eyelids", rng.uniform(0.15, 0.6), lids)
    brow = f"brow_{int(rng.integers(1, 13)):02d}"
    glaze(brow, rng.uniform(0.6, 1.0), hair_rgb * rng.uniform(0.5, 0.9))
    beard_mask = None
    if gender > 0.5:
        kind = rng.random()
        if kind < 0.25:
            beard_mask = assets.image("skin/mask_beard")[..., 0]
            glaze("beard", rng.uniform(0.7, 0.97), hair_rgb * rng.uniform(0.5, 0.9))
        elif kind < 0.6:
            glaze("beard", rng.uniform(0.08, 0.4), hair_rgb * 0.7)
    glaze("scalp", rng.uniform(0.0, 0.5), hair_rgb * 0.7)
    tint = np.clip(rng.uniform(0.8, 1.15) * (1 + 0.04 * rng.standard_normal(3)), 0.6, 1.25)
    look = _look(rng.uniform(0.01, 0.12), rng.uniform(6, 30), tint, rng.uniform(0, 0.15))
    return SkinPaint(Material(_to_bytes(paint), look), beard_mask, assets.image(f"skin/mask_{brow}")[..., 0])


# sRGB means of the palest and the darkest skin that photo_skin makes.
PALE, DARK = np.array([226.0, 184.0, 160.0]), np.array([72.0, 46.0, 34.0])


def photo_skin(assets: Assets, rng: np.random.Generator, gender: float, age: float,
               hair_rgb: np.ndarray) -> SkinPaint:
    """A skin that its makers painted from photographs, of about this age, in any tone between pale and dark.

    age 0..1 as in macro_targets. Dark women's skin is a man's: the makers have none of theirs. Falls back to `skin`
    where the assets were packed without these pictures.
    """
    names = assets.images("skins")
    if not names:
        return skin(assets, rng, gender, hair_rgb)
    dark = rng.random() < 0.25
    wanted = "old" if age > 0.8 else "middleage" if age > 0.62 else "young"
    sex = "male" if gender > 0.5 or dark else "female"

    def fits(name: str) -> int:
        age_of, tone_of, sex_of = name.split("/")[1].split("_")[:3]
        return 4 * (tone_of.startswith("dark") == dark) + 2 * (sex_of == sex) + (age_of == wanted)

    best = max(fits(n) for n in names)
    likely = [n for n in names if fits(n) == best]
    paint = assets.image(likely[int(rng.integers(len(likely)))]).astype(np.float32)
    size = paint.shape[0]
    # The trunk's tone, where the layout has nothing else.
    middle = paint[int(0.15 * size) : int(0.35 * size), int(0.2 * size) : int(0.4 * size)].reshape(-1, 3).mean(0)
    depth = rng.uniform(0.6, 1.0) if dark else rng.beta(1.2, 1.6) * 0.7
    tone = np.exp((1 - depth) * np.log(PALE) + depth * np.log(DARK)) * (1 + 0.03 * rng.standard_normal(3))
    paint *= (tone / middle).astype(np.float32)
    if rng.random() < 0.3:
        lips = tone * (0.8, 0.55, 0.55) if gender > 0.5 else rng.uniform(0.4, 1.0) * np.array([190, 40, 60])
        _glaze(assets, paint, "lips", rng.uniform(0.1, 0.5 if gender > 0.5 else 0.75), lips)
    if gender < 0.5 and rng.random() < 0.4:
        _glaze(assets, paint, "eyelids", rng.uniform(0.15, 0.5), rng.uniform(20, 160, 3))
    brow = f"brow_{int(rng.integers(1, 13)):02d}"
    _glaze(assets, paint, brow, rng.uniform(0.5, 0.95), hair_rgb * rng.uniform(0.4, 0.8))
    beard_mask = None
    if gender > 0.5:
        kind = rng.random()
        if kind < 0.25:
            beard_mask = assets.image("skin/mask_beard")[..., 0]
            _glaze(assets, paint, "beard", rng.uniform(0.7, 0.97), hair_rgb * rng.uniform(0.5, 0.9))
        elif kind < 0.6:
            _glaze(assets, paint, "beard", rng.uniform(0.08, 0.4), hair_rgb * 0.7)
    _glaze(assets, paint, "scalp", rng.uniform(0.1, 0.6), hair_rgb * 0.7)
    look = _look(rng.uniform(0.01, 0.1), rng.uniform(6, 24), np.ones(3), rng.uniform(0, 0.1))
    return SkinPaint(Material(_to_bytes(paint), look), beard_mask, assets.image(f"skin/mask_{brow}")[..., 0])
