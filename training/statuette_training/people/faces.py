"""Real faces: the identities of ICT-FaceKit carried over to the head of the base mesh, once, when assets are packed.

ICT-FaceKit (USC Institute for Creative Technologies, MIT licence) is a linear model registered to scans: a mean head
and principal components whose coefficients are about N(0, 1). Its mean head is bent onto the head of an average adult
of the base mesh; then every vertex there takes the components of what lies nearest. Helpers (eyes, teeth, joints) move
along.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

COMPONENTS = 60  # the next moves no point by more than 0.7 mm
FACE, HEAD = 9409, 11248  # ICT vertices before these are face, face and head
EYES = ((21451, 23021), (23021, 24591))
CM = 0.1  # of the base mesh's units
WIDTHS = (0.25, 0.15, 0.08, 0.05)  # of the smoothing of the bend, units, coarse to fine
REACH = 0.05  # over which components are taken from the bent head, units
EVEN = 0.06  # over which they are then evened
NECK = (0.55, 0.15)  # below the chin: how far down a face's own shape fades out, and from where


def similarity(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """f64 [3, 3] and [3]: scaled rotation and shift that bring points a nearest to b (Umeyama 1991)."""
    ca, cb = a - a.mean(0), b - b.mean(0)
    u, s, v = np.linalg.svd(cb.T @ ca)
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ v))])
    scale = (s * np.diag(flip)).sum() / (ca * ca).sum()
    m = scale * u @ flip @ v
    return m, b.mean(0) - m @ a.mean(0)


def _averaged(tree: cKDTree, values: np.ndarray, at: np.ndarray, width: float, count: int) -> np.ndarray:
    """Gaussian mean of values over the nearest points of the tree; beyond them that of the nearest."""
    distance, row = tree.query(at, k=count)
    distance = distance - distance[:, :1]
    weight = np.exp(-((distance / width) ** 2) / 2)
    weight /= weight.sum(1, keepdims=True)
    return np.einsum("nk,nk...->n...", weight, values[row])


def _normals(v: np.ndarray, quads: np.ndarray) -> np.ndarray:
    t = np.concatenate([quads[:, :3], quads[quads[:, 3] >= 0][:, [0, 2, 3]]])
    cross = np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]])
    out = np.zeros_like(v)
    for k in range(3):
        np.add.at(out, t[:, k], cross)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


def bend(mean: np.ndarray, quads: np.ndarray, marks: np.ndarray, head: np.ndarray, normals: np.ndarray,
         head_marks: np.ndarray) -> np.ndarray:
    """The mean head's vertices where they belong on `head`.

    mean f64 [n, 3], quads i32 [m, 4] (last -1 in a triangle), marks [k, 3] on it; head f64 [h, 3] with its normals, and
    the same marks there. Alternates between the nearest points that face the same way and a smooth field through them.
    """
    m, shift = similarity(marks, head_marks)
    x, pulled = mean @ m.T + shift, marks @ m.T + shift
    tree = cKDTree(head)
    for width in WIDTHS:
        for _ in range(6):
            own = _normals(x[:HEAD], quads[(quads < HEAD).all(1)])
            distance, row = tree.query(x[:HEAD], k=12)
            facing = np.einsum("nkj,nj->nk", normals[row], own) > 0.6
            best = np.argmin(np.where(facing, distance, np.inf), 1)
            pick = row[np.arange(HEAD), best]
            good = facing[np.arange(HEAD), best] & (distance[np.arange(HEAD), best] < 4 * width)
            offset = head[pick] - x[:HEAD]
            # Along the surface anything is as near: only the way onto it counts, and the marks.
            offset = own * (offset * own).sum(1, keepdims=True)
            source = np.concatenate([x[:HEAD][good], np.repeat(pulled, 20, 0)])
            value = np.concatenate([offset[good], np.repeat(head_marks - pulled, 20, 0)])
            field = cKDTree(source)
            x = x + _averaged(field, value, x, width, 200)
            pulled = pulled + _averaged(field, value, pulled, width, 200)
    return x


def register(path: Path, base: np.ndarray, body: np.ndarray, triangles: np.ndarray, eyes: np.ndarray, nose: int,
             ears: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows int32 [n] of the base mesh and their offsets f32 [COMPONENTS, n, 3] (units) a unit of each component.

    path: `ict_face.npz`. base f32 [vertices, 3] of an average adult; body: rows of its skin, triangles int32 [m, 3] of
    it; eyes [2, 3] left and right; nose and ears (left, right): rows.
    """
    with np.load(path) as z:
        mean, quads = z["neutral"].astype(np.float64) * CM, z["quads"]
        components = z["identity"][:COMPONENTS].astype(np.float32) * np.float32(CM)
    centres = np.array([mean[a:b].mean(0) for a, b in EYES])
    if centres[0, 0] < centres[1, 0]:  # left is +x
        centres = centres[::-1]
    face = mean[:FACE]
    middle = np.abs(face[:, 0]) < 0.05
    nose_tip = face[middle][np.argmax(face[middle, 2])]
    outer = mean[:HEAD]
    level = np.abs(outer[:, 1] - centres[:, 1].mean()) < 0.6
    ear = [outer[level][np.argmax(side * outer[level, 0])] for side in (1, -1)]
    chin = face[middle & (face[:, 1] < nose_tip[1] - 0.4)]
    chin = chin[np.argmax(chin[:, 2] - 0.8 * chin[:, 1])]
    skin = base[body].astype(np.float64)
    skin_middle = (np.abs(skin[:, 0]) < 0.05) & (skin[:, 1] < base[nose, 1] - 0.4) & (skin[:, 1] > base[nose, 1] - 1.1)
    skin_chin = skin[skin_middle]
    skin_chin = skin_chin[np.argmax(skin_chin[:, 2] - 0.8 * skin_chin[:, 1])]
    marks = np.array([*centres, nose_tip, *ear, chin])
    head_marks = np.array([*eyes, base[nose], base[ears[0]], base[ears[1]], skin_chin])

    low = skin_chin[1] - NECK[0]
    used = np.zeros(len(base), bool)
    used[body] = base[body, 1] > low
    quads_of = np.concatenate([triangles, np.full((len(triangles), 1), -1)], 1)
    normals = _normals(base.astype(np.float64), quads_of)
    x = bend(mean, quads, marks, base[used].astype(np.float64), normals[used], head_marks)

    rows = np.nonzero(base[:, 1] > low)[0].astype(np.int32)
    rows = rows[np.abs(base[rows, 0]) < 1.6]
    m, _ = similarity(marks, head_marks)
    at = base[rows].astype(np.float64)
    # The skin follows the mean head's skin, not its teeth; what is inside follows whatever is near.
    is_skin = np.isin(rows, body)
    moves = np.zeros((COMPONENTS, len(rows), 3))
    for some, count in ((is_skin, HEAD), (~is_skin, len(x))):
        moves[:, some] = np.moveaxis(
            _averaged(cKDTree(x[:count]), np.moveaxis(components[:, :count], 0, 1), at[some], REACH, 32), 1, 0)
    # Neighbours that took their offsets from two sides of a fold (lips, lids, nostrils) would crumple.
    moves = np.moveaxis(_averaged(cKDTree(at), np.moveaxis(moves, 0, 1), at, EVEN, 24), 1, 0)
    fade = np.clip((at[:, 1] - low) / (NECK[0] - NECK[1]), 0, 1)
    fade = fade * fade * (3 - 2 * fade)
    return rows, (moves @ m.T * fade[:, None]).astype(np.float32)


def random_face(rng: np.random.Generator, offsets: np.ndarray, strength: float = 0.9) -> np.ndarray:
    """f32 [n, 3] offsets of one random identity; offsets f32 [components, n, 3]."""
    c = np.clip(rng.standard_normal(len(offsets)), -2.2, 2.2) * strength
    return np.tensordot(c.astype(np.float32), offsets, 1)
