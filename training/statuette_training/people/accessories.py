"""Small rigid things: glasses. Built in rest space from the head's own marks, moved with the head bone."""

from __future__ import annotations

import numpy as np


def tube(path: np.ndarray, radius: float, sides: int = 6, closed: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Vertices f32 [k * sides, 3] and triangles int32 of a round tube along a polyline [k, 3]."""
    k = len(path)
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead = ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(ahead[:, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    u = np.cross(ahead, helper)
    u /= np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-9)
    w = np.cross(ahead, u)
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(angle)[None, :, None] * u[:, None] + np.sin(angle)[None, :, None] * w[:, None]
    v = (path[:, None] + radius * ring).reshape(-1, 3)
    i = np.arange(k if closed else k - 1)
    j = (i + 1) % k
    s = np.arange(sides)
    a, b = (i[:, None] * sides + s).ravel(), (i[:, None] * sides + (s + 1) % sides).ravel()
    c, d = (j[:, None] * sides + s).ravel(), (j[:, None] * sides + (s + 1) % sides).ravel()
    return v.astype(np.float32), np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)]).astype(np.int32)


def glasses(left_eye: np.ndarray, right_eye: np.ndarray, left_ear: np.ndarray, right_ear: np.ndarray,
            nose: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Frames as tubes (rest space, units): two rims, a bridge, two temples. No lenses: they would hide the eyes."""
    front = max(left_eye[2], right_eye[2]) + 0.26
    wide, high = rng.uniform(0.20, 0.27), rng.uniform(0.14, 0.24)
    power = rng.uniform(2.0, 4.0)  # superellipse: round to square
    radius = rng.uniform(0.012, 0.032)
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    parts = []
    inner = []
    for eye, ear, sign in ((left_eye, left_ear, 1.0), (right_eye, right_ear, -1.0)):
        x = eye[0] + 0.02 * sign + wide * np.sign(c) * np.abs(c) ** (2 / power)
        y = eye[1] - 0.03 + high * np.sign(s) * np.abs(s) ** (2 / power)
        z = front - 0.25 * (np.abs(x) - abs(eye[0])) * (np.abs(x) > abs(eye[0]))
        parts.append(tube(np.stack([x, y, z], 1), radius, closed=True))
        outer = np.array([eye[0] + sign * (wide + 0.02), eye[1] + 0.04, front - 0.25 * wide])
        bend = np.array([ear[0] + 0.02 * sign, eye[1] + 0.06, ear[2]])
        parts.append(tube(np.stack([outer, (outer + bend) / 2, bend, bend + [0, -0.12, -0.15]]), radius * 0.9))
        inner.append(np.array([eye[0] - sign * wide, eye[1] + 0.03, front]))
    middle = (inner[0] + inner[1]) / 2 + [0, 0.03, 0.03]
    parts.append(tube(np.stack([inner[0], middle, inner[1]]), radius))
    offset, vs, ts = 0, [], []
    for v, t in parts:
        vs.append(v)
        ts.append(t + offset)
        offset += len(v)
    return np.concatenate(vs), np.concatenate(ts)
