"""One random clothed person as render arrays, from one seed.

Order: morph the base mesh, pose it, dress it from the inside out (each layer is kept outside of the ones beneath),
paint the skin, grow hair. The result is scaled as the data set scales a mesh: area-weighted centroid at the origin,
largest coordinate 1 / 2.8.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from .. import native
from ..assets import Assets
from . import carried, materials
from .accessories import glasses
from .body import morph, random_targets
from .cloth import Drape, Surface, drape_layer
from .materials import Material
from .poses import random_expression, random_pose, seated
from .wardrobe import BOTTOMS, LOOSE, TOPS, Item, Recipe, open_wardrobe

PARTS = ("body", "top", "bottom", "shoes", "hair", "eyes", "accessory")
BODY, TOP, BOTTOM, SHOES, HAIR, EYES, ACCESSORY = range(7)
LARGEST = 1 / 2.8  # largest absolute coordinate after scaling
JOINTS = ("lowerarm01", "lowerleg01", "upperleg01")  # where cloth folds anyway
HELD_OUT_MODULUS = 6  # clothes combinations whose hash is 0 modulo this are never trained on


@dataclass
class Person:
    """Render arrays. Positions in scaled units (metres / metres_per_unit)."""

    v: np.ndarray  # f32 [n, 3]
    cut: np.ndarray  # f32 [n], surface discarded below 0
    t: np.ndarray  # int32 [m, 3]
    uv: np.ndarray  # f32 [m, 3, 2]
    material: np.ndarray  # int32 [m]
    part: np.ndarray  # uint8 [m], index into PARTS
    textures: list[np.ndarray]
    look: np.ndarray  # f32 [materials, 6]
    keypoints: np.ndarray  # f64 [31, 3]
    metres_per_unit: float
    combination: str
    facts: Mapping[str, object] = field(default_factory=dict)
    draped: bool = False  # in simulated clothes, whose folds are the shape's own


class _Build:
    def __init__(self) -> None:
        self.v: list[np.ndarray] = []
        self.cut: list[np.ndarray] = []
        self.t: list[np.ndarray] = []
        self.uv: list[np.ndarray] = []
        self.material: list[np.ndarray] = []
        self.part: list[np.ndarray] = []
        self.textures: list[np.ndarray] = []
        self.look: list[tuple] = []
        self.count = 0

    def use(self, material: Material) -> int:
        self.textures.append(material.texture)
        self.look.append(material.look)
        return len(self.textures) - 1

    def add(self, part: int, v: np.ndarray, t: np.ndarray, uv: np.ndarray, material: np.ndarray | int,
            cut: np.ndarray | None = None) -> None:
        self.v.append(v.astype(np.float32))
        self.cut.append(np.ones(len(v), np.float32) if cut is None else cut.astype(np.float32))
        self.t.append(t.astype(np.int32) + self.count)
        self.uv.append(uv.astype(np.float32))
        self.material.append(np.broadcast_to(np.asarray(material, np.int32), len(t)))
        self.part.append(np.full(len(t), part, np.uint8))
        self.count += len(v)


class Maker:
    def __init__(self, assets: Assets, rng: np.random.Generator, own: np.random.Generator | None = None,
                 loose: np.random.Generator | None = None) -> None:
        """own: the stream of bags, belts, caps and seated poses; None for people without any.
        loose: the stream of long loose hair; None for people whose hair is that of the style alone."""
        self.assets, self.rng, self.own = assets, rng, own
        self.extras = carried.Extras() if own is None else carried.random_extras(own)
        self.wardrobe = open_wardrobe(assets)
        self.rig = self.wardrobe.rig
        targets, self.facts = random_targets(assets, rng)
        is_rare = loose is not None and self.facts["gender"] > 0.5 and loose.random() < 0.7
        self.loose = None if is_rare else loose
        self.base = self.with_face(morph(assets, targets))
        pose = random_pose(assets, rng)
        if self.own is not None and self.extras.seated:
            pose = seated(pose, self.own)
        for bone, vector in random_expression(assets, rng).items():
            pose[bone] = pose.get(bone, np.zeros(3)) + vector
        self.pose = pose
        self.matrices = self.rig.matrices(self.base, pose)
        self.posed = self.rig.skin(self.base, self.matrices)
        self.joints = np.array([self.rig.head(self.base, f"{b}.{s}") for b in JOINTS for s in "LR"], np.float32)
        self.covered = np.zeros(len(self.base), np.float32)  # 1 = deep under cloth: pulled in or not drawn
        self.hidden = np.zeros(len(self.base), bool)
        self.layers = [Surface.of(self.posed, self.wardrobe.body.coarse, self.wardrobe.body_rows)]
        self.build = _Build()

    def with_face(self, base: np.ndarray) -> np.ndarray:
        """The morphed base vertices, with a face of their own where somebody has one."""
        return base

    def paint(self) -> materials.SkinPaint:
        return materials.skin(self.assets, self.rng, float(self.facts["gender"]), self.hair_rgb)

    def wear_item(self, item: Item, part_of: dict[str, int], drape: Drape, material_of: dict[str, Material]) -> None:
        """Fits, drapes and adds an item; `part_of` and `material_of` are keyed by the item's own parts."""
        rest = item.fit(self.base)
        posed = item.pose(rest, self.matrices)
        self.hidden[item.deleted] = True
        topology = item.topology
        fine, _ = drape_layer(rest, posed, topology, np.zeros((len(rest), 0), np.float32), item.arm, self.joints,
                              drape, self.layers, self.rng)
        for k, name in enumerate(item.parts):
            rows = topology.tag == k
            if not rows.any():
                continue
            material = material_of[name]
            scale = (item.metres_per_uv.get(name) or 1.0) / material.tile_metres
            self.build.add(part_of[name], fine, topology.t[rows], topology.uv[rows] * scale, self.build.use(material))

    def wear_recipe(self, name: str, part: int, material: Material, folds: float, tucked: bool, over: float) -> None:
        """Cuts a garment from a helper mesh, drapes it over the layers so far and adds it."""
        assets, rng, wardrobe = self.assets, self.rng, self.wardrobe
        recipe = Recipe(assets, self.rig, name, rng, tucked)
        recipe.offset = max(recipe.offset, 0.02) + over
        loose = float(np.clip(LOOSE.get(name, 0.05) * rng.uniform(0.5, 1.4), 0, 1))
        topology = wardrobe.helper(recipe.mesh)
        rest = wardrobe.cut_shell(recipe, self.base, loose)
        cut = wardrobe.cut_field(recipe)
        posed = self.rig.skin(rest, self.matrices)
        sideways = np.where(np.abs(rest[:, :1]) > 2.2, rest[:, 1:2] * 0.7, rest[:, :1]) / 10
        carried = np.concatenate([cut[:, None], sideways, rest[:, 1:2] / 10], 1)
        drape = Drape(loose, folds * (1.2 if loose > 0.3 else 0.7), 0.03 + 0.3 * recipe.offset, recipe.skirt)
        fine, carried = drape_layer(rest, posed, topology, carried, self.rig.arm_weight, self.joints, drape,
                                    self.layers, rng)
        inside = carried[:, 0] > 0
        keep = inside[topology.t[:, 0]] | inside[topology.t[:, 1]] | inside[topology.t[:, 2]]
        t = topology.t[keep]
        uv = carried[t][:, :, 1:] / material.tile_metres
        self.build.add(part, fine, t, uv, self.build.use(material), carried[:, 0])
        self.layers.append(Surface.of(fine[: topology.n], topology.coarse, topology.used[cut[topology.used] > 0]))
        if recipe.regions is not None:
            self.covered = np.maximum(self.covered, np.clip(cut / 0.06, 0, 1))
            self.hidden |= cut > 0.09

    def clothes(self) -> str:
        """Dresses the person and returns the name of the combination."""
        rng, assets = self.rng, self.assets
        folds = float(rng.choice([0.3, 0.8, 1.3, 1.9], p=[0.15, 0.3, 0.35, 0.2]))
        if rng.random() < 0.5:
            suit = self.wardrobe.item(self.wardrobe.suits[int(rng.integers(len(self.wardrobe.suits)))])
            material_of = {p: materials.fabric(assets, rng) for p in suit.parts}
            below = ("jeans", "trousers", "shorts", "skirt", "leggings")
            part_of = {p: BOTTOM if p in below else TOP for p in suit.parts}
            drape = Drape(float(rng.uniform(0, 0.25)), folds * float(rng.uniform(0.6, 1.1)), 0.035)
            self.wear_item(suit, part_of, drape, material_of)
            return suit.stem
        top, bottom = TOPS[int(rng.integers(len(TOPS)))], BOTTOMS[int(rng.integers(len(BOTTOMS)))]
        skirt = bottom.startswith("skirt")
        lower = materials.fabric(assets, rng)
        upper = lower if rng.random() < 0.12 else materials.fabric(assets, rng, printed=rng.random() < 0.25)
        tucked = skirt and rng.random() < 0.75 or rng.random() < 0.15
        worn = [(bottom, BOTTOM, lower, 0.0), (top, TOP, upper, 0.0 if tucked else 0.03)]
        for name, part, material, over in reversed(worn) if tucked else worn:  # what is put on later lies outside
            self.wear_recipe(name, part, material, folds * float(rng.uniform(0.6, 1.2)), tucked, over)
        return f"{top}+{bottom}"

    def shoes(self) -> None:
        if self.rng.random() > 0.94:
            return
        item = self.wardrobe.item(f"clothes/shoes0{int(self.rng.integers(1, 4))}")
        material_of = {p: materials.fabric(self.assets, self.rng) if p == "sock" else
                       materials.leather(self.assets, self.rng) for p in item.parts}
        rest = item.fit(self.base)
        posed = item.pose(rest, self.matrices)
        self.hidden[item.deleted] = True
        fine, _ = item.topology.raise_to_fine(posed)
        for k, name in enumerate(item.parts):
            rows = item.topology.tag == k
            scale = (item.metres_per_uv.get(name) or 1.0) / material_of[name].tile_metres
            self.build.add(SHOES, fine, item.topology.t[rows], item.topology.uv[rows] * scale,
                           self.build.use(material_of[name]))

    def head(self) -> None:
        """Hair, hat, eyes and glasses."""
        rng, assets, wardrobe = self.rng, self.assets, self.wardrobe
        hat = rng.random() < 0.07
        capped = self.extras.cap and not hat
        flat = [h for h in wardrobe.hair if h.endswith(("short01", "short03", "short04"))]
        styles = flat if hat or capped else wardrobe.hair
        short = self.facts["gender"] > 0.5 and rng.random() < 0.8
        if short and not hat and not capped:
            styles = [h for h in wardrobe.hair if "short" in h or "afro" in h]
        if self.loose is not None and not hat and not capped:
            styles = [h for h in wardrobe.hair if h.endswith(("long01", "bob01", "bob02"))]
        if hat or rng.random() < 0.93:
            item = wardrobe.item(styles[int(rng.integers(len(styles)))])
            posed = item.pose(item.fit(self.base), self.matrices)
            fine, _ = item.topology.raise_to_fine(posed)
            uv = item.topology.fine_uv()
            normal = native.vertex_normals(fine, item.topology.t)
            strand = native.noise(np.stack([uv[:, 0] * rng.uniform(30, 90), uv[:, 1] * rng.uniform(1, 5),
                                            np.zeros(len(uv))], 1), int(rng.integers(1 << 31)))
            clump = native.noise(fine * rng.uniform(1.5, 4), int(rng.integers(1 << 31)))
            fine = fine + normal * (rng.uniform(0.0, 0.05) * strand + rng.uniform(0.0, 0.06) * clump)[:, None]
            material = self.build.use(materials.hair(assets, rng, item.stem, self.hair_rgb))
            if self.loose is not None:
                self.let_down(material, self.loose)
            self.build.add(HAIR, fine, item.topology.t, item.topology.uv * 2.0, material)
        if hat:
            item = wardrobe.item(f"clothes/{('fedora', 'fedora_cocked')[int(rng.integers(2))]}")
            fine, _ = item.topology.raise_to_fine(item.pose(item.fit(self.base), self.matrices))
            self.build.add(ACCESSORY, fine, item.topology.t, item.topology.uv,
                           self.build.use(self.fabric(rng)))
        if capped and self.own is not None:
            self.wear_cap(self.own)
        item = wardrobe.item("eyes/low-poly")
        fine, _ = item.topology.raise_to_fine(item.pose(item.fit(self.base), self.matrices))
        names = assets.images("eyes")
        eye = Material(assets.image(names[int(rng.integers(len(names)))]), (0.35, 80.0, 1.0, 1.0, 1.0, 0.0))
        self.build.add(EYES, fine, item.topology.t, item.topology.uv, self.build.use(eye))
        if rng.random() < 0.14:
            v, t = glasses(self.rig.head(self.base, "eye.L"), self.rig.head(self.base, "eye.R"),
                           self.base[self.rig.ear["L"]], self.base[self.rig.ear["R"]], self.base[self.rig.nose], rng)
            m = self.matrices[self.rig.row["head"]]
            frame = self.fabric(rng, ("leather_black", "leather_brown"))
            frame.look = (0.4, 60.0, *frame.look[2:5], 0.0)
            self.build.add(ACCESSORY, v @ m[:, :3].T + m[:, 3], t, np.zeros((len(t), 3, 2)), self.build.use(frame))

    def fabric(self, rng: np.random.Generator, only: tuple[str, ...] | None = None) -> Material:
        """What hats, frames, belts and bags are made of."""
        return materials.fabric(self.assets, rng, only)

    def _add_plain(self, shape: carried.Shape, material: Material) -> None:
        v, t = shape
        flat = v[t][:, :, :2] * np.float32(0.1 / material.tile_metres)  # laid on from the front
        self.build.add(ACCESSORY, v, t, flat, self.build.use(material))

    def wear_cap(self, own: np.random.Generator) -> None:
        eyes = (self.rig.head(self.base, "eye.L") + self.rig.head(self.base, "eye.R")) / 2
        centre = np.array([0.0, eyes[1] + own.uniform(0.3, 0.5), self.base[self.rig.ear["L"]][2] + 0.1])
        rows = self.wardrobe.body_rows
        skull = rows[(self.rig.dense[rows, self.rig.row["head"]] > 0.5) & (self.base[rows, 1] > eyes[1])]
        v, t = carried.cap(self.base[skull], centre, own)
        m = self.matrices[self.rig.row["head"]]
        self._add_plain(((v @ m[:, :3].T + m[:, 3]).astype(np.float32), t), self.fabric(own))

    def _trunk(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Drawn surface points of all but the arms and the head, and the posed joints that bags hang on."""
        head = {b: self.rig.head(self.posed, b) for b in ("shoulder01.L", "shoulder01.R", "upperleg01.L",
                                                          "upperleg01.R")}
        rows = self.wardrobe.body_rows
        kept = self.rig.arm_weight[rows].sum(1) + self.rig.dense[rows, self.rig.row["head"]] < 0.25
        nearest = cKDTree(self.posed[rows])
        b = self.build
        worn = [v[c > 0][::5] for v, c, p in zip(b.v, b.cut, b.part, strict=True) if p[0] in (TOP, BOTTOM)]
        points = np.concatenate([self.posed[rows], *worn]).astype(np.float64)
        points = points[kept[nearest.query(points)[1]]]
        turn = self.matrices[self.rig.row["spine02"]][:, :3]
        hips = (head["upperleg01.L"] + head["upperleg01.R"]) / 2
        chest = 0.68 * (head["shoulder01.L"] + head["shoulder01.R"]) / 2 + 0.32 * hips
        return points, {"right": turn[:, 0], "up": turn[:, 1], "ahead": turn[:, 2], "chest": chest, "hips": hips}

    def let_down(self, material: int, loose: np.random.Generator) -> None:
        """Long loose hair over shoulders and back, of the material of the style."""
        points, joint = self._trunk()
        ears = {side: self.posed[self.rig.ear[side]].astype(np.float64) for side in "LR"}
        for v, t in carried.loose_hair(points, joint, ears, loose):
            ring, spot = np.divmod(np.arange(len(v)), carried.SIDES)
            uv = np.stack([spot * 1.5, ring], 1) / carried.SIDES
            self.build.add(HAIR, v, t, uv[t], material)

    def carry(self) -> None:
        """Belt and bag, over everything else."""
        own, extras = self.own, self.extras
        if own is None or not (extras.belt or extras.bag):
            return
        points, joint = self._trunk()
        leather = ("leather_black", "leather_brown")
        if extras.belt and not extras.seated:
            turn = self.matrices[self.rig.row["spine05"]][:, :3]
            centre = joint["hips"] + turn[:, 1] * own.uniform(0.7, 1.1)
            shape = carried.loop(points, centre, turn[:, 0], turn[:, 2], own.uniform(0.25, 0.5), 0.25, 2.8)
            if shape is not None:
                self._add_plain(shape, self.fabric(own, leather))
        if extras.bag:
            side, other = ("L", "R") if own.random() < 0.5 else ("R", "L")
            joint |= {"shoulder": self.rig.head(self.posed, f"shoulder01.{side}"),
                      "hip": self.rig.head(self.posed, f"upperleg01.{side}"),
                      "hip_other": self.rig.head(self.posed, f"upperleg01.{other}"),
                      "hand": self.rig.head(self.posed, f"finger3-2.{side}")}
            shapes = carried.bag(extras.bag, points, joint, side, own)
            if shapes:
                names = leather if own.random() < 0.4 else None
                material = self.fabric(own, names)
                self._add_plain(carried.joined(shapes), material)

    def body(self) -> None:
        """The skin: pulled in under cloth, not drawn deep under it, with brows and beard raised."""
        rng, topology = self.rng, self.wardrobe.body
        paint = self.paint()
        inset = np.where(self.hidden, np.float32(1), self.covered)
        fine, carried = topology.raise_to_fine(self.posed, inset[:, None])
        uv = self.wardrobe.body_uv
        size = paint.brows.shape[0]
        x = np.clip((uv[:, 0] * size).astype(int), 0, size - 1)
        y = np.clip(((1 - uv[:, 1]) * size).astype(int), 0, size - 1)
        lift = -0.1 * carried[:, 0] + 0.012 * paint.brows[y, x] / 255.0
        if paint.beard is not None:
            rough = 0.7 + 0.5 * native.noise(fine * 12, int(rng.integers(1 << 31)))
            lift = lift + rng.uniform(0.02, 0.09) * rough * paint.beard[y, x] / 255.0
        fine = fine + native.vertex_normals(fine, topology.t) * lift.astype(np.float32)[:, None]
        h, c = self.hidden, topology.coarse
        keep = ~(h[c[:, 0]] & h[c[:, 1]] & h[c[:, 2]])[topology.parent]
        material = self.build.use(paint.material)
        self.build.add(BODY, fine, topology.t[keep], topology.uv[keep], material)

    def finish(self, combination: str) -> Person:
        b = self.build
        v = np.concatenate(b.v) * np.float32(0.1)  # metres
        t = np.ascontiguousarray(np.concatenate(b.t))
        a, u, w = v[t[:, 0]], v[t[:, 1]], v[t[:, 2]]
        third = (a + u + w) / 3
        u, w = (u - a).T, (w - a).T
        cross = (u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0])
        area = np.sqrt(cross[0] ** 2 + cross[1] ** 2 + cross[2] ** 2).astype(np.float64)
        centre = (area @ third / area.sum()).astype(np.float32)
        used = np.zeros(len(v), bool)
        used[t.reshape(-1)] = True
        metres = float(np.abs(v[used] - centre).max() / LARGEST)
        return Person(
            v=np.ascontiguousarray((v - centre) / metres, np.float32), cut=np.concatenate(b.cut), t=t,
            uv=np.ascontiguousarray(np.concatenate(b.uv)), material=np.ascontiguousarray(np.concatenate(b.material)),
            part=np.concatenate(b.part), textures=b.textures, look=np.array(b.look, np.float32),
            keypoints=(self.rig.keypoints(self.posed) * 0.1 - centre) / metres, metres_per_unit=metres,
            combination=combination, facts=self.facts)

    def make(self) -> Person:
        self.hair_rgb = materials.hair_colour(self.assets, self.rng, float(self.facts["age"]))
        combination = self.clothes()
        self.shoes()
        self.head()
        self.body()
        self.carry()
        return self.finish(combination)


def is_held_out(combination: str) -> bool:
    """True when this clothes combination belongs to the held-out people."""
    return zlib.crc32(combination.encode()) % HELD_OUT_MODULUS == 0


LOOSE_HAIR = 0.1  # share of women; of men three tenths of it


def make_person(assets: Assets, seed: int, held_out: bool | None = None, extras: bool = True,
                loose_hair: float = LOOSE_HAIR) -> Person:
    """The person of a seed. held_out True or False redraws until the clothes are on that side of the split.

    extras False: the same person on foot, without bag, belt and cap. loose_hair: share of women (of men three
    tenths of it) whose long hair hangs loose; all others stay as they are without it.
    """
    attempt = 0
    while True:
        own = np.random.default_rng([seed, attempt, 5]) if extras else None
        loose = np.random.default_rng([seed, attempt, 6])
        person = Maker(assets, np.random.default_rng([seed, attempt]), own,
                        loose if loose.random() < loose_hair else None).make()
        if held_out is None or is_held_out(person.combination) == held_out:
            return person
        attempt += 1
