"""Body shape, skeleton and skinning: macro targets, local targets, bone matrices, keypoints.

Rules of the building blocks' README: macro weights are products of factors; every joint is the mean of some base
vertices and is recomputed after a morph; M_bone = M_parent T(head) R T(-head).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import cv2
import numpy as np

from .. import native
from ..assets import Assets

LOCAL_FOLDERS = ("torso", "hip", "armslegs", "buttocks", "stomach", "neck", "pelvis")
FACE_FOLDERS = ("nose", "mouth", "chin", "head", "cheek", "eyes", "forehead", "ears", "eyebrows")


def macro_targets(assets: Assets, gender: float, age: float, muscle: float, weight: float, height: float,
                  proportions: float, race: np.ndarray) -> dict[str, float]:
    """Macro target weights. All inputs 0..1 (gender 1 = male, age 0.5 = 25 years); race sums to 1."""
    def three(x: float, low: str, middle: str, high: str) -> dict[str, float]:
        top, bottom = max(0.0, 2 * x - 1), max(0.0, 1 - 2 * x)
        return {high: top, low: bottom, middle: 1 - top - bottom}

    ages = ({"old": 2 * age - 1, "young": 2 - 2 * age} if age >= 0.5 else
            {"young": max(0.0, 3.2 * (age - 0.1875)), "baby": max(0.0, 1 - 5.333 * age)})
    if age < 0.5:
        ages["child"] = max(0.0, 1 - sum(ages.values()))
    muscles = three(muscle, "minmuscle", "averagemuscle", "maxmuscle")
    weights = three(weight, "minweight", "averageweight", "maxweight")
    heights = three(height, "minheight", "", "maxheight")
    shapes = three(proportions, "uncommonproportions", "", "idealproportions")
    out: dict[str, float] = {}
    for (g, gw), (a, aw) in itertools.product({"male": gender, "female": 1 - gender}.items(), ages.items()):
        for r, rw in zip(("african", "asian", "caucasian"), race, strict=True):
            out[f"macrodetails/{r}-{g}-{a}"] = gw * aw * float(rw)
        for (m, mw), (w, ww) in itertools.product(muscles.items(), weights.items()):
            x, tail = gw * aw * mw * ww, f"{g}-{a}-{m}-{w}"
            out[f"macrodetails/universal-{tail}"] = x
            out |= {f"macrodetails/height/{tail}-{h}": x * hw for h, hw in heights.items() if h}
            out |= {f"macrodetails/proportions/{tail}-{p}": x * pw for p, pw in shapes.items() if p}
    return {k: v for k, v in out.items() if v > 1e-4 and k in assets.target_row}


def random_targets(assets: Assets, rng: np.random.Generator) -> tuple[dict[str, float], dict[str, float]]:
    """Weights of morph targets of one random adult, and what was drawn (gender, age, weight)."""
    male = rng.random() < 0.5
    gender = float(np.clip((0.92 if male else 0.08) + 0.1 * rng.standard_normal(), 0, 1))
    age = float(rng.uniform(0.42, 0.9)) if rng.random() < 0.85 else float(rng.uniform(0.3, 0.42))
    heavy = float(np.clip(rng.normal(0.5, 0.2), 0.05, 0.97))
    out = macro_targets(assets, gender, age, float(rng.uniform(0.12, 0.92)), heavy, float(rng.uniform(0.3, 0.7)),
                        float(rng.random()), rng.dirichlet([0.5] * 3))

    def draw(folders: tuple[str, ...], count: int, top: float) -> None:
        names = [n for n in assets.document["targets"] if n.split("/")[0] in folders]
        for k in rng.choice(len(names), count, replace=False):
            out[names[k]] = float(abs(rng.normal(0, top)))

    draw(LOCAL_FOLDERS, 10, 0.35)
    draw(FACE_FOLDERS, 22, 0.4)
    draw(("asym",), 4, 0.12)
    if gender < 0.5:
        draw(("breast",), 2, 0.25)
    return out, {"gender": gender, "age": age, "weight": heavy}


def morph(assets: Assets, weights: Mapping[str, float]) -> np.ndarray:
    """f32 [19158, 3] base vertices after adding the weighted targets."""
    v = assets.base.copy()
    for name, w in weights.items():
        index, delta = assets.target(name)
        v[index] += delta * np.float32(w)
    return v


def average_adult(assets: Assets) -> np.ndarray:
    """f32 [19158, 3] the mean of both sexes and all three origins at 25 years."""
    return morph(assets, macro_targets(assets, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, np.full(3, 1 / 3)))


class Rig:
    """Bones, weights and keypoint sources; one per process."""

    def __init__(self, assets: Assets) -> None:
        rig = assets.document["rig"]
        self.bones: list[str] = rig["bones"]
        self.row = {n: i for i, n in enumerate(self.bones)}
        self.parent: list[int] = rig["parent"]
        self.heads = [np.array(h) for h in rig["heads"]]
        self.start, self.bone = assets.arrays["rig/start"], assets.arrays["rig/bone"]
        self.weight = assets.arrays["rig/weight"]
        n = len(assets.base)
        dense = np.zeros((n, len(self.bones)), np.float32)
        dense[np.repeat(np.arange(n), np.diff(self.start)), self.bone] = self.weight
        self.dense = dense
        arm = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
        self.arm_weight = np.stack([dense[:, [i for i, b in enumerate(self.bones)
                                              if b.endswith("." + s) and b.startswith(arm)]].sum(1) for s in "LR"], 1)
        self._find_marks(assets)

    def _find_marks(self, assets: Assets) -> None:
        """Surface vertices of nose, ears, heels and toes, found on an average adult."""
        average = morph(assets, macro_targets(assets, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, np.array([0, 0, 1.0])))
        body = np.unique(assets.arrays["mesh/body/t"])
        p = average[body]

        def pick(condition: np.ndarray, value: np.ndarray) -> int:
            rows = np.nonzero(condition)[0]
            return int(body[rows[np.argmax(value[rows])]])

        eye = self.head(average, "eye.L")
        ankle = self.head(average, "foot.L")
        self.nose = pick((np.abs(p[:, 0]) < 0.15) & (p[:, 1] < eye[1]) & (p[:, 1] > eye[1] - 0.8), p[:, 2])
        ear = (p[:, 1] < eye[1] + 0.4) & (p[:, 1] > eye[1] - 0.6) & (np.abs(p[:, 0]) < 1.2)
        self.ear, self.heel, self.toe = {}, {}, {}
        for side, sign in (("L", 1), ("R", -1)):
            mine = p[:, 0] * sign > 0
            self.ear[side] = pick(mine & ear, np.abs(p[:, 0]))
            self.heel[side] = pick(mine & (p[:, 1] < ankle[1] - 0.35), -p[:, 2])
            for k in (1, 5):
                columns = [i for i, b in enumerate(self.bones) if b.startswith(f"toe{k}") and b.endswith("." + side)]
                self.toe[side, k] = pick(self.dense[body][:, columns].sum(1) > 0.4, p[:, 2])

    def head(self, v: np.ndarray, bone: str) -> np.ndarray:
        """f32 [3] head joint of a bone on morphed or posed base vertices."""
        return v[self.heads[self.row[bone]]].mean(0)

    def matrices(self, base: np.ndarray, pose: Mapping[str, np.ndarray]) -> np.ndarray:
        """f32 [bones, 3, 4] for a pose of rotation vectors."""
        out = np.zeros((len(self.bones), 4, 4))
        for i, name in enumerate(self.bones):
            local = np.eye(4)
            vector = pose.get(name)
            if vector is not None:
                h = base[self.heads[i]].mean(0)
                local[:3, :3] = cv2.Rodrigues(np.asarray(vector, np.float64))[0]
                local[:3, 3] = h - local[:3, :3] @ h
            out[i] = local if self.parent[i] < 0 else out[self.parent[i]] @ local
        return out[:, :3].astype(np.float32)

    def skin(self, v: np.ndarray, matrices: np.ndarray) -> np.ndarray:
        return native.skin(v, self.start, self.bone, self.weight, matrices)

    def keypoints(self, posed: np.ndarray) -> np.ndarray:
        """f64 [31, 3] of posed base vertices, in the package's order."""
        out = [posed[self.nose], self.head(posed, "eye.L"), self.head(posed, "eye.R"),
               posed[self.ear["L"]], posed[self.ear["R"]]]
        for bone in ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot"):
            out += [self.head(posed, f"{bone}.{s}") for s in "LR"]
        for s in "LR":
            out += [posed[self.toe[s, 1]], posed[self.toe[s, 5]], posed[self.heel[s]]]
        for s in "LR":
            out += [self.head(posed, f"finger{k}-2.{s}") for k in (2, 3, 4, 5)]
        return np.array(out, np.float64)
