"""A person of the package in simulated clothes: body, pose and head of a seed, a draped outfit, even fabrics.

Draping takes seconds, everything else a fraction of one. So a drape is kept (drape/store.py) and dressed several times
in other fabrics, with another skin and other hair (`look`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.spatial import cKDTree

from ..assets import Assets
from ..drape.cloths import CLOTHS
from ..drape.cut import Cut, Outfit
from ..drape.finish import BUTTON, CORD, Dressed, finish
from ..drape.frames import Marks
from ..drape.outfits import random_outfit
from ..drape.relief import ACCENT, STITCH, WORN
from ..drape.run import Draped, drape, faults, joined
from ..drape.solver import Plan, Surface
from ..drape.store import DrapeStore, Kept
from ..drape.tailor import LEG_L, LEG_R, Tailor
from . import carried, materials
from .fabrics import even_fabric, even_leather, related
from .faces import random_face
from .person import BOTTOM, SHOES, TOP, Maker, Person, is_held_out
from .wardrobe import Item, Wardrobe, open_wardrobe

ATTEMPTS = 4  # outfits and poses tried before a seed is given up
TRUNK_REACH = 0.004  # m a hand may be inside the trunk
SEEN_FROM = 0.05  # m to the nearest cloth
COVERED_FROM, COVERED_DEEP = 0.022, 0.006  # skin nearer to cloth than this is pulled in


class DrapeError(RuntimeError):
    """No attempt of a seed gave a drape without faults."""


@cache
def open_tailor(assets: Assets) -> Tailor:
    return Tailor(open_wardrobe(assets))


def pattern_pose(straight: bool) -> dict[str, np.ndarray]:
    """The pose the patterns are drawn in: arms lifted, hips and knees a little bent, so that there is cloth to fold."""
    lift, hip, knee, spread = (22.0, 0.0, 0.0, 0.0) if straight else (22.0, 16.0, 18.0, 4.0)
    out = {}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        out[f"upperarm01.{side}"] = np.deg2rad([0, 0, sign * lift])
        out[f"upperleg01.{side}"] = np.deg2rad([-hip, 0, sign * spread])
        out[f"lowerleg01.{side}"] = np.deg2rad([knee, 0, 0])
    return out


class DrapedMaker(Maker):
    """The package's person without clothes; `look` changes face, skin, hair and what is on the head."""

    def __init__(self, assets: Assets, seed: int, attempt: int, look: int) -> None:
        self.face = np.random.default_rng([seed, attempt, 29, look])
        super().__init__(assets, np.random.default_rng([seed, attempt, 21]))
        self.tailor = open_tailor(assets)
        self.shoe: Item | None = None
        self.rng = np.random.default_rng([seed, attempt, 22, look])
        if self.facts["gender"] < 0.5 and np.random.default_rng([seed, attempt, 23, look]).random() < 0.05:
            self.loose = np.random.default_rng([seed, attempt, 24, look])

        own = np.random.default_rng([seed, attempt, 28, look])
        extras = carried.random_extras(own)
        belted = extras.belt and own.random() < 0.3  # a belt over a shirt that hangs out is rare
        self.own, self.extras = own, replace(extras, seated=False, belt=belted)

    def with_face(self, base: np.ndarray) -> np.ndarray:
        faces = self.assets.faces()
        if faces is not None:
            rows, offsets = faces
            base[rows] += random_face(self.face, offsets)
        return base

    def paint(self) -> materials.SkinPaint:
        return materials.photo_skin(self.assets, self.rng, float(self.facts["gender"]), float(self.facts["age"]),
                                    self.hair_rgb)

    def fabric(self, rng: np.random.Generator, only: tuple[str, ...] | None = None) -> materials.Material:
        return even_leather(rng) if only else even_fabric("chino", rng)

    def free_hands(self) -> bool:
        """Lifts arms whose hands the pose puts into the trunk. False when that does not help."""
        tailor, group = self.tailor, self.tailor.group
        hands = np.nonzero(tailor.hand[: tailor.body_n] > 0.9)[0][::3]
        for _ in range(6):
            trunk = Surface(self.posed[None, : tailor.body_n] * 0.1, tailor.body_t, group)
            h, _ = trunk.heights(self.posed[hands] * 0.1, np.full(len(hands), 1 | LEG_L | LEG_R, np.uint8))
            deep = h < -TRUNK_REACH
            if deep.mean() < 0.01:
                return True
            for side, sign in (("L", 1.0), ("R", -1.0)):
                mine = deep & (self.base[hands, 0] * sign > 0)
                if mine.any():
                    bone = f"upperarm01.{side}"
                    self.pose[bone] = self.pose.get(bone, np.zeros(3)) + np.deg2rad([0, 0, sign * 7.0])
            self.matrices = self.rig.matrices(self.base, self.pose)
            self.posed = self.rig.skin(self.base, self.matrices)
        return False

    def keys(self, moving: int, straight: bool) -> tuple[np.ndarray, Surface]:
        """Matrices [keys, bones, 3, 4] (metres) from the pattern's pose to the person's, and the body with shoes."""
        start, zero, shoe, tailor = pattern_pose(straight), np.zeros(3), self.shoe, self.tailor
        fitted = None if shoe is None else shoe.fit(self.base)
        matrices, posed = [], []
        for k in range(moving + 1):
            s = k / moving
            s = s * s * (3 - 2 * s)
            now = {
                b: (1 - s) * start.get(b, zero) + s * np.asarray(self.pose.get(b, zero)) for b in {*start, *self.pose}
            }
            m = self.rig.matrices(self.base, now)
            v = self.rig.skin(self.base, m)[: tailor.body_n]
            posed.append((v if shoe is None or fitted is None else np.concatenate([v, shoe.pose(fitted, m)])) * 0.1)
            m = m.copy()
            m[:, :, 3] *= 0.1
            matrices.append(m)
        return np.array(matrices), self._body(np.array(posed), fitted)

    def _body(self, posed: np.ndarray, fitted: np.ndarray | None) -> Surface:
        shoe, tailor = self.shoe, self.tailor
        group, t = tailor.group.copy(), tailor.body_t
        if shoe is not None and fitted is not None:
            group[shoe.deleted[shoe.deleted < tailor.body_n]] = 255
            group = np.concatenate([group, np.where(fitted[:, 0] > 0, LEG_L, LEG_R).astype(np.uint8)])
        t = t[~(group[t] == 255).any(1)]
        if shoe is not None:
            t = np.concatenate([t, shoe.topology.coarse + tailor.body_n])
        return Surface(posed, t, group)

    def last_body(self) -> Surface:
        posed = self.posed[None, : self.tailor.body_n] * 0.1
        fitted = None
        if self.shoe is not None:
            fitted = self.shoe.fit(self.base)
            posed = np.concatenate([posed, self.shoe.pose(fitted, self.matrices)[None] * 0.1], 1)
        return self._body(posed, fitted)

    def put_on_shoes(self) -> None:
        item = self.shoe
        if item is None:
            return
        posed = item.pose(item.fit(self.base), self.matrices)
        self.hidden[item.deleted] = True
        fine, _ = item.topology.raise_to_fine(posed)
        for k, name in enumerate(item.parts):
            rows = item.topology.tag == k
            m = even_fabric("jersey", self.rng, "plain") if name == "sock" else even_leather(self.rng)
            scale = (item.metres_per_uv.get(name) or 1.0) / m.tile_metres
            self.build.add(SHOES, fine, item.topology.t[rows], item.topology.uv[rows] * scale, self.build.use(m))

    def wear(self, drapes: list[Draped], dressed: list[Dressed], dyes: np.random.Generator) -> None:
        """Adds the drawn garments in fabrics drawn from `dyes`, and hides skin well under them."""
        covered = np.zeros(len(self.base), np.float32)
        skin = self.posed[: self.tailor.body_n] * 0.1
        for d, g in zip(drapes, dressed, strict=True):
            fabric = even_fabric(d.cut.cloth, dyes, d.cut.fabric)
            part = TOP if d.cut.kind == "top" else BOTTOM
            what = {ACCENT: "accent", STITCH: "stitch", WORN: "worn", BUTTON: "button", CORD: "cord"}
            for slot in np.unique(g.slot):
                m = related(fabric, dyes, what[int(slot)]) if int(slot) in what else fabric
                rows = g.slot == slot
                self.build.add(part, g.v * 10, g.t[rows], g.uv[rows] / m.tile_metres, self.build.use(m))
            if d.cut.kind == "skirt" or d.cut.open > 0:
                continue
            near, _ = cKDTree(d.x[d.field("hem") > 0.022]).query(skin, distance_upper_bound=SEEN_FROM)
            covered[: len(skin)] = np.maximum(covered[: len(skin)], np.clip((COVERED_FROM - near) / COVERED_DEEP, 0, 1))
            # A sleeve slides down a raised arm: where no cloth is near, the skin is seen.
            self.hidden[: len(skin)] |= self._never_seen(d.cut)[: len(skin)] & (near < SEEN_FROM)
        self.covered = covered

    def _never_seen(self, c: Cut) -> np.ndarray:
        """bool [base vertices]: skin far inside a closed garment's borders, which is not drawn."""
        v = self.tailor.value
        if c.kind == "trousers":
            return (v["leg"] < c.leg - 0.12) & np.isin(v["region"], (0, 2)) & (v["torso"] < c.waist - 0.08)
        if c.kind != "top" or c.open > 0:
            return np.zeros(len(self.base), bool)
        top = (0.6 if c.arm < 0.2 else c.neck - 0.14) - 2.2 * max(c.vee, c.scoop)
        sleeve = np.where(v["region"] == 1, v["arm"] < c.arm - 0.2, v["arm"] < 0.05 if c.arm < 0.2 else True)
        return (v["torso"] > c.low + 0.1) & (v["torso"] < top) & np.isin(v["region"], (0, 1)) & sleeve


def _shoe(wardrobe: Wardrobe, rng: np.random.Generator) -> Item:
    return wardrobe.item(f"clothes/shoes0{int(rng.integers(1, 4))}")


def drape_outfit(
    maker: DrapedMaker, outfit: Outfit, rng: np.random.Generator, plan: Plan
) -> tuple[list[Draped], list[str]]:
    """Drapes an outfit from the inside out, and what went wrong with it; stops at the first fault."""
    straight = any(c.straight for c in outfit.cuts)
    matrices, body = maker.keys(plan.moving, straight)
    base, inner = maker.base * np.float32(0.1), None
    done: list[Draped] = []
    for c in outfit.cuts:
        try:
            d = drape(maker.tailor, c, base, matrices, body, inner, rng, plan)
        except (ValueError, IndexError) as error:  # a cut that leaves nothing, on a body nobody foresaw
            return done, [f"{c.kind}: {error}"]
        wrong = faults(d)
        if wrong:
            return done, [f"{c.kind} of {c.cloth}: {w}" for w in wrong]
        done.append(d)
        inner = joined([r.surface for r in done if r.surface is not None])
    return done, []


def new_drape(
    assets: Assets, seed: int, held_out: bool | None, plan: Plan | None = None, outfit: Outfit | None = None
) -> tuple[Kept, list[str]]:
    """Drapes the person of a seed, trying again with another pose and outfit after a fault. Raises DrapeError.

    held_out True or False: outfits of that side of the split only. Also what went wrong before.
    """
    wrong: list[str] = []
    for attempt in range(ATTEMPTS):
        maker = DrapedMaker(assets, seed, attempt, 0)
        rng = np.random.default_rng([seed, attempt, 25])
        wanted = outfit
        while wanted is None:
            drawn = random_outfit(rng, maker.facts["gender"] < 0.5)
            if held_out is None or is_held_out(drawn.name) == held_out:
                wanted = drawn
        maker.shoe = _shoe(maker.wardrobe, rng)
        if not maker.free_hands():
            wrong.append("hands in the body")
            continue
        drapes, why = drape_outfit(maker, wanted, rng, plan or Plan())
        if not why:
            pose = {b: np.asarray(v, float) for b, v in maker.pose.items()}
            return Kept(seed, attempt, wanted.name, maker.shoe.name, pose, drapes), wrong
        wrong += why
    raise DrapeError(f"seed {seed}: {'; '.join(wrong)}")


def dress(assets: Assets, kept: Kept, look: int) -> Person:
    """The person of a drape. look: another number, other fabrics, skin and hair."""
    maker = DrapedMaker(assets, kept.seed, kept.attempt, look)
    maker.pose = kept.pose
    maker.matrices = maker.rig.matrices(maker.base, kept.pose)
    maker.posed = maker.rig.skin(maker.base, maker.matrices)
    maker.shoe = maker.wardrobe.item(kept.shoe)
    dyes = np.random.default_rng([kept.seed, kept.attempt, 26, look])
    maker.wear(kept.drapes, dressed(maker, kept), dyes)
    maker.put_on_shoes()
    maker.hair_rgb = materials.hair_colour(assets, maker.rng, float(maker.facts["age"]))
    maker.head()
    maker.body()
    maker.carry()
    person = maker.finish(kept.outfit)
    person.draped = True
    return person


def dressed(maker: DrapedMaker, kept: Kept) -> list[Dressed]:
    """The drawn garments of a drape: made once, kept with it."""
    if kept.dressed is None:
        marks = Marks.of(maker.tailor.joints(maker.base * np.float32(0.1)))
        body, out, below = maker.last_body(), [], None
        for i, d in enumerate(kept.drapes):
            rng = np.random.default_rng([kept.seed, kept.attempt, 27, i])
            contrast = (d.cut.cloth == "denim" and rng.random() < 0.75) or rng.random() < 0.08
            accent = "zip" in d.cut.trims or "panels" in d.cut.trims or rng.random() < 0.3
            over = [k.x for k in kept.drapes[i + 1 :]]
            out.append(
                finish(
                    d,
                    marks,
                    body,
                    below,
                    np.concatenate(over) if over else None,
                    int(rng.integers(1 << 31)),
                    contrast,
                    accent,
                )
            )
            below = joined([Surface(k.x[None], k.t, np.ones(len(k.x), np.uint8)) for k in kept.drapes[: i + 1]])
        kept.dressed = out
    return kept.dressed


def make_draped(
    assets: Assets, seed: int, held_out: bool | None = None, look: int = 0, store: DrapeStore | None = None
) -> Person:
    """The person of a seed in simulated clothes. store: where drapes are kept and taken from. Raises DrapeError."""
    kept = store.get(seed) if store is not None else None
    if kept is None:
        kept, _ = new_drape(assets, seed, held_out)
        if store is not None:
            store.put(kept)
    return dress(assets, kept, look)


__all__ = ["CLOTHS", "Cut", "DrapeError", "dress", "make_draped", "new_drape"]
