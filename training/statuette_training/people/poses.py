"""Poses: authored and recorded ones, blended and noised within joint limits, and facial expressions."""

from __future__ import annotations

import numpy as np

from ..assets import Assets

# Poses most photographs show; drawn more often.
COMMON = ("relaxed", "relaxed_wide", "attention", "a_pose", "contrapposto_l", "contrapposto_r", "standing01",
          "standing02", "standing03", "standing04", "standing05", "standing06", "walk_l", "walk_r", "pockets",
          "hands_on_hips", "talk_open", "look_l", "look_r")
# (bone prefix, noise in degrees, largest rotation in degrees of the sum)
LIMITS = (("spine", 2.0, 60), ("neck", 3.0, 45), ("head", 4.0, 45), ("clavicle", 2.0, 35), ("shoulder", 2.0, 40),
          ("upperarm01", 5.0, 165), ("lowerarm01", 6.0, 150), ("wrist", 5.0, 70), ("upperleg01", 3.0, 110),
          ("lowerleg01", 3.0, 140), ("foot", 3.0, 50))


def random_pose(assets: Assets, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Bone to rotation vector (radians). A blend of two poses plus noise; sometimes mirrored limbs come from both."""
    poses = assets.document["poses"]
    everything = sorted(poses)

    def one(common: float) -> dict[str, list[float]]:
        names = COMMON if rng.random() < common else everything
        return poses[names[int(rng.integers(len(names)))]]

    first, second = one(0.55), one(0.5)
    mix = float(rng.uniform(0, 0.6)) if rng.random() < 0.65 else 0.0
    per_side = rng.random() < 0.2  # left limbs of one pose, right limbs of the other
    out: dict[str, np.ndarray] = {}
    for bone in sorted(set(first) | set(second)):
        t = (1.0 if bone.endswith(".L") else 0.0) if per_side and bone.endswith((".L", ".R")) else mix
        if per_side and bone.startswith(("upperleg", "lowerleg", "foot", "toe")):
            t = mix
        a, b = np.array(first.get(bone, (0, 0, 0))), np.array(second.get(bone, (0, 0, 0)))
        out[bone] = (1 - t) * a + t * b
    for bone in assets.document["rig"]["bones"]:
        for prefix, noise, limit in LIMITS:
            if bone.startswith(prefix):
                v = out.get(bone, np.zeros(3)) + np.deg2rad(noise) * rng.standard_normal(3)
                length = float(np.linalg.norm(v))
                out[bone] = v * min(1.0, np.deg2rad(limit) / max(length, 1e-9))
                break
        if bone.startswith("finger") and rng.random() < 0.6:
            out[bone] = out.get(bone, np.zeros(3)) * rng.uniform(0.4, 1.4)
    return out


def seated(pose: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The legs of somebody who sits, perches, crouches or kneels; trunk and arms stay. Nothing is drawn to sit on."""
    hip, knee, ankle = {"chair": (-88, 86, 0), "stool": (-55, 70, -8), "crouch": (-105, 135, -25),
                        "kneel": (-8, 120, 35)}[str(rng.choice(["chair", "stool", "crouch", "kneel"],
                                                               p=[0.5, 0.25, 0.1, 0.15]))]
    out = dict(pose)
    spread = float(rng.uniform(-2, 14))
    for side, sign in (("L", 1.0), ("R", -1.0)):
        bend = rng.normal(0, 5, 3)
        for bone, angle, wide in (("upperleg01", hip + bend[0], spread), ("lowerleg01", knee + bend[1], 0.0),
                                  ("foot", ankle + bend[2], 0.0)):
            out[f"{bone}.{side}"] = np.deg2rad([angle, sign * wide, sign * float(rng.normal(0, 2))])
        out.pop(f"upperleg02.{side}", None)
    return out


def random_expression(assets: Assets, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Facial bone rotations: mostly calm or a mild smile, sometimes any of the 32 expressions."""
    expressions, units = assets.document["expressions"], assets.document["face_units"]
    names = sorted(expressions)
    if rng.random() < 0.5:
        names = [n for n in names if n.startswith(("smile", "attention", "determination", "boring"))]
    strength = float(rng.uniform(0, 0.9)) if rng.random() < 0.75 else 0.0
    out: dict[str, np.ndarray] = {}
    for unit, weight in expressions[names[int(rng.integers(len(names)))]].items():
        for bone, vector in units.get(unit, {}).items():
            out[bone] = out.get(bone, np.zeros(3)) + np.array(vector) * float(weight) * strength
    for bone in ("eye.L", "eye.R"):
        out[bone] = out.get(bone, np.zeros(3)) + np.deg2rad(rng.normal(0, 3, 3)) * (1, 1, 0)
    return out
