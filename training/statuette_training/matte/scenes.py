"""Photos of a cut-out person with the exact transparency: rooms, walls, the person's colours, black, a second person.

`compose` makes one square picture of any side, so that training (small) and measuring (2048) see the same kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..assets import Assets
from ..pictures import read_picture
from .cutouts import Cutout

# Share of each kind in training. "own": colours of the person; "dark": dim person before a dark ground.
KINDS = {"room": 0.27, "clutter": 0.13, "wall": 0.13, "own": 0.2, "dark": 0.09, "black": 0.11, "white": 0.07}
SECOND_PERSON = 0.17  # of rooms, clutter and walls
HELD_OUT_ROOM = 4  # every fourth room by name is for measuring alone
REFERENCE = 640  # px: blur and noise are given at this side
ROOM_FIELDS = (45.0, 80.0)  # degrees of view
LEAST_LIGHT = 28.0  # of 255: the person's brighter parts are at least so bright, or nobody could cut it out


@dataclass
class Scene:
    """photo uint8 [s, s, 3], alpha f32 [s, s] of the one person, keypoints f32 [31, 2] in pixels, what it is."""

    photo: np.ndarray
    alpha: np.ndarray
    keypoints: np.ndarray
    kind: str


class Surroundings:
    """Rooms (latitude-longitude pictures) and fabrics as walls."""

    def __init__(self, assets: Assets, rooms: Path, held_out: bool) -> None:
        names = sorted(rooms.glob("*.jpg"))
        chosen = [p for k, p in enumerate(names) if (k % HELD_OUT_ROOM == HELD_OUT_ROOM - 1) == held_out]
        if not chosen:
            raise ValueError(f"{rooms} holds no pictures of rooms: name a folder of latitude-longitude JPEGs")
        self.rooms = [read_picture(p)[..., ::-1] for p in chosen]
        self.walls = [assets.image(name) for name in assets.images("fabrics")]

    def room(self, side: int, rng: np.random.Generator) -> np.ndarray:
        """f32 [side, side, 3], 0..255: a level view, a little out of focus as a small picture enlarged is."""
        panorama = self.rooms[rng.integers(len(self.rooms))]
        h, w = panorama.shape[:2]
        half = np.tan(np.deg2rad(rng.uniform(*ROOM_FIELDS)) / 2)
        yaw, pitch = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.uniform(-14, 8))
        axis = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
        x, y = np.meshgrid(axis * half, -axis * half)
        up, ahead = y * np.cos(pitch) + np.sin(pitch), np.cos(pitch) - y * np.sin(pitch)
        longitude = np.arctan2(x, ahead) + yaw
        latitude = np.arctan2(up, np.hypot(x, ahead))
        column = (longitude / (2 * np.pi) % 1 * w).astype(np.float32)
        row = ((0.5 - latitude / np.pi) * h).astype(np.float32)
        seam = np.concatenate([panorama, panorama[:, :4]], 1)
        out = cv2.remap(seam, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        if rng.random() < 0.5:  # edges as sharp as a photo's where a small panorama has none
            soft = cv2.GaussianBlur(out, (0, 0), side / 200)
            out = out + (out - soft) * rng.uniform(0.3, 1.5)
        return out * rng.uniform(0.5, 1.2) if rng.random() < 0.5 else out

    def texture(self, side: int, rng: np.random.Generator) -> np.ndarray:
        """f32 [side, side, 3]: a fabric as wallpaper, from fine to a few metres a tile."""
        tile = self.walls[rng.integers(len(self.walls))]
        size = int(side * rng.uniform(0.06, 0.7))
        one = cv2.resize(tile, (size, size), interpolation=cv2.INTER_AREA if size < len(tile) else cv2.INTER_CUBIC)
        count = -(-side // size)
        return np.tile(one, (count, count, 1))[:side, :side].astype(np.float32)


def _shading(side: int, rng: np.random.Generator) -> np.ndarray:
    """f32 [side, side, 1]: uneven light on a wall."""
    few = cv2.resize(rng.uniform(0.55, 1.15, (int(rng.integers(2, 5)),) * 2).astype(np.float32), (side, side),
                     interpolation=cv2.INTER_CUBIC)
    return few[..., None]


def _palette(cutout: Cutout, rng: np.random.Generator, count: int) -> np.ndarray:
    """f32 [count, 3]: colours found on the person."""
    rows, columns = np.nonzero(cutout.rgba[..., 3] == 255)
    picked = rng.integers(0, len(rows), count)
    return np.stack([cutout.rgba[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7, :3].reshape(-1, 3).mean(0)
                     for y, x in zip(rows[picked], columns[picked], strict=True)]).astype(np.float32)


def _own_patch(cutout: Cutout, side: int, rng: np.random.Generator) -> np.ndarray:
    """f32 [side, side, 3]: a piece of the person's own surface, mirrored over the whole ground."""
    solid = cv2.erode((cutout.rgba[..., 3] == 255).astype(np.uint8), np.ones((61, 61), np.uint8))
    rows, columns = np.nonzero(solid)
    if len(rows) == 0:
        return np.broadcast_to(_palette(cutout, rng, 1)[0], (side, side, 3)).copy()
    k = rng.integers(len(rows))
    patch = cutout.rgba[rows[k] - 30 : rows[k] + 31, columns[k] - 30 : columns[k] + 31, :3]
    patch = np.hstack([patch, patch[:, ::-1]])
    patch = np.vstack([patch, patch[::-1]])
    size = max(8, int(122 * side / 2048 * rng.uniform(0.7, 4)))
    patch = cv2.resize(patch, (size, size), interpolation=cv2.INTER_AREA)
    count = -(-side // size)
    return np.tile(patch, (count, count, 1))[:side, :side].astype(np.float32)


def _floor(ground: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    horizon = int(len(ground) * rng.uniform(0.6, 0.92))
    ground = ground.copy()
    ground[horizon:] = other[horizon:]
    return ground


def _things(ground: np.ndarray, colours: np.ndarray, surroundings: Surroundings,
            rng: np.random.Generator) -> np.ndarray:
    """Boxes, posters, poles and balls, flat or of fabric, sharp or out of focus."""
    side = len(ground)
    out = ground.copy()
    for _ in range(int(rng.integers(3, 22))):
        x, y = rng.uniform(0, side, 2)
        w, h = side * rng.uniform(0.02, 0.35, 2) * (rng.choice([0.15, 1, 1]), rng.choice([1, 1, 2.5]))
        mask: np.ndarray = np.zeros((side, side), np.float32)
        if rng.random() < 0.25:
            axes = (int(w / 2) + 1, int(h / 2) + 1)
            cv2.ellipse(mask, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, 1, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints(((x, y), (w, h), rng.uniform(-8, 8) if rng.random() < 0.7 else rng.uniform(0, 90)))
            cv2.fillPoly(mask, [corners.astype(np.int32)], 1, cv2.LINE_AA)
        if rng.random() < 0.4:
            mask = cv2.GaussianBlur(mask, (0, 0), side * rng.uniform(0.001, 0.006))
        if rng.random() < 0.3:
            paint = surroundings.texture(side, rng)
        else:
            paint = colours[rng.integers(len(colours))] * rng.uniform(0.75, 1.25)
        out += mask[..., None] * (paint * rng.uniform(0.6, 1.1) - out)
    return out


def _ground(kind: str, cutout: Cutout, side: int, surroundings: Surroundings, rng: np.random.Generator) -> np.ndarray:
    """f32 [side, side, 3], 0..255, without the person."""
    if kind in ("black", "white"):
        level = 0.0 if kind == "black" else 255.0
        if rng.random() < 0.3:
            level = abs(level - rng.uniform(0, 14))
        return np.full((side, side, 3), level, np.float32)
    if kind == "dark":
        ground = surroundings.room(side, rng) if rng.random() < 0.6 else surroundings.texture(side, rng)
        return ground * rng.uniform(0.02, 0.25)
    if kind == "room":
        return surroundings.room(side, rng)
    if kind == "clutter":
        colours = np.concatenate([rng.uniform(0, 255, (5, 3)), _palette(cutout, rng, 4)])
        base = surroundings.room(side, rng) if rng.random() < 0.6 else surroundings.texture(side, rng)
        return _things(base, colours, surroundings, rng)
    if kind == "wall":
        plain = np.broadcast_to(rng.uniform(20, 255, 3), (side, side, 3))
        wall = surroundings.texture(side, rng) if rng.random() < 0.65 else plain
        if rng.random() < 0.6:
            wall = _floor(np.asarray(wall), surroundings.texture(side, rng), rng)
        return wall * _shading(side, rng)
    way = rng.random()
    if way < 0.4:  # one flat colour of the person's, as a wall that happens to match the shirt
        ground = np.broadcast_to(_palette(cutout, rng, 1)[0] * rng.uniform(0.85, 1.15), (side, side, 3)) * 1.0
    elif way < 0.65:
        ground = _own_patch(cutout, side, rng)
    else:
        ground = _things(surroundings.room(side, rng), _palette(cutout, rng, 6), surroundings, rng)
    if rng.random() < 0.4:
        ground = _floor(ground, np.broadcast_to(_palette(cutout, rng, 1)[0], ground.shape), rng)
    return ground * _shading(side, rng) if rng.random() < 0.6 else ground


def _placed(cutout: Cutout, side: int, height: float, centre: float, feet: float,
            mirrored: bool) -> tuple[np.ndarray, np.ndarray]:
    """The cut-out on an empty square: premultiplied f32 [side, side, 4] in 0..255 and the keypoints there."""
    rgba = cutout.rgba[:, ::-1] if mirrored else cutout.rgba
    points = cutout.keypoints.copy()
    if mirrored:
        points[:, 0] = rgba.shape[1] - points[:, 0]
    scale = height / rgba.shape[0]
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    size = (max(1, round(rgba.shape[1] * scale)), max(1, round(rgba.shape[0] * scale)))
    small = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x0, y0 = round(centre - size[0] / 2), round(feet - size[1])
    out = np.zeros((side, side, 4), np.float32)
    left, top = max(0, x0), max(0, y0)
    right, bottom = min(side, x0 + size[0]), min(side, y0 + size[1])
    if right > left and bottom > top:
        out[top:bottom, left:right] = small[top - y0 : bottom - y0, left - x0 : right - x0]
    return out, points * scale + (x0, y0)


def _shadow(ground: np.ndarray, alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A cast shadow: the outline leaned, shifted and blurred, and a dark spot under the feet."""
    side = len(ground)
    rows = np.nonzero(alpha.max(1) > 0.5)[0]
    if len(rows) == 0:
        return ground
    feet = rows[-1]
    lean, flat = rng.uniform(-0.6, 0.6), rng.choice([1.0, 1.0, rng.uniform(0.2, 0.8)])
    matrix = np.array([[1, lean, -lean * feet + rng.uniform(-0.04, 0.04) * side], [0, flat, feet * (1 - flat)]])
    shadow = cv2.warpAffine(alpha, matrix, (side, side))
    shadow = cv2.GaussianBlur(shadow, (0, 0), side * rng.uniform(0.002, 0.02))
    return ground * (1 - shadow[..., None] * rng.uniform(0.2, 0.75))


def _camera(photo: np.ndarray, bright: float, low_light: bool, clean: bool, rng: np.random.Generator) -> np.ndarray:
    """Exposure, colour cast, blur, grain and JPEG; a clean picture keeps its black or white ground.

    bright: of the person's brighter parts, 0..255.
    """
    side = len(photo)
    unit = side / REFERENCE
    if not clean:
        exposure = rng.uniform(0.75, 1.15) * rng.uniform(0.92, 1.08, 3)
        if low_light:
            exposure = exposure * rng.uniform(0.12, 0.45)
        photo = photo * (exposure * max(1.0, LEAST_LIGHT / max(1.0, bright * exposure.mean())))
    if rng.random() < 0.35:
        photo = cv2.GaussianBlur(photo, (0, 0), unit * rng.uniform(0.2, 0.9))
    if rng.random() < 0.15:
        small = int(side * rng.uniform(0.3, 0.8))
        photo = cv2.resize(cv2.resize(photo, (small, small), interpolation=cv2.INTER_AREA), (side, side),
                           interpolation=cv2.INTER_LINEAR)
    if not clean and rng.random() < 0.7:
        strength = rng.uniform(0, 4) + (rng.uniform(2, 9) if low_light else 0)
        noise = rng.standard_normal((*photo.shape[:2], 3), dtype=np.float32)
        if rng.random() < 0.5:
            noise = noise * 0.5 + noise[..., :1]
        photo = photo + noise * strength
    out = np.clip(photo, 0, 255).astype(np.uint8)
    if rng.random() < 0.7:
        quality = int(rng.uniform(35, 96))
        out = cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return out


def compose(cutout: Cutout, other: Cutout | None, side: int, surroundings: Surroundings, rng: np.random.Generator,
            kind: str | None = None) -> Scene:
    """One photo. `other` is the second person; without `kind` one is drawn, and whether `other` is there."""
    if kind is None:
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        if kind not in ("room", "clutter", "wall") or rng.random() > SECOND_PERSON:
            other = None
    height = side * rng.uniform(0.55, 0.95)
    feet = height + (side - height) * rng.uniform(0, 1)
    if rng.random() < 0.06:
        feet = side * rng.uniform(1.0, 1.35)  # cut off by the frame
    centre = side * (0.5 + np.clip(rng.normal(0, 0.09), -0.25, 0.25))
    mirrored = rng.random() < 0.5
    person, points = _placed(cutout, side, height, centre, feet, mirrored)
    alpha = np.minimum(person[..., 3] / 255, 1)
    ground = np.array(_ground(kind, cutout, side, surroundings, rng), np.float32)
    clean = kind in ("black", "white")
    if not clean and rng.random() < 0.45:
        ground = _shadow(ground, alpha, rng)
    before = None
    if other is not None:
        reach = (cutout.rgba.shape[1] / cutout.rgba.shape[0] + other.rgba.shape[1] / other.rgba.shape[0]) / 2 * height
        away = reach * rng.uniform(0.45, 1.25) * rng.choice((-1, 1))
        second, _ = _placed(other, side, height * rng.uniform(0.8, 1.08), centre + away,
                            feet + height * rng.uniform(-0.06, 0.06), rng.random() < 0.5)
        if rng.random() < 0.8:
            ground = ground * (1 - second[..., 3:] / 255) + second[..., :3]
        elif abs(away) > reach * 0.7:
            before = second
        else:
            ground = ground * (1 - second[..., 3:] / 255) + second[..., :3]
    colour = person[..., :3]
    if kind == "dark" or rng.random() < 0.06:
        colour = colour * rng.uniform(0.12, 0.6)
    if clean and rng.random() < 0.35:  # cut out with a hard edge
        hard = (alpha > rng.uniform(0.2, 0.8)).astype(np.float32)[..., None]
        photo = colour / np.maximum(alpha, 1 / 255)[..., None] * hard + ground * (1 - hard)
    else:
        photo = colour + ground * (1 - alpha[..., None])
    if before is not None:
        photo = photo * (1 - before[..., 3:] / 255) + before[..., :3]
        alpha = alpha * (1 - before[..., 3] / 255)
    if not clean and rng.random() < 0.06:
        photo = np.repeat(photo.mean(2, keepdims=True), 3, 2)
    inside = photo[alpha > 0.5]
    bright = float(np.percentile(inside.max(1), 90)) if len(inside) else 255.0
    photo = _camera(photo, bright, kind == "dark" or rng.random() < 0.08, clean, rng)
    return Scene(photo, alpha, points.astype(np.float32), kind if other is None else "two people")
