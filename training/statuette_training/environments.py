"""Light of real places: environment maps as spherical harmonics and up to three lamps.

`environments.json` holds 28 environments of Poly Haven (CC0 1.0) in this form; `pack-light` makes it from their maps.
The harmonics carry the sky, walls and ground; what is small and bright, sun or studio lamp, becomes a lamp,
because nine harmonics would smear it over a hemisphere and no shadow could be cast from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

PACKED = Path(__file__).with_name("environments.json")
LAMPS = 3
LEAST_SHARE = 0.06  # of all light that falls on a ball: less is left to the harmonics


def basis(n: np.ndarray) -> np.ndarray:
    """f64 [k, 9]: the harmonics that `native.shade` adds up, at unit normals [k, 3]."""
    x, y, z = n.T
    return np.stack([np.ones_like(x), x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], 1)


def _ball(count: int = 256) -> np.ndarray:
    """Unit vectors f64 [count, 3], evenly spread (a Fibonacci spiral)."""
    k = np.arange(count) + 0.5
    y, turn = 1 - 2 * k / count, np.pi * (1 + np.sqrt(5)) * k
    r = np.sqrt(1 - y * y)
    return np.stack([r * np.cos(turn), y, r * np.sin(turn)], 1)


NORMALS = _ball()
TO_HARMONICS = np.linalg.pinv(basis(NORMALS))  # [9, 256]


@dataclass(frozen=True)
class Environment:
    """ambient f64 [9, 3]: light on a white surface per normal; lamps f64 [k, 7]: direction (y up), colour, wrap.

    A white ball in it is lit with 1 on average.
    """

    name: str
    ambient: np.ndarray
    lamps: np.ndarray

    def turned(self, rotation: np.ndarray) -> Environment:
        """The same place with rotation [3, 3] applied to its directions."""
        lit = np.maximum(basis(NORMALS @ rotation) @ self.ambient, 0)
        lamps = self.lamps.copy()
        lamps[:, :3] = lamps[:, :3] @ rotation.T
        return Environment(self.name, TO_HARMONICS @ lit, lamps)


def _directions(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors f64 [h * w, 3] of a latitude-longitude map, row 0 up, and solid angles [h * w]."""
    up = np.pi / 2 - (np.arange(height) + 0.5) / height * np.pi
    turn = (np.arange(width) + 0.5) / width * 2 * np.pi - np.pi
    y, phi = np.meshgrid(up, turn, indexing="ij")
    d = np.stack([np.cos(y) * np.sin(phi), np.sin(y), np.cos(y) * np.cos(phi)], -1).reshape(-1, 3)
    return d, (np.cos(y) * (np.pi / height) * (2 * np.pi / width)).ravel()


def environment_of(name: str, picture: np.ndarray) -> Environment:
    """picture: linear RGB [h, w, 3], latitude and longitude."""
    height, width = picture.shape[:2]
    d, area = _directions(height, width)
    light = picture.reshape(-1, 3).astype(np.float64)
    total = float((light.mean(1) * area).sum())
    lamps = []
    for _ in range(LAMPS):
        grey = light.mean(1)
        top = d[int(np.argmax(grey))]
        # A lamp is what is far brighter than its place's middle, within some 20 degrees of the brightest spot.
        near = (d @ top > 0.94) & (grey > 6 * np.average(grey, weights=area)) & (d[:, 1] > -0.3)
        part = (light * (area * near)[:, None]).sum(0)
        if part.mean() < LEAST_SHARE * total:
            break
        middle = (d * (grey * area * near)[:, None]).sum(0)
        spread = 1 - np.linalg.norm(middle) / (grey * area * near).sum()
        lamps.append([*(middle / np.linalg.norm(middle)), *(part / np.pi), float(min(0.5, 12 * spread))])
        # What lay behind the lamp: the mean of its surroundings.
        ring = (d @ top > 0.85) & ~near
        light[near] = np.average(light[ring], axis=0, weights=area[ring]) if ring.any() else 0
    lit = np.maximum(NORMALS @ d.T, 0) @ (light * area[:, None]) / np.pi
    ambient, lamp_rows = TO_HARMONICS @ lit, np.array(lamps).reshape(-1, 7)
    ball = lit.mean() + sum(row[3:6].mean() / 4 for row in lamp_rows)
    lamp_rows[:, 3:6] /= ball
    return Environment(name, ambient / ball, lamp_rows)


def pack_light(source: Path, target: Path = PACKED) -> int:
    """Writes the environments of `source` (npz, one map a name); returns how many."""
    maps = np.load(source)
    rows = {}
    for name in maps.files:
        e = environment_of(name, maps[name])
        rows[name] = {"ambient": np.round(e.ambient, 4).tolist(), "lamps": np.round(e.lamps, 4).tolist()}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    target.write_text(f"{{\n{lines}\n}}\n")
    return len(rows)


@cache
def environments() -> tuple[Environment, ...]:
    """All packed environments."""
    return tuple(Environment(name, np.array(row["ambient"]), np.array(row["lamps"], float).reshape(-1, 7))
                 for name, row in json.loads(PACKED.read_text()).items())
