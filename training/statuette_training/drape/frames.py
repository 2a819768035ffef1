"""Where a point of a garment lies: around the trunk, along and around arms and legs. From designed positions, metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .run import FIELDS

WAIST_SHARE = 0.16  # m: mean radius by which angles around the trunk become widths of cloth
ARM_RADIUS, LEG_RADIUS = 0.055, 0.085


@dataclass
class Marks:
    """Heights and depths of one body in its rest pose: what pockets, yokes and seams are placed by."""

    neck: float  # y of the neck's base in front
    shoulder: float  # y of the shoulder joints
    waist: float  # y of the waist
    hip: float  # y of the hip joints
    depth: float  # z of the trunk's middle
    arm: np.ndarray  # joints [2, 3, 3]: left and right; shoulder, elbow, wrist
    leg: np.ndarray  # [2, 3, 3]: hip, knee, ankle

    @staticmethod
    def of(joints: dict[str, dict[str, np.ndarray]]) -> Marks:
        arm = np.array([[joints[b][s] for b in ("upperarm01", "lowerarm01", "wrist")] for s in "LR"])
        leg = np.array([[joints[b][s] for b in ("upperleg01", "lowerleg01", "foot")] for s in "LR"])
        shoulder, hip = arm[:, 0, 1].mean(), leg[:, 0, 1].mean()
        return Marks(shoulder + 0.05, shoulder, hip + 0.36 * (shoulder - hip), hip,
                     0.5 * (arm[:, 0, 2].mean() + leg[:, 0, 2].mean()), arm, leg)


class Frame:
    """Coordinates of garment points. p: designed positions f [n, 3]; `fields` as run.FIELDS."""

    def __init__(self, p: np.ndarray, fields: np.ndarray, marks: Marks, kind: str) -> None:
        self.p, self.marks, self.kind = p, marks, kind
        self.f = {k: fields[:, i] for i, k in enumerate(FIELDS)}
        self.x, self.y, self.z = p.T
        self.theta = np.arctan2(self.x, self.z - marks.depth)
        self.front = self.z > marks.depth
        self.on_arm = self.f["arm"] > 0.1 if kind == "top" else np.zeros(len(p), bool)
        self.on_leg = self.f["leg"] > 0.06 if kind == "trousers" else np.zeros(len(p), bool)
        self.around_arm, self.arm_radius = self._around(marks.arm, self.f["arm"], down=True)
        self.around_leg, self.leg_radius = self._around(marks.leg, self.f["leg"], down=False)

    def _around(self, joints: np.ndarray, s: np.ndarray, down: bool) -> tuple[np.ndarray, np.ndarray]:
        """Angle around a limb and distance from its axis. Arms: 0 is underneath; legs: 0 is outside; front is positive."""
        side = np.where(self.x > 0, 0, 1)
        s = np.clip(s, 0, 2)
        k = np.minimum(s.astype(int), 1)
        a, b = joints[side, k], joints[side, k + 1]
        r = self.p - (a + (b - a) * (s - k)[:, None])
        axis = (b - a) / np.linalg.norm(b - a, axis=1)[:, None]
        r = r - (r * axis).sum(1)[:, None] * axis
        sign = np.where(side == 0, 1.0, -1.0)
        if down:
            first = np.stack([-sign * 0.69, np.full(len(s), -0.72), np.zeros(len(s))], 1)
        else:
            first = np.stack([sign, np.zeros(len(s)), np.zeros(len(s))], 1)
        return np.arctan2(r[:, 2], (r * first).sum(1)), np.linalg.norm(r, axis=1)

    def width(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the cloth, metres: around (0 in the front middle or at a seam) and up."""
        u, v = self.theta * WAIST_SHARE, self.y.copy()
        if self.kind == "top":
            arm = self.on_arm
            u[arm], v[arm] = self.around_arm[arm] * ARM_RADIUS, -0.28 * self.f["arm"][arm]
        elif self.kind == "trousers":
            leg = self.on_leg
            u[leg] = self.around_leg[leg] * LEG_RADIUS
        return u, v

    def unwrap(self, u: np.ndarray, t: np.ndarray) -> np.ndarray:
        """u per corner [m, 3] without the jump of a whole turn inside a triangle."""
        c = u[t]
        turn = 2 * np.pi * np.where(self.on_arm[t[:, 0]], ARM_RADIUS, np.where(self.on_leg[t[:, 0]], LEG_RADIUS, WAIST_SHARE))
        c = c + np.where(c < c.max(1, keepdims=True) - turn[:, None] / 2, turn[:, None], 0)
        return c


def corners(frame: Frame, t: np.ndarray) -> np.ndarray:
    """Cloth coordinates f32 [m, 3, 2], metres: all corners of a triangle on the same part of the pattern."""
    u, v = frame.width()
    out = np.stack([frame.unwrap(u, t), v[t]], 2)
    for on, around, radius, key in ((frame.on_arm, frame.around_arm, ARM_RADIUS, "arm"),
                                    (frame.on_leg, frame.around_leg, LEG_RADIUS, "leg")):
        some = on[t].any(1) & ~on[t].all(1)
        if not some.any():
            continue
        rows = t[some]
        c = around[rows] * radius
        c = c + np.where(c < c.max(1, keepdims=True) - np.pi * radius, 2 * np.pi * radius, 0)
        out[some, :, 0] = c
        if key == "arm":
            out[some, :, 1] = -0.28 * frame.f["arm"][rows]
    return out.astype(np.float32)
