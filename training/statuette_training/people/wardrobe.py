"""Garments, shoes, hair and eyes: fitted items (mhclo) and recipes cut from the helper meshes."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import sparse

from .. import native
from ..assets import Assets
from .body import Rig
from .topology import Topology

TOPS = ("tank_top", "tshirt", "tshirt_loose", "longsleeve", "sweater", "turtleneck", "crop_top")
BOTTOMS = ("shorts", "bermuda", "capri", "leggings", "trousers_slim", "trousers_slim", "trousers_loose",
           "trousers_loose", "skirt_mini", "skirt_knee", "skirt_midi", "skirt_long")
# How loose each recipe hangs.
LOOSE = {"tshirt": 0.35, "tshirt_loose": 0.8, "sweater": 0.75, "longsleeve": 0.35, "trousers_loose": 0.7, "shorts": 0.5,
         "bermuda": 0.55, "trousers_slim": 0.2, "skirt_knee": 0.4, "skirt_midi": 0.4, "skirt_long": 0.4}
HEAVY_ITEMS = ("male_casualsuit01", "male_elegantsuit01", "shoes", "fedora")


class Item:
    """One fitted item; positions come from the morphed base mesh."""

    def __init__(self, assets: Assets, rig: Rig, name: str) -> None:
        a = {k: assets.arrays[f"item/{name}/{k}"] for k in
             ("index", "weight", "offset", "scale", "deleted", "t", "uv", "tag")}
        self.name, self.stem = name, name.split("/")[1]
        self.index, self.weight, self.offset, self.scale, self.deleted = (
            a[k] for k in ("index", "weight", "offset", "scale", "deleted"))
        n = len(self.index)
        fine = 1 if self.stem.startswith(HEAVY_ITEMS) or name.startswith("eyes") or len(a["t"]) > 5000 else 2
        self.topology = Topology(a["t"], n, fine, a["uv"], a["tag"])
        w = np.clip(self.weight, 0, None)
        w = w / np.maximum(w.sum(1, keepdims=True), 1e-9)
        bind = sparse.csr_matrix((w.ravel(), (np.repeat(np.arange(n), 3), self.index.ravel())), (n, len(rig.dense)))
        skin = (bind @ sparse.csr_matrix(rig.dense)).tocsr().astype(np.float32)
        skin.sort_indices()
        self.csr = (skin.indptr.astype(np.int32), skin.indices.astype(np.int32), np.ascontiguousarray(skin.data))
        self.arm = np.asarray(bind @ rig.arm_weight, np.float32)
        part = assets.document["parts"].get(self.stem, {})
        self.parts: list[str] = part.get("parts", ["whole"])
        self.metres_per_uv: dict[str, float] = part.get("metres_per_uv_unit", {})

    def fit(self, base: np.ndarray) -> np.ndarray:
        """Rest positions f32 [n, 3] on a morphed base."""
        scale = np.ones(3)
        for axis, (i, j, distance) in enumerate(self.scale):
            if distance:
                scale[axis] = abs(base[int(i), axis] - base[int(j), axis]) / distance
        p = (base[self.index] * self.weight[:, :, None]).sum(1) + self.offset * scale
        return p.astype(np.float32)

    def pose(self, rest: np.ndarray, matrices: np.ndarray) -> np.ndarray:
        return native.skin(rest, *self.csr, matrices)


class Recipe:
    """One garment cut from a helper mesh: the offset shell, and where it ends."""

    def __init__(self, assets: Assets, rig: Rig, name: str, rng: np.random.Generator, tucked: bool) -> None:
        r = dict(assets.document["recipes"][name])
        self.name = name
        self.mesh = str(r["mesh"])
        self.skirt = self.mesh == "helper-skirt"
        self.offset = float(r["offset_m"]) * 10 * float(rng.uniform(0.7, 1.7))
        bounded = ("arm", "leg", "torso", "skirt")
        self.bounds: dict[str, tuple[float, float]] = {k: tuple(r[k]) for k in bounded if k in r}
        self.regions = r.get("regions")
        if self.regions is not None:  # hems come from the parameters; a region border would be a zigzag of quads
            self.regions = [*self.regions, 2] if name in TOPS else [*self.regions, 3]
        if name in TOPS and "torso" in self.bounds:
            low, high = self.bounds["torso"]
            if tucked:  # ends below the waistband, under the skirt or trousers
                low = 0.05
            elif name != "crop_top":
                low = max(-0.12, low) + float(rng.uniform(-0.04, 0.09))
            self.bounds["torso"] = (low, high + float(rng.uniform(-0.1, 0.06)))
        for key, low, high in (("arm", 0.1, 1.5), ("leg", 0.3, 1.9)):
            if key in self.bounds and low < self.bounds[key][1] < high:
                a, b = self.bounds[key]
                self.bounds[key] = (a, max(0.03, b + float(rng.uniform(-0.25, 0.25))))
        if "skirt" in self.bounds:
            self.bounds["skirt"] = (0.0, min(1.0, self.bounds["skirt"][1] + float(rng.uniform(-0.12, 0.12))))

    def cut(self, assets: Assets) -> np.ndarray:
        """f32 [vertices]: positive inside the garment, about the distance to its edge (parameter units, <= 0.15)."""
        g = assets.arrays
        out = np.full(len(assets.base), 9.0, np.float32)
        for key, (low, high) in self.bounds.items():
            value = g[f"garment/{key}"]
            out = np.minimum(out, np.minimum(value - low + 1e-3, high - value)).astype(np.float32)
        if self.regions is not None:
            out = np.where(np.isin(g["garment/region"], self.regions), out, np.float32(-0.05))
        return np.clip(out, -0.15, 0.15)


class Wardrobe:
    """All items and helper meshes, prepared once per process."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self.rig = Rig(assets)
        n = len(assets.base)
        self.body = Topology(assets.arrays["mesh/body/t"], n, 2, assets.arrays["mesh/body/uv"])
        self.body_uv = self.body.fine_uv()
        self.body_rows = self.body.used
        self.suits = [i for i in assets.items("clothes/") if "suit" in i]
        self.hair = assets.items("hair/")

    @cache  # noqa: B019 - one wardrobe lives as long as its process
    def item(self, name: str) -> Item:
        return Item(self.assets, self.rig, name)

    @cache  # noqa: B019
    def helper(self, mesh: str) -> Topology:
        return Topology(self.assets.arrays[f"mesh/{mesh}/t"], len(self.assets.base), 2)

    def cut_field(self, recipe: Recipe) -> np.ndarray:
        """The recipe's cut, smoothed along the shell so that necklines and hems are clean curves."""
        topology = self.helper(recipe.mesh)
        cut = recipe.cut(self.assets)
        return native.smooth(cut, *topology.adjacency, np.full(len(cut), 0.5, np.float32), 3).reshape(-1)

    def cut_shell(self, recipe: Recipe, base: np.ndarray, loose: float) -> np.ndarray:
        """Rest positions of a helper shell: smoothed off the body's small shapes where loose, then offset."""
        topology = self.helper(recipe.mesh)
        rest = base.astype(np.float32)
        normal = native.vertex_normals(rest, topology.coarse)
        if loose > 0.1:
            strength = np.full(len(rest), 0.6, np.float32)
            soft = native.smooth(rest, *topology.adjacency, strength, 1 + int(7 * loose))
            inward = np.maximum(0, ((rest - soft) * normal).sum(1))
            rest = soft + inward[:, None] * normal
        return rest + native.vertex_normals(rest, topology.coarse) * np.float32(recipe.offset)


@cache
def open_wardrobe(assets: Assets) -> Wardrobe:
    return Wardrobe(assets)
