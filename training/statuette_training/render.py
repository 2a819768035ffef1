"""Views of a person (or any mesh): nearest and farthest surface from one camera, colour, depth, normals, keypoints.

Camera of the data set: at (0, 0, 1) looking along -z, fov 50 degrees, 2048 x 2048. Depth in D units: distance along
the ray, (r - 1) f + 1024; stored x 32 as uint16, 0 where empty. Only the person's box is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import light, native
from .keypoints import CANVAS
from .people.person import Person
from .tensor_render import Drawn, TensorPerson
from .tensor_render import draw as draw_tensors

FOV_DEG = 50.0
FOCAL_PX = CANVAS / (2 * np.tan(np.deg2rad(FOV_DEG / 2)))
MARGIN = 24  # empty pixels kept around the person


@dataclass
class View:
    """One view. Pictures cover `box` = (y0, y1, x0, x1) of the canvas."""

    box: tuple[int, int, int, int]
    colour: np.ndarray  # uint8 [h, w, 3] shaded sRGB, ground 0
    front: np.ndarray  # f32 [h, w] D units, 0 empty
    back: np.ndarray
    keypoints: np.ndarray  # f64 [31, 2] canvas pixels
    visible: np.ndarray  # bool [31]
    mm_per_unit: float  # millimetres along a ray per network unit (512 D) at the person's own size
    yaw: float
    plain: np.ndarray | None = None  # uint8 unshaded front colour
    plain_back: np.ndarray | None = None
    part: np.ndarray | None = None  # uint8 [h, w] part + 1 of the front, 0 empty
    material: np.ndarray | None = None

    @property
    def mask(self) -> np.ndarray:
        return self.front > 0


def full_frame(view: View, name: str) -> np.ndarray:
    """A box picture of the view placed on the 2048 canvas."""
    part = getattr(view, name)
    out = np.zeros((CANVAS, CANVAS, *part.shape[2:]), part.dtype)
    y0, y1, x0, x1 = view.box
    out[y0:y1, x0:x1] = part
    return out


def _rotation(axis: int, degrees: float) -> np.ndarray:
    vector = np.zeros(3)
    vector[axis] = np.deg2rad(degrees)
    return cv2.Rodrigues(vector)[0]


@dataclass
class Placement:
    """How the person stands before the camera."""

    yaw: float
    pitch: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Scaled model units to camera space (camera at the origin)."""
        r = _rotation(0, self.pitch) @ _rotation(1, self.yaw)
        return points @ (r.T * self.scale) + np.array([self.shift[0], self.shift[1], -1.0])


Lit = tuple[light.Light, light.Openness, light.Exposure]


def random_placement(rng: np.random.Generator) -> Placement:
    yaw = rng.uniform(-30, 30) if rng.random() < 0.88 else rng.uniform(-65, 65)
    pitch = rng.uniform(-6, 8) if rng.random() < 0.3 else 0.0
    # The data set's own scale is 1; photographs fill 70 to 92 % of the frame, scale 0.92 to 1.2, and are off centre.
    scale = float(np.clip(rng.normal(1.03, 0.09), 0.78, 1.2))
    aside = float(np.clip(rng.normal(0, 0.03), -0.1, 0.1))
    return Placement(float(yaw), float(pitch), scale, (aside, float(rng.uniform(-0.03, 0.03))))


def project(points: np.ndarray) -> np.ndarray:
    """Camera space [n, 3] to canvas pixels f64 [n, 2]."""
    z = -points[:, 2]
    return np.stack([points[:, 0] / z * FOCAL_PX, -points[:, 1] / z * FOCAL_PX], 1) + CANVAS / 2


def draw(person: Person, camera: np.ndarray, screen: np.ndarray, box: tuple[int, int, int, int],
         lighting: light.Light, sky: light.Openness, exposure: light.Exposure, extras: bool, threads: int) -> Drawn:
    """The pictures of one view by the C room; `tensor_render.draw` makes the same on a GPU."""
    near_iz, near_id, near_b, far_iz, far_id, far_b = native.raster(screen, person.cut, person.t, box, threads)
    front = native.depth_units(near_iz, box, CANVAS, FOCAL_PX)
    back = native.depth_units(far_iz, box, CANVAS, FOCAL_PX)
    shadow = light.cast_shadow(lighting, camera, person.cut, person.t) if lighting.shadows else None
    normal = native.vertex_normals(camera, person.t)
    mesh = (person.t, camera, normal, person.uv, person.material, person.textures, person.look, lighting.ambient,
            lighting.lamps)
    shaded, plain = native.shade(near_id, near_b, *mesh, light.occlusion(front, sky), shadow, threads, True, extras)
    assert shaded is not None
    drawn = Drawn(front, back, near_id, light.expose(shaded, near_id >= 0, exposure), None, None)
    if extras:
        gamma = np.float32(1 / 2.2)
        _, far_plain = native.shade(far_id, far_b, *mesh, None, None, threads, False, True)
        assert plain is not None and far_plain is not None
        drawn.plain = (np.clip(plain, 0, 1) ** gamma * 255).astype(np.uint8)
        drawn.plain_back = (np.clip(far_plain, 0, 1) ** gamma * 255).astype(np.uint8)
    return drawn


def render_view(person: Person, placement: Placement, rng: np.random.Generator, threads: int = 1,
                extras: bool = False, on: TensorPerson | None = None, lit: Lit | None = None) -> View | None:
    """One view, or None when the person does not fit the canvas. `extras` adds unshaded colours and id maps.

    lit: light, openness and exposure instead of random ones. on: the same person on a device that then makes the
    pictures; without it the C room does.
    """
    camera = placement.apply(person.v.astype(np.float64))
    screen = np.empty_like(camera)
    screen[:, :2] = project(camera)
    screen[:, 2] = -1 / camera[:, 2]
    camera = camera.astype(np.float32)
    drawn = np.zeros(len(screen), bool)
    drawn[person.t.reshape(-1)] = True
    drawn &= person.cut > -0.05
    low, high = screen[drawn, :2].min(0), screen[drawn, :2].max(0)
    if low.min() < 2 or high.max() > CANVAS - 2:
        return None
    # Multiples of 8: the low-resolution grid then lines up with the box.
    x0, y0 = (max(0, (int(c) - MARGIN) // 8 * 8) for c in low)
    x1, y1 = (min(CANVAS, -(-(int(c) + MARGIN + 1) // 8) * 8) for c in high)
    box = (x0, y0, x1 - x0, y1 - y0)
    chance = lit or (light.random_light(rng, person.draped), light.random_openness(rng, person.draped),
                     light.random_exposure(rng))
    if on is None:
        d = draw(person, camera, screen, box, *chance, extras, threads)
    else:
        d = draw_tensors(on, camera, screen, box, CANVAS, FOCAL_PX, *chance, extras)
    points = placement.apply(person.keypoints)
    pixels = project(points)
    mm_per_unit = person.metres_per_unit / placement.scale * 1000 * 512 / FOCAL_PX
    view = View((y0, y1, x0, x1), d.colour, d.front, d.back, pixels, _visible(pixels, points, d.front, (x0, y0)),
                mm_per_unit, placement.yaw, d.plain, d.plain_back)
    if extras:
        mask = d.triangle >= 0
        view.part = np.where(mask, person.part[d.triangle] + 1, 0).astype(np.uint8)
        view.material = np.where(mask, person.material[d.triangle] + 1, 0).astype(np.uint8)
    return view


def _visible(pixels: np.ndarray, points: np.ndarray, front: np.ndarray, corner: tuple[int, int],
             tolerance: float = 160.0) -> np.ndarray:
    """True where a keypoint is at most `tolerance` D units (about 13 cm) behind the nearest surface."""
    h, w = front.shape
    x, y = (np.floor(pixels[:, k]).astype(int) - corner[k] for k in (0, 1))
    inside = (x >= 0) & (y >= 0) & (x < w) & (y < h)
    depth = (np.linalg.norm(points, axis=1) - 1) * FOCAL_PX + CANVAS / 2
    surface = front[np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)]
    return inside & (depth < surface + tolerance) & (surface > 0)
