"""Where a point of a garment lies: around the trunk, along and around arms and legs. In the rest pose, metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .run import FIELDS
from .shape import ramp

WAIST_SHARE = 0.16  # m: mean radius by which angles around the trunk become widths of cloth
ARM_RADIUS, LEG_RADIUS, ARM_LONG = 0.055, 0.085, 0.28
PANEL_WIDE, PANEL_DEEP = 0.18, 0.09  # m: half a panel's width, and how far it reaches around the side


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
        return Marks(
            shoulder + 0.05,
            shoulder,
            hip + 0.36 * (shoulder - hip),
            hip,
            0.5 * (arm[:, 0, 2].mean() + leg[:, 0, 2].mean()),
            arm,
            leg,
        )


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
        nothing = np.zeros(len(p))
        self.around_arm = self.arm_radius = self.around_leg = self.leg_radius = nothing
        if kind == "top":
            self.around_arm, self.arm_radius = self._around(marks.arm, self.f["arm"], down=True)
        elif kind == "trousers":
            self.around_leg, self.leg_radius = self._around(marks.leg, self.f["leg"], down=False)

    def _around(self, joints: np.ndarray, s: np.ndarray, down: bool) -> tuple[np.ndarray, np.ndarray]:
        """Angle around a limb and distance from its axis. Arms: 0 is below; legs: 0 is outside; front is positive."""
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
        """Coordinates of the cloth per point, metres: around (0 in the front middle or at a limb's seam) and up."""
        u, v = self._flat(~self.front, np.sign(self.x)), self.y.copy()
        if self.kind == "top":
            arm = self.on_arm
            u[arm], v[arm] = self.around_arm[arm] * ARM_RADIUS, -ARM_LONG * self.f["arm"][arm]
        elif self.kind == "trousers":
            leg = self.on_leg
            u[leg] = self.around_leg[leg] * LEG_RADIUS
        return u, v

    def _flat(self, back: np.ndarray, side: np.ndarray) -> np.ndarray:
        """Around the trunk: front and back are flat panels, so stripes run straight; they meet at the sides."""
        x, deep = np.abs(self.x), self.z - self.marks.depth
        wide = ramp(x, 0.05, 0.12) * ramp(-self.f["torso"], -0.9, -0.78)
        front = x + wide * np.clip(PANEL_DEEP - deep, 0, PANEL_DEEP)
        behind = 2 * PANEL_WIDE - x + PANEL_DEEP + np.clip(-deep, 0, PANEL_DEEP)
        return np.where(back, side * behind, np.where(np.sign(self.x) == 0, 0, np.sign(self.x)) * front)


def corners(frame: Frame, t: np.ndarray) -> np.ndarray:
    """Cloth coordinates f32 [m, 3, 2], metres: all corners of a triangle on the same panel of the pattern."""
    k = frame
    on_arm, on_leg = k.on_arm[t].sum(1) > 1, k.on_leg[t].sum(1) > 1
    back = k.z[t].mean(1) < k.marks.depth
    side = np.where(k.x[t].mean(1) > 0, 1.0, -1.0)
    out = np.empty((len(t), 3, 2))
    for c in range(3):
        at = _at(k, t[:, c])
        out[:, c, 0], out[:, c, 1] = at._flat(back, side), at.y
    for on, around, radius in ((on_arm, k.around_arm, ARM_RADIUS), (on_leg, k.around_leg, LEG_RADIUS)):
        if on.any():
            a = around[t[on]] * radius
            out[on, :, 0] = a + np.where(a < a.max(1, keepdims=True) - np.pi * radius, 2 * np.pi * radius, 0)
    out[on_arm, :, 1] = -ARM_LONG * k.f["arm"][t[on_arm]]
    return out.astype(np.float32)


def _at(k: Frame, rows: np.ndarray) -> Frame:
    """The trunk's coordinates of some points."""
    out = object.__new__(Frame)
    out.marks, out.x, out.y, out.z = k.marks, k.x[rows], k.y[rows], k.z[rows]
    out.f = {"torso": k.f["torso"][rows]}
    return out
