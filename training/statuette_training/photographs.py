"""Sample photos: people in simulated clothes, each in a real place whose light falls on them.

    photographs --candidates SHEET.jpg    people of some seeds, to choose from
    photographs --out DIR    of everybody in sample_cast.json: NAME.jpg, NAME_keypoints.json, in a place NAME_alpha.png

A role of the cast is `{"name", "seed", "look", "yaw", "place", "turn"}`; `place` is a name of the maps, null for black.
The ground shows the place's own map through the same camera; how much of the light each spot of the floor loses to the
person is worked out by casting shadows from directions drawn from the map.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from . import light, native
from .assets import open_assets
from .dataset import HELD_OUT_SEEDS
from .drape.store import DrapeStore
from .environments import environments
from .keypoints import CANVAS, openpose_document
from .people.draped import DrapeError, make_draped
from .people.person import Person
from .pictures import read_picture
from .render import FOCAL_PX, Lit, Placement, full_frame, project, render_view

DIRECTIONS = 96  # the floor's light is gathered from
FLOOR_SIDE = 1024  # px of the pictures of their shadows
GRAIN = 3.52  # grey levels, before it is softened as a sensor's colour filter does
EDGE = 0.75  # px of blur of the outline


@dataclass(frozen=True)
class Role:
    """One person of the cast: seed among the held-out ones, look, yaw and turn of the place in degrees."""

    name: str
    seed: int
    look: int
    yaw: float
    place: str | None
    turn: float = 0.0
    scale: float = 1.05


def _turned(degrees: float) -> np.ndarray:
    return cv2.Rodrigues(np.array([0, np.deg2rad(degrees), 0]))[0]


def lit_by(place: str | None, turn: float) -> Lit:
    """Light of a place turned about the vertical; for black ground a soft lamp from the upper left."""
    sky = light.Openness(tuple((sigma, 0.7 / (2 * sigma)) for sigma in (1.5, 4.0, 12.0, 36.0)), 2)
    curve = (np.linspace(0, 1, 4096) ** (1 / 2.2) * 255).astype(np.uint8)
    exposure = light.Exposure(0.72, 0.0, curve)
    if place is None:
        ambient = np.zeros((9, 3), np.float32)
        ambient[0], ambient[2], ambient[1] = 0.5, 0.16, -0.08
        lamps = np.array([[-0.5, 0.62, 0.6, 0.62, 0.6, 0.57, 0.3], [0.8, 0.2, 0.1, 0.14, 0.15, 0.17, 0.4]], np.float32)
        return light.Light(ambient, lamps, True), sky, exposure
    e = {e.name: e for e in environments()}[place].turned(_turned(turn))
    return light.Light(e.ambient.astype(np.float32), e.lamps.astype(np.float32), len(e.lamps) > 0), sky, exposure


def seen_place(panorama: np.ndarray, turn: float) -> np.ndarray:
    """f32 [CANVAS, CANVAS, 3]: the latitude-longitude picture through the camera, which looks along -z."""
    h, w = panorama.shape[:2]
    axis = (np.arange(CANVAS, dtype=np.float32) + 0.5 - CANVAS / 2) / FOCAL_PX
    x, y = np.meshgrid(axis, -axis)
    rays = np.stack([x, y, -np.ones_like(x)], -1) @ _turned(turn).astype(np.float32)  # into the place's own axes
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    column = ((np.arctan2(rays[..., 0], rays[..., 2]) + np.pi) / (2 * np.pi) % 1 * w - 0.5).astype(np.float32)
    row = ((0.5 - np.arcsin(np.clip(rays[..., 1], -1, 1)) / np.pi) * h - 0.5).astype(np.float32)
    ring = np.concatenate([panorama[:, -4:], panorama, panorama[:, :4]], 1)
    return cv2.remap(ring, column + 4, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def floor_light(person: Person, placement: Placement, radiance: np.ndarray, turn: float,
                rng: np.random.Generator) -> np.ndarray:
    """f32 [CANVAS, CANVAS]: the share of the light on a level floor under the feet that the person leaves it.

    radiance: linear RGB [h, w, 3] of the place, latitude and longitude.
    """
    h, w = radiance.shape[:2]
    latitude = (0.5 - (np.arange(h) + 0.5) / h) * np.pi
    weight = radiance.mean(2) * (np.cos(latitude) * np.maximum(np.sin(latitude), 0))[:, None]
    camera = placement.apply(person.v.astype(np.float64))
    used = np.zeros(len(camera), bool)
    used[person.t.reshape(-1)] = True
    floor = camera[used & (person.cut >= 0), 1].min()
    total = np.zeros((FLOOR_SIDE, FLOOR_SIDE), np.float32)
    picks = rng.choice(h * w, DIRECTIONS, p=(weight / weight.sum()).ravel())
    for pick in picks:
        up = latitude[pick // w] + rng.uniform(-0.5, 0.5) * np.pi / h
        turn_of = (pick % w + rng.uniform(0, 1)) / w * 2 * np.pi - np.pi
        d = np.array([np.cos(up) * np.sin(turn_of), np.sin(up), np.cos(up) * np.cos(turn_of)]) @ _turned(turn).T
        if d[1] < 0.05:
            continue
        fallen = camera - d * ((camera[:, 1:2] - floor) / d[1])
        fallen[:, 2] = np.minimum(fallen[:, 2], -0.05)  # nothing behind the camera
        screen = np.concatenate([project(fallen) * FLOOR_SIDE / CANVAS, -1 / fallen[:, 2:]], 1)
        ids = native.raster(screen, person.cut, person.t, (0, 0, FLOOR_SIDE, FLOOR_SIDE), 1)[1]
        total += (ids.reshape(FLOOR_SIDE, FLOOR_SIDE) >= 0).astype(np.float32)
    soft = cv2.GaussianBlur(total / DIRECTIONS, (0, 0), 1.5)
    return 1 - cv2.resize(soft, (CANVAS, CANVAS), interpolation=cv2.INTER_LINEAR)


def photograph(role: Role, folder: Path, maps: Path, drapes: DrapeStore) -> None:
    """Makes the files of one role. maps: the folder with `PLACE.jpg` and the environments' npz."""
    rng = np.random.default_rng([HELD_OUT_SEEDS + role.seed, 77])
    person = make_draped(open_assets(), HELD_OUT_SEEDS + role.seed, True, role.look, drapes)
    placement = Placement(role.yaw, scale=role.scale)
    view = render_view(person, placement, rng, lit=lit_by(role.place, role.turn))
    if view is None:
        raise ValueError(f"{role.name} does not fit the picture: a smaller scale")
    colour, mask = full_frame(view, "colour"), full_frame(view, "front") > 0
    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), EDGE)[..., None]
    rim = np.where(mask[..., None], colour, cv2.dilate(colour, np.ones((5, 5), np.uint8))).astype(np.float32)
    ground = np.zeros_like(rim)
    if role.place is not None:
        if not (maps / f"{role.place}.jpg").is_file():
            raise ValueError(f"{maps} has no {role.place}.jpg: name the folder of the places with --maps")
        panorama = read_picture(maps / f"{role.place}.jpg")
        with np.load(next(maps.glob("environments_*.npz"))) as z:
            radiance = z[role.place].astype(np.float32)
        left = floor_light(person, placement, radiance, role.turn, rng)[..., None]
        ground = seen_place(np.ascontiguousarray(panorama[..., ::-1]), role.turn) * np.maximum(left, 0.02) ** (1 / 2.2)
    photo: np.ndarray = rim * alpha + ground * (1 - alpha)
    if role.place is not None:
        grain = cv2.GaussianBlur(rng.standard_normal(photo.shape).astype(np.float32), (0, 0), 0.6)
        photo = np.add(cv2.GaussianBlur(photo, (0, 0), 0.5), GRAIN * grain)
    folder.mkdir(parents=True, exist_ok=True)
    bgr = np.clip(photo, 0, 255).astype(np.uint8)[..., ::-1]
    cv2.imwrite(str(folder / f"{role.name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])
    if role.place is not None:
        cv2.imwrite(str(folder / f"{role.name}_alpha.png"), mask.astype(np.uint8) * 255)
    pixels = np.where(view.visible[:, None] | (np.arange(31) < 23)[:, None], view.keypoints, 0)
    if not view.visible[23:27].any() or not view.visible[27:].any():
        pixels = view.keypoints  # a hand without any finger point cannot be placed
    (folder / f"{role.name}_keypoints.json").write_text(json.dumps(openpose_document(pixels)))


def candidates(seeds: list[int], looks: int, drapes: DrapeStore, height: int = 420) -> np.ndarray:
    """uint8 BGR sheet: a row of looks a seed."""
    rows = []
    for seed in seeds:
        cells = []
        for look in range(looks):
            try:
                person = make_draped(open_assets(), HELD_OUT_SEEDS + seed, True, look, drapes)
            except DrapeError as error:
                print(error)
                break
            view = render_view(person, Placement(12.0, scale=1.0), np.random.default_rng(seed), lit=lit_by(None, 0))
            if view is None:
                break
            cell = np.where((view.front > 0)[..., None], view.colour, 45)[..., ::-1].astype(np.uint8)
            small = cv2.resize(cell, None, fx=height / len(cell), fy=height / len(cell), interpolation=cv2.INTER_AREA)
            cells.append(cv2.putText(np.ascontiguousarray(small), f"{seed}/{look}", (4, 14), 0, 0.45, (255, 255, 255)))
        if cells:
            rows.append(np.hstack(cells))
    width = max(len(r[0]) for r in rows)
    return np.vstack([np.pad(r, ((0, 0), (0, width - len(r[0])), (0, 0))) for r in rows])


def photographs_command(a: argparse.Namespace) -> None:
    drapes = DrapeStore(a.drapes)
    if a.candidates:
        sheet = candidates(list(range(a.first, a.first + a.people)), a.looks, drapes)
        cv2.imwrite(str(a.candidates), sheet)
        return
    for row in json.loads(a.cast.read_text()):
        photograph(Role(**row), a.out, a.maps, drapes)
        print(row["name"], flush=True)
