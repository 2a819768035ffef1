"""From a cut and a body's shape to a piece of cloth: where it ends, its shape, its lengthened hems and its collar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from .. import native
from ..people.body import macro_targets, morph
from ..people.wardrobe import Wardrobe
from .cut import Cut
from .grid import CELL, Grid
from .piece import Piece, cut
from .shape import hang_trunk, pleat, ramp, tube, widen_skirt

TORSO, ARM_L, ARM_R, LEG_L, LEG_R = 1, 2, 4, 8, 16
SHELL, LENGTHENED, COLLAR = 0, 1, 2  # Piece.added
JOINTS = ("upperarm01", "lowerarm01", "wrist", "upperleg01", "lowerleg01", "foot")
HOOD = 0.09  # m: what is turned down farther is a hood
PARAMETERS = ("arm", "leg", "torso", "skirt")


@dataclass
class Loops:
    """Border loops of the cut shell by what they are; None or empty without."""

    neck: np.ndarray | None
    hem: np.ndarray | None
    cuffs: list[np.ndarray]


class Tailor:
    """Makes garments for one wardrobe; one per process."""

    def __init__(self, wardrobe: Wardrobe, cell: float = CELL) -> None:
        self.wardrobe, self.cell = wardrobe, cell
        assets, rig = wardrobe.assets, wardrobe.rig
        middle = macro_targets(assets, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, np.array([1, 1, 1]) / 3)
        self.average = morph(assets, middle) * 0.1
        self.value = {k: assets.arrays[f"garment/{k}"].astype(float) for k in (*PARAMETERS, "region")}
        self.skin = sparse.csr_matrix(rig.dense)

        def share(names: tuple[str, ...], side: str = "") -> np.ndarray:
            return rig.dense[:, [i for i, b in enumerate(rig.bones) if b.startswith(names) and b.endswith(side)]].sum(1)

        arm = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
        leg = ("upperleg", "lowerleg", "foot", "toe")
        self.limb = np.stack([share(arm, ".L"), share(arm, ".R"), share(leg, ".L"), share(leg, ".R")], 1)
        self.hand = share(("finger", "metacarpal", "wrist"))
        self.body_t = assets.arrays["mesh/body/t"]
        self.body_n = int(self.body_t.max()) + 1
        on_limb = self.limb[: self.body_n]
        group = np.where(on_limb.sum(1) < 0.75, TORSO, 0)
        for k, bit in enumerate((ARM_L, ARM_R, LEG_L, LEG_R)):
            group |= np.where(on_limb[:, k] > 0.25, bit, 0)
        clothed = ("spine", "pelvis", "root", "clavicle", "shoulder", "breast", "neck", *arm, *leg)
        away = share(("toe",)) + 1 - sum(share((n,)) for n in clothed)
        self.group = np.where(away[: self.body_n] > 0.6, 255, group).astype(np.uint8)
        tights = np.zeros(len(self.average), bool)
        tights[np.unique(assets.arrays["mesh/helper-tights/t"])] = True
        self.tights = tights

    @cache  # noqa: B019 - one tailor lives as long as its process
    def grid(self, mesh: str) -> Grid:
        return Grid(self.wardrobe.assets.arrays[f"mesh/{mesh}/t"], self.average, self.cell)

    def home(self, piece: Piece, kind: str) -> np.ndarray:
        """uint8 [n] bits of the body parts that each point belongs over."""
        if kind == "skirt":
            return np.full(piece.n, TORSO | LEG_L | LEG_R, np.uint8)
        w = np.asarray(piece.rows @ self.limb)
        out = np.where(w.sum(1) < 0.98, TORSO, 0)
        for k, bit in enumerate((ARM_L, ARM_R, LEG_L, LEG_R)):
            out |= np.where(w[:, k] > 0.04, bit, 0)
        if kind == "top":
            out |= np.where(piece.added > 0, TORSO | LEG_L | LEG_R, 0)
        return out.astype(np.uint8)

    def joints(self, base: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
        """Rest positions of the limbs' joints on a morphed base, by bone and side."""
        return {b: {s: self.wardrobe.rig.head(base, f"{b}.{s}") for s in "LR"} for b in JOINTS}

    # -- where it ends
    def _field(self, c: Cut, mesh: str) -> np.ndarray:
        v = self.value
        if c.kind == "top":
            value = np.minimum(
                np.minimum(v["torso"] - (0.0 if c.tucked else c.low), c.neck - v["torso"]), c.arm - v["arm"]
            )
            value = np.where(np.isin(v["region"], (0, 1, 2, 4)), value, -0.05)
        elif c.kind == "trousers":
            value = np.minimum(c.waist - v["torso"], c.leg - v["leg"])
            value = np.where(np.isin(v["region"], (0, 2, 3)) & (v["arm"] < 0.05), value, -0.05)
        else:
            value = np.where(v["skirt"] >= 0, c.skirt - v["skirt"], -0.05)
        value = np.clip(value, -0.15, 0.15).astype(np.float32)
        adjacency = self.wardrobe.helper(mesh).adjacency
        value = native.smooth(value, *adjacency, np.full(len(value), 0.5, np.float32), 3).reshape(-1)
        return value

    def _front(self, c: Cut, base: np.ndarray, grid: Grid) -> np.ndarray | None:
        """What is cut out of the front, at the grid's own points: straighter than the shell's vertices could say."""
        if not (c.vee or c.scoop or c.open):
            return None
        v, p = self.value, grid.rows @ base
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        top = base[np.abs(v["torso"] - 1.0) < 0.03, 1].mean()
        front = z > base[np.abs(v["torso"] - 0.9) < 0.1, 2].mean()
        out = np.full(len(p), 0.15)
        if c.vee > 0:
            edge = (x - 0.9 * (y - (top - c.vee)).clip(-1, 0.09)) * 1.5
            out = np.where(front, np.minimum(out, edge), out)
        if c.scoop > 0:
            edge = (np.hypot(x / 0.085, (y - top - 0.01).clip(-1, 0) / (c.scoop + 0.01)) - 1) * 0.12
            out = np.where(front & (y > top - 0.3), np.minimum(out, edge), out)
        if c.open > 0:
            slit = (z > 0.0) & (np.asarray(grid.rows @ v["arm"]) < 0.02)
            out = np.where(slit, np.minimum(out, (x - c.open) * 2), out)
        return out

    # -- its shape
    def _shell(self, c: Cut, base: np.ndarray, mesh: str) -> np.ndarray:
        """The helper shell off the body's small shapes, pushed out by the cut's offset."""
        topology = self.wardrobe.helper(mesh)
        x = base.astype(np.float32)
        rounds = 1 + int(5 * min(1.0, c.offset / 0.02))
        normal = native.vertex_normals(x, topology.coarse)
        soft = native.smooth(x, *topology.adjacency, np.full(len(x), 0.6, np.float32), rounds)
        x = soft + np.maximum(0, ((x - soft) * normal).sum(1))[:, None] * normal
        return (x + native.vertex_normals(x, topology.coarse) * np.float32(c.offset)).astype(np.float64)

    def _shape(self, c: Cut, x: np.ndarray, base: np.ndarray) -> None:
        v, head = self.value, self.joints(base)
        if c.tight:
            return
        if c.kind == "top":
            free = self.limb[:, :2].sum(1)
            rows = np.nonzero(
                self.tights & (free < 0.5) & (v["torso"] > -0.25) & (v["torso"] < 1.0) & (v["leg"] < 0.12)
            )[0]
            hang_trunk(x, rows, v["torso"][rows], free[rows], c.boxy, c.ease, c.tucked)
            for side, sign in (("L", 1), ("R", -1)):
                joints = np.array([head[b][side] for b in JOINTS[:3]])
                rows = np.nonzero((v["arm"] > 0.12) & np.isin(v["region"], (0, 1, 5)) & (x[:, 0] * sign > 0))[0]
                end = min(c.arm, 2.0)

                def sleeve(s: np.ndarray, own: Callable[[float], float], end: float = end) -> np.ndarray:
                    return np.interp(s, [0.3, max(end, 0.31)], [own(0.45) + c.sleeve, own(end) + c.cuff])

                tube(x, rows, v["arm"][rows], joints, sleeve, 0.12, 0.6, min(c.cuff, c.sleeve) * 0.5)
        elif c.kind == "trousers":
            for side, sign in (("L", 1), ("R", -1)):
                joints = np.array([head[b][side] for b in JOINTS[3:]])
                rows = np.nonzero((v["leg"] > 0.08) & np.isin(v["region"], (2, 3)) & (x[:, 0] * sign > 0))[0]

                def leg(s: np.ndarray, own: Callable[[float], float]) -> np.ndarray:
                    thigh = own(0.4) + c.ease
                    return np.interp(s, [0.35, 1.0, 2.0], [thigh, thigh * 0.45 + c.hem_radius * 0.55, c.hem_radius])

                tube(x, rows, v["leg"][rows], joints, leg, 0.08, 0.5, 0.003)
                inner = (v["leg"] > 0.02) & (base[:, 0] * sign > 0)
                apart = 0.003 + 0.01 * ramp(v["leg"][inner], 0.05, 0.3)
                x[inner, 0] = sign * np.maximum(x[inner, 0] * sign, apart)
        else:
            rows = np.nonzero(v["skirt"] >= 0)[0]
            widen_skirt(x, rows, v["skirt"][rows], c.flare)

    # -- its borders
    def _loops(self, piece: Piece, kind: str) -> Loops:
        loops = piece.loops()
        at = {k: [float(np.asarray(piece.rows[o] @ self.value[k]).mean()) for o in loops] for k in PARAMETERS}
        if not loops:
            return Loops(None, None, [])
        order = range(len(loops))
        if kind == "top":
            trunk = [k for k in order if at["arm"][k] <= 0.3]
            cuffs = [loops[k] for k in order if at["arm"][k] > 0.3]
            low = min(trunk, key=lambda k: at["torso"][k], default=None)
            high = max(trunk, key=lambda k: at["torso"][k], default=None)
            # With an open front neck and hem are one loop.
            return Loops(None if high is None else loops[high], None if low is None else loops[low], cuffs)
        if kind == "trousers":
            top = max(order, key=lambda k: at["torso"][k])
            return Loops(loops[top], None, [loops[k] for k in order if k != top and at["leg"][k] > 0.1])
        top = min(order, key=lambda k: at["skirt"][k])
        rest = [loops[k] for k in order if k != top]
        return Loops(loops[top], max(rest, key=len, default=None), [])

    def make(self, c: Cut, base: np.ndarray) -> tuple[Piece, np.ndarray]:
        """The piece and its designed positions f64 [n, 3] in the rest pose, for morphed base vertices in metres."""
        mesh = "helper-skirt" if c.kind == "skirt" else "helper-tights"
        x = self._shell(c, base, mesh)
        self._shape(c, x, base)
        grid = self.grid(mesh)
        piece = cut(grid, self._field(c, mesh), self._front(c, base, grid))
        position = np.asarray(piece.rows @ x)
        if c.pleats:
            piece.extra = pleat(position, np.asarray(piece.rows @ self.value["skirt"]), c.pleats)
        loops = self._loops(piece, c.kind)
        if c.kind == "top" and not c.tucked and loops.hem is not None:
            loop, closed = loops.hem, True
            level = np.asarray(piece.rows[loop] @ self.value["torso"])
            slit = (np.abs(position[loop, 0]) < 1.3 * c.open) & (position[loop, 2] > 0)
            at_hem = (level < level.min() + 0.12) & ~slit
            if c.open > 0 and not at_hem.all():
                order = np.roll(np.arange(len(loop)), -int(np.nonzero(at_hem & ~np.roll(at_hem, 1))[0][0]))
                runs = np.split(order, np.nonzero(np.diff(at_hem[order].astype(int)))[0] + 1)
                loop, closed = loop[max((r for r in runs if at_hem[r[0]]), key=len)], False
            self._fall(piece, position[loop], loop, c, closed)
        if c.kind == "top" and c.stand > 0 and loops.neck is not None:
            self._collar(piece, position[loops.neck], loops.neck, c)
        if c.kind == "trousers" and c.hem > 0 and c.leg > 1.8:
            head = self.joints(base)
            for loop in loops.cuffs:
                side = "L" if position[loop, 0].mean() > 0 else "R"
                d = head["foot"][side] - head["lowerleg01"][side]
                d = d / np.linalg.norm(d)
                steps = max(1, round(c.hem / self.cell))
                rows = [np.broadcast_to(d * c.hem * (i + 1) / steps, (len(loop), 3)) for i in range(steps)]
                piece.lengthen(loop, rows, True, LENGTHENED)
        return piece, np.asarray(piece.rows @ x) + piece.extra

    def _fall(self, piece: Piece, ring: np.ndarray, loop: np.ndarray, c: Cut, closed: bool) -> None:
        """Continues a top below its shell: straight down, a little wider where flared, to one level."""
        total = c.hem + 0.06
        steps = max(1, round(total / self.cell))
        out = (ring - ring.mean(0)) * (1, 0, 1)
        out /= np.linalg.norm(out, axis=1)[:, None] + 1e-9
        level = ring[:, 1] - ring[:, 1].mean()
        rows = []
        for i in range(steps):
            d = total * (i + 1) / steps
            rows.append(
                np.stack([out[:, 0] * c.flare * d, -d - level * min(1, (i + 1) / 6), out[:, 2] * c.flare * d], 1)
            )
        piece.lengthen(loop, rows, closed, LENGTHENED)

    def _collar(self, piece: Piece, ring: np.ndarray, loop: np.ndarray, c: Cut) -> None:
        """A strip around the neck: up for the stand, then turned down over it along a creased fold."""
        around = np.ones(len(loop), bool)
        if c.open > 0:  # the loop runs down the front: only what is around the neck
            around = ring[:, 1] > ring[:, 1].max() - 0.075
        centre = ring[around].mean(0)
        angle = np.abs(np.rad2deg(np.arctan2(ring[:, 0] - centre[0], ring[:, 2] - centre[2])))
        closed = c.gap_deg <= 0 and c.open == 0
        if not closed:
            around &= angle > c.gap_deg
        if not around.any():
            return
        if not closed and not around.all():
            first = int(np.nonzero(around & ~np.roll(around, 1))[0][0])
            order = np.roll(np.arange(len(loop)), -first)
            take = order[: int(np.argmin(around[order])) or len(order)]
            loop, ring = loop[take], ring[take]
        out = (ring - centre) * (1, 0, 1)
        out /= np.linalg.norm(out, axis=1)[:, None] + 1e-9
        up = np.array([0, 1.0, 0])
        rises, turns = max(2, round(c.stand / self.cell)), max(2, round(c.turn / self.cell))
        rows = [(up - 0.12 * out) * c.stand * (i + 1) / rises for i in range(rises)]
        if c.turn > 0:
            slope = 0.84 * up - 0.54 * out
            # A hood lies on the back and is narrow in front; a collar's points are its longest part.
            back = ramp(-out[:, 2], -0.6, 0.9)[:, None]
            long = c.turn * (0.4 + 0.75 * back if c.turn > HOOD else 1.1 - 0.25 * back)
            rows += [rows[rises - 1] + out * 0.006 - slope * long * (i + 1) / turns for i in range(turns)]
        start, size = piece.lengthen(loop, rows, closed, COLLAR), len(loop)
        if c.turn > 0:
            piece.crease[start + (rises - 1) * size : start + rises * size] = True
        piece.stands[start : start + rises * size] = True
