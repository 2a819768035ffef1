"""From a draped grid to what is drawn: a finer mesh outside of what it covers, with its trimmings as geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .. import native
from .cloths import CLOTHS
from .fine import Fine, smoothed, split, turn_in
from .frames import Frame, Marks, corners
from .relief import ACCENT, MAIN, slots
from .run import Draped
from .solver import Surface
from .trim import Sewn, decorate

LINE = 0.0055  # m from a line within which the mesh is made finer (cells of 2 mm)
STITCHED = 0.0022  # and again (1 mm), where stitches are of another colour
PRESSED = 0.014  # m: relief nearer to a garment over it lies flat
GAP = 0.0025  # kept from the body by drawn cloth
BUTTON, CORD = 100, 101  # slots beside relief's


@dataclass
class Dressed:
    """A garment as it is drawn, metres. uv f32 [m, 3, 2]: metres of cloth; slot uint8 [m]: which dye."""

    v: np.ndarray
    t: np.ndarray
    uv: np.ndarray
    slot: np.ndarray


def _outside(fine: Fine, ends: np.ndarray, d: Draped, body: Surface, inner: Surface | None) -> None:
    """Pushes points out of the body and the layer beneath, in place; only where the coarse cloth is near them."""
    home = np.concatenate([d.home, d.home[ends[:, 0]] | d.home[ends[:, 1]]])
    for surface, gap, parts, deepest, rounds in ((body, GAP, home, 1.0, 2), (inner, 0.002, None, 0.012, 1)):
        if surface is None:
            continue
        height, _ = surface.heights(d.x, None if parts is None else d.home)
        close = height < gap + 0.006
        rows = np.nonzero(np.concatenate([close, close[ends[:, 0]] | close[ends[:, 1]]]))[0]
        if len(rows):
            fine.v[rows] = surface.push_out(fine.v[rows], gap, None if parts is None else parts[rows], deepest, rounds)


def _fields(mesh: Fine) -> tuple[np.ndarray, np.ndarray]:
    return mesh.a[:, :3], mesh.a[:, 3:]


def _button(centre: np.ndarray, normal: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A disc with a rounded, raised rim and its middle pressed in."""
    side = np.cross(normal, (0.3, 0.9, 0.2))
    side /= np.linalg.norm(side) + 1e-9
    up = np.cross(normal, side)
    rings = np.array([[1.0, -0.001], [1.0, 0.0014], [0.86, 0.0024], [0.66, 0.0022], [0.58, 0.0015], [0.0, 0.0015]])
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    v = [
        centre + normal * h + radius * q * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up)
        for q, h in rings
    ]
    return np.concatenate(v), _bands(len(rings), 16)


def _bands(rings: int, around: int) -> np.ndarray:
    """Triangles between consecutive rings of points."""
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij")
    a, b = i * around + j, i * around + (j + 1) % around
    return np.concatenate(
        [np.stack([a, b, b + around], -1).reshape(-1, 3), np.stack([a, b + around, a + around], -1).reshape(-1, 3)]
    ).astype(np.int32)


def _cord(path: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A tube along a path [k, 3], with a knot at its end."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None] + 1e-9
    side = np.cross(along, (0.0, 0.1, 1.0))
    side /= np.linalg.norm(side, axis=1)[:, None] + 1e-9
    up = np.cross(along, side)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    size = np.full(len(path), radius)
    size[-3:] = (1.5 * radius, 1.7 * radius, 0.3 * radius)
    v = path[:, None] + size[:, None, None] * (
        np.cos(angle)[:, None] * side[:, None] + np.sin(angle)[:, None] * up[:, None]
    )
    return v.reshape(-1, 3), _bands(len(path), 8)


def _free(path: np.ndarray, mesh: Fine, frame: Frame, over: cKDTree) -> bool:
    """Whether nothing is worn over these designed positions (z may be unknown: then of the front)."""
    flat = frame.p if np.isfinite(path).all() else np.where(frame.front, 0, 9.0)[:, None] + frame.p[:, :2]
    rows = [int(np.argmin(((flat - p[: flat.shape[1]]) ** 2).sum(1))) for p in path]
    return bool((over.query(mesh.v[rows])[0] > PRESSED).all())


def _sew_on(sewn: Sewn, mesh: Fine, frame: Frame, radius: float) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Buttons and cords at the drawn places of their designed ones."""
    out: list[tuple[np.ndarray, np.ndarray, int]] = []
    if not sewn.buttons and not sewn.cords:
        return out
    normal = mesh.normals()
    for p in sewn.buttons:
        i = int(np.argmin(((frame.p - p) ** 2).sum(1)))
        out.append((*_button(mesh.v[i].astype(float), normal[i].astype(float), radius), BUTTON))
    front = np.nonzero(frame.front & ~frame.on_arm & (frame.f["added"] < 2))[0]
    if sewn.cords and len(front):
        tree = cKDTree(frame.p[front][:, :2])
        for path in sewn.cords:
            rows = front[tree.query(path[:, :2])[1]]
            p = mesh.v[rows] + normal[rows] * 0.004
            p = np.concatenate([p[:1], (p[:-2] + 2 * p[1:-1] + p[2:]) / 4, p[-1:]])
            out.append((*_cord(p.astype(float), 0.0024), CORD))
    return out


def finish(
    d: Draped,
    marks: Marks,
    body: Surface,
    inner: Surface | None,
    over: np.ndarray | None,
    seed: int,
    contrast: bool,
    accent: bool,
) -> Dressed:
    """What is drawn of a draped garment. body, inner: last keys; over: points of what is worn over it.

    contrast: stitches of another colour; accent: ribs.
    """
    cloth = CLOTHS[d.cut.cloth]
    coarse = Fine(d.x, d.t, np.concatenate([d.rest, d.fields], 1).astype(np.float32))
    mesh, ends = split(coarse)
    mesh.v = smoothed(mesh)
    _outside(mesh, ends, d, body, inner)
    if d.cut.tucked:  # what is under the waistband is not drawn
        torso = mesh.a[:, 3 + 2]
        mesh.t = mesh.t[(torso > 0.16)[mesh.t].all(1)]
    for within in (LINE, STITCHED) if contrast else (LINE,):
        frame = Frame(*_fields(mesh), marks, d.cut.kind)
        relief, _ = decorate(frame, d.cut, seed)
        at = relief.near if within == LINE else relief.stitch
        close = at[mesh.t].min(1) < within
        if close.any():
            mesh, _ = split(mesh, close)
    frame = Frame(*_fields(mesh), marks, d.cut.kind)
    relief, sewn = decorate(frame, d.cut, seed)
    worn = d.cut.cloth == "denim"
    slot = slots(relief, mesh.t, contrast, worn, accent)
    height = relief.height.astype(np.float32)
    if over is not None:  # what is pressed under another garment does not show through it
        tree = cKDTree(over)
        away, _ = tree.query(mesh.v, distance_upper_bound=PRESSED)
        height = height * np.clip((away - 0.006) / (PRESSED - 0.006), 0, 1).astype(np.float32)
        sewn = Sewn(
            [p for p in sewn.buttons if _free(p[None], mesh, frame, tree)],
            [p for p in sewn.cords if _free(p[::4], mesh, frame, tree)],
        )
    mesh.v = mesh.v + mesh.normals() * height[:, None]
    extra = _sew_on(sewn, mesh, frame, 0.009 if d.cut.cloth in ("coat", "jacket", "denim") else 0.0055)
    mesh, first = turn_in(mesh, cloth.thickness)
    frame = Frame(*_fields(mesh), marks, d.cut.kind)
    uv = corners(frame, mesh.t)
    slot = np.r_[slot, np.full(len(mesh.t) - first, MAIN, np.uint8)]
    v, t, uvs, tags, count = [mesh.v], [mesh.t], [uv], [slot], len(mesh.v)
    for p, triangles, tag in extra:
        v.append(p.astype(np.float32))
        t.append(triangles + count)
        uvs.append(np.zeros((len(triangles), 3, 2), np.float32))
        tags.append(np.full(len(triangles), tag, np.uint8))
        count += len(p)
    return Dressed(np.concatenate(v), np.concatenate(t), np.concatenate(uvs), np.concatenate(tags))


__all__ = ["ACCENT", "BUTTON", "CORD", "Dressed", "finish", "native"]
