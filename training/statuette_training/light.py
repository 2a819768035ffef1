"""Random light: spherical-harmonics surroundings, up to three lamps, a shadow map, exposure and a camera's flaws."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import native
from .environments import environments


@dataclass
class Light:
    """ambient f32 [9, 3]; lamps f32 [k, 7] (direction, colour, wrap) in camera axes; shadows from lamp 0."""

    ambient: np.ndarray
    lamps: np.ndarray
    shadows: bool


PLACES = 0.65  # share of views of people in simulated clothes that are lit as a real place is


def random_place(rng: np.random.Generator) -> Light:
    """The light of a real place, turned at random, its white balance mostly mended as cameras do."""
    places = environments()
    place = places[int(rng.integers(len(places)))]
    turn = rng.uniform(-np.pi, np.pi)
    if len(place.lamps) and rng.random() < 0.6:  # most people are not photographed against the light
        x, z = place.lamps[0, [0, 2]]
        turn = -np.arctan2(x, z) + np.clip(rng.normal(0, 0.8), -1.7, 1.7)
    tilt = rng.normal(0, 0.08)
    around, over = (cv2.Rodrigues(np.array(v))[0] for v in ((0.0, turn, 0.0), (tilt, 0.0, 0.0)))
    place = place.turned(over @ around)
    cast = place.ambient[0] + place.lamps[:, 3:6].sum(0) / 4
    balance = (cast.mean() / cast) ** rng.uniform(0.5, 1.0)
    ambient, lamps = place.ambient * balance, place.lamps.copy()
    lamps[:, 3:6] *= balance
    lamps = lamps[np.argsort(-lamps[:, 3:6].sum(1))]
    return Light(ambient.astype(np.float32), lamps.astype(np.float32), len(lamps) > 0)


def random_light(rng: np.random.Generator, places: bool = False) -> Light:
    """From an overcast even light (15 %) to one hard lamp; places: also as in real places."""
    if places and rng.random() < PLACES:
        return random_place(rng)
    even = rng.random() < 0.15
    level = rng.uniform(0.7, 1.0) if even else rng.uniform(0.22, 0.7)

    def tinted(spread: float) -> np.ndarray:
        return np.clip(1 + spread * rng.standard_normal(3), 0.6, 1.4)

    ambient = np.zeros((9, 3), np.float32)
    ambient[0] = level * tinted(0.06)
    if not even:
        ambient[2] = level * rng.uniform(-0.1, 0.6) * tinted(0.12)
        ambient[1] = level * rng.uniform(-0.5, 0.5) * tinted(0.12)
        ambient[3] = level * rng.uniform(-0.2, 0.5) * tinted(0.12)
        ambient[4:] = level * rng.standard_normal((5, 1)) * 0.08 * tinted(0.1)
    lamps = []
    for k in range(0 if even and rng.random() < 0.5 else int(rng.integers(1, 4))):
        side = rng.uniform(-1.5, 1.5) if rng.random() < 0.8 else rng.uniform(-3.1, 3.1)
        up = rng.uniform(-0.2, 1.3)
        power = (rng.uniform(0.25, 1.0) if k == 0 else rng.uniform(0.05, 0.45)) * (0.2 if even else 1)
        direction = (np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up))
        lamps.append([*direction, *(power * tinted(0.1)), float(rng.choice([0, 0, 0.2, 0.5]))])
    return Light(ambient, np.array(lamps, np.float32).reshape(-1, 7), bool(lamps) and rng.random() < 0.6)


SHADOW_SIZE, SHADOW_BIAS = 640, -0.012


def shadow_frame(light: Light, size: int = SHADOW_SIZE) -> np.ndarray:
    """f64 [3, 4]: camera space to the cells of lamp 0's shadow map and height towards the lamp."""
    d = light.lamps[0, :3].astype(np.float64)
    across = np.cross([0.05, 1, 0.02], d)
    across /= np.linalg.norm(across)
    upward = np.cross(d, across)
    scale, centre = size / 1.3, np.array([0, 0, -1.0])
    rows = np.stack([across * scale, upward * scale, d])
    shift = np.array([size / 2 - scale * (across @ centre), size / 2 - scale * (upward @ centre), -(d @ centre)])
    return np.concatenate([rows, shift[:, None]], 1)


def cast_shadow(light: Light, v: np.ndarray, cut: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Shadow map of lamp 0: depth cells, camera-to-map matrix f32 [3, 4], bias."""
    frame = shadow_frame(light)
    cells = native.shadow_map((v @ frame[:, :3].T + frame[:, 3]).astype(np.float32), cut, t, SHADOW_SIZE)
    return cells, frame.astype(np.float32), SHADOW_BIAS


@dataclass
class Openness:
    """Strength of the screen-space occlusion at each blur radius (pixels of the picture reduced by `step`)."""

    layers: tuple[tuple[float, float], ...]
    step: int = 4


def random_openness(rng: np.random.Generator, deep: bool = False) -> Openness:
    """How much creases are darkened.

    deep: as much as the sky that they lose asks for, at the sizes of seams, folds and limbs. A groove as deep as a
    fifth of its width sees some 60 % of the sky that a plane sees; a unit of D is about as wide as a pixel, so the
    strength of a layer is its share of 1 over the radius. Without it only wide creases are darkened, by about a third
    of that: clothes whose folds are noise have had it so, and held-out views are to stay as they are.
    """
    if not deep:
        return Openness(tuple((sigma, strength * rng.uniform(0.5, 1.5))
                              for sigma, strength in ((5, 0.028), (18, 0.010))))
    strength = rng.uniform(0.6, 1.8)
    return Openness(tuple((sigma, strength * rng.uniform(0.6, 1.4) / (2 * sigma))
                          for sigma in (1.5, 4.0, 12.0, 36.0)), 2)


def occlusion(depth: np.ndarray, sky: Openness) -> np.ndarray:
    """Screen-space openness f32 [h, w] in 0..1 from a depth map in D units: creases are darker."""
    s = sky.step
    q = np.ascontiguousarray(depth[s // 2 :: s, s // 2 :: s])
    mask = (q > 0).astype(np.float32)
    out = np.ones_like(q)
    for sigma, strength in sky.layers:
        mean = cv2.GaussianBlur(q, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(mask, (0, 0), sigma), 0.02)
        out *= 1 / (1 + strength * np.clip(q - mean, 0, 40))
    return cv2.resize(out, (depth.shape[1], depth.shape[0]), interpolation=cv2.INTER_LINEAR)


@dataclass
class Exposure:
    """A camera's: brightness of the bright end, lens blur in pixels (0 for none), tone curve uint8 [4096]."""

    brightness: float
    blur: float
    curve: np.ndarray

    def gain(self, bright: float) -> float:
        """The factor for a picture whose bright end (92 of 100 pixels are darker) is `bright`."""
        return min(self.brightness / max(bright, 0.08), 6.0)


def random_exposure(rng: np.random.Generator) -> Exposure:
    brightness = rng.uniform(0.5, 0.85)
    blur = rng.uniform(0.4, 1.1) if rng.random() < 0.5 else 0.0
    curve = (np.linspace(0, 1, 4096) ** (1 / rng.uniform(1.9, 2.5)) * 255).astype(np.uint8)
    return Exposure(brightness, blur, curve)


def expose(linear: np.ndarray, mask: np.ndarray, how: Exposure) -> np.ndarray:
    """Linear light to sRGB bytes: exposure by the bright end, an optional lens blur inside the person, gamma."""
    few = linear[mask][::7]
    bright = np.percentile(np.maximum(np.maximum(few[:, 0], few[:, 1]), few[:, 2]), 92)
    out = linear * how.gain(bright)
    if how.blur:
        weight = np.maximum(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), how.blur), 0.05)
        out = cv2.GaussianBlur(out, (0, 0), how.blur) / weight[..., None]
        out[~mask] = 0
    picture = np.zeros(linear.shape, np.uint8)
    picture[mask] = how.curve[np.clip(out[mask] * 4095, 0, 4095).astype(np.int16)]
    return picture
