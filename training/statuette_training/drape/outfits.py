"""Random outfits: families of clothes, each with ranges for its cut, its cloth and its trimmings."""

from __future__ import annotations

from typing import Any

import numpy as np

from .cut import Cut, Outfit

R = np.random.Generator
STRAIGHT_BELOW = 0.3  # m below the hips: longer tops hang over both legs, so their pattern has straight legs


def _u(rng: R, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _maybe(rng: R, **chances: float) -> tuple[str, ...]:
    """Trimmings by chance."""
    return tuple(name for name, chance in chances.items() if rng.random() < chance)


# --- trousers and skirts ------------------------------------------------------------------------------------------
def _trousers(rng: R, name: str) -> Cut:
    legs = {
        "slim": (0.052, 0.064, 0.004, 0.010),
        "straight": (0.066, 0.082, 0.010, 0.020),
        "wide": (0.09, 0.135, 0.02, 0.04),
    }
    if name == "jeans":
        fit = str(rng.choice(["slim", "straight", "wide"], p=[0.4, 0.4, 0.2]))
        low, high, e0, e1 = legs[fit]
        return Cut(
            "trousers",
            "denim",
            leg=1.88,
            hem=_u(rng, 0.03, 0.075),
            hem_radius=_u(rng, low, high),
            ease=_u(rng, e0, e1),
            offset=_u(rng, 0.004, 0.007),
            long=_u(rng, 1.03, 1.09),
            waist=_u(rng, 0.18, 0.27),
            trims=(
                "waistband",
                "fly",
                "leg_seams",
                "front_pockets",
                "back_pockets",
                "hems",
                *_maybe(rng, turn_ups=0.15),
            ),
        )
    if name in ("chinos", "suit_trousers", "cargos"):
        low, high, e0, e1 = legs[str(rng.choice(["slim", "straight", "wide"], p=[0.25, 0.5, 0.25]))]
        cloth = "wool" if name == "suit_trousers" else "chino"
        more = ("crease",) if name == "suit_trousers" else ("cargo",) if name == "cargos" else _maybe(rng, crease=0.3)
        return Cut(
            "trousers",
            cloth,
            leg=1.88,
            hem=_u(rng, 0.045, 0.085),
            hem_radius=_u(rng, low, high),
            ease=_u(rng, e0, e1),
            offset=_u(rng, 0.006, 0.009),
            long=_u(rng, 1.02, 1.06),
            waist=_u(rng, 0.2, 0.3),
            trims=(
                "waistband",
                "fly",
                "leg_seams",
                "front_pockets",
                "back_pockets",
                "hems",
                *more,
                *_maybe(rng, turn_ups=0.12),
            ),
        )
    if name == "joggers":
        return Cut(
            "trousers",
            "fleece" if rng.random() < 0.7 else "nylon",
            leg=1.76,
            hem=0.0,
            hem_radius=_u(rng, 0.058, 0.08),
            ease=_u(rng, 0.012, 0.03),
            offset=0.006,
            cuff_rib=_u(rng, 0.12, 0.25),
            long=_u(rng, 1.05, 1.1),
            waist=_u(rng, 0.18, 0.26),
            trims=("elastic", "leg_seams", "ribbing", *_maybe(rng, side_stripe=0.35, front_pockets=0.6)),
        )
    if name == "leggings":
        return Cut(
            "trousers",
            "sport",
            leg=_u(rng, 1.2, 1.9),
            hem=0.0,
            offset=0.003,
            tight=True,
            waist=_u(rng, 0.22, 0.36),
            trims=("hems", "fly" if rng.random() < 0.1 else "leg_seams", *_maybe(rng, panels=0.45)),
        )
    cloth = str(rng.choice(["chino", "denim", "fleece", "nylon", "sport"]))
    kind = ("waistband", "fly", "front_pockets", "back_pockets") if cloth in ("chino", "denim") else ("elastic",)
    return Cut(
        "trousers",
        cloth,
        leg=_u(rng, 0.4, 1.05),
        hem=0.0,
        hem_radius=_u(rng, 0.1, 0.13),
        ease=_u(rng, 0.02, 0.04),
        offset=0.008,
        long=1.02,
        waist=_u(rng, 0.2, 0.27),
        trims=(*kind, "leg_seams", "hems", *_maybe(rng, cargo=0.15, side_stripe=0.1)),
    )


def _skirt(rng: R, name: str) -> Cut:
    length = _u(rng, 0.36, 1.0)
    if name == "pencil_skirt":
        return Cut(
            "skirt",
            "wool" if rng.random() < 0.6 else "denim",
            skirt=min(length, 0.72),
            offset=0.006,
            flare=-0.12,
            straight=True,
            trims=("waistband", "hems", "seams"),
        )
    if name == "pleated_skirt":
        return Cut(
            "skirt",
            "wool",
            skirt=length,
            offset=0.01,
            flare=_u(rng, 0.05, 0.25),
            pleats=int(rng.integers(18, 30)),
            straight=True,
            trims=("waistband", "hems"),
        )
    return Cut(
        "skirt",
        str(rng.choice(["wool", "silk", "chino", "denim", "shirt"])),
        skirt=length,
        offset=0.01,
        flare=_u(rng, 0.15, 0.7),
        straight=True,
        trims=("waistband", "hems", *_maybe(rng, seams=0.6)),
    )


# --- tops ---------------------------------------------------------------------------------------------------------
def _top(rng: R, name: str, tucked: bool) -> Cut:
    fit, boxy = _u(rng, 0.006, 0.034), _u(rng, 0.2, 0.95)
    tall = 1.05 if tucked else _u(rng, 1.0, 1.035)
    base: dict[str, Any] = dict(ease=fit, boxy=boxy, tall=tall, tucked=tucked, low=0.06)
    if name in ("tee", "long_tee", "tank"):
        arm = {"tee": _u(rng, 0.38, 0.8), "long_tee": 1.9, "tank": 0.02}[name]
        return Cut(
            "top",
            "jersey",
            arm=arm,
            hem=_u(rng, -0.01, 0.08),
            sleeve=_u(rng, 0.004, 0.022),
            cuff=_u(rng, 0.005, 0.03),
            neck=_u(rng, 0.98, 1.06),
            scoop=_u(rng, 0.02, 0.09) if rng.random() < 0.5 else 0.0,
            vee=_u(rng, 0.05, 0.12) if rng.random() < 0.2 else 0.0,
            long=_u(rng, 1.02, 1.07),
            trims=("hems", "seams", "neck_rib", *_maybe(rng, chest_pocket=0.08)),
            **base,
        )
    if name == "polo":
        return Cut(
            "top",
            "jersey",
            arm=_u(rng, 0.5, 0.75),
            hem=_u(rng, 0.01, 0.07),
            sleeve=_u(rng, 0.006, 0.02),
            cuff=_u(rng, 0.004, 0.018),
            stand=0.02,
            turn=_u(rng, 0.035, 0.05),
            gap_deg=_u(rng, 7, 14),
            trims=("hems", "seams", "short_placket"),
            **base,
        )
    if name in ("shirt", "short_shirt", "blouse"):
        short = name == "short_shirt"
        cloth = "silk" if name == "blouse" else "shirt" if rng.random() < 0.8 else "denim"
        return Cut(
            "top",
            cloth,
            arm=_u(rng, 0.6, 0.85) if short else 1.9,
            cuff_rib=0 if short else _u(rng, 0.15, 0.35),
            hem=_u(rng, 0.03, 0.1),
            sleeve=_u(rng, 0.012, 0.024),
            cuff=_u(rng, 0.012, 0.03) if short else _u(rng, 0.006, 0.012),
            stand=_u(rng, 0.02, 0.03),
            turn=_u(rng, 0.038, 0.06),
            gap_deg=_u(rng, 7, 16),
            long=_u(rng, 1.03, 1.08),
            trims=("hems", "seams", "placket", "yoke", *(() if short else ("cuffs",)), *_maybe(rng, chest_pocket=0.5)),
            **base,
        )
    if name in ("sweater", "turtleneck"):
        high = name == "turtleneck"
        return Cut(
            "top",
            "knit",
            arm=1.93,
            hem=_u(rng, 0.0, 0.06),
            sleeve=_u(rng, 0.01, 0.03),
            cuff=_u(rng, 0.008, 0.018),
            rib=_u(rng, 0.04, 0.16),
            cuff_rib=_u(rng, 0.1, 0.25),
            long=_u(rng, 1.04, 1.1),
            offset=0.009,
            neck=1.05,
            scoop=0.0 if high else _u(rng, 0, 0.04),
            vee=0.0 if high or rng.random() < 0.75 else _u(rng, 0.06, 0.14),
            stand=_u(rng, 0.05, 0.08) if high else 0.0,
            gap_deg=0.0,
            trims=("ribbing", "seams", *_maybe(rng, cables=0.2, wide_ribs=0.2)),
            **base,
        )
    if name == "sweatshirt":
        return Cut(
            "top",
            "fleece",
            arm=1.93,
            hem=_u(rng, 0.01, 0.06),
            sleeve=_u(rng, 0.014, 0.03),
            cuff=_u(rng, 0.01, 0.02),
            rib=_u(rng, 0.08, 0.22),
            cuff_rib=_u(rng, 0.12, 0.28),
            long=_u(rng, 1.05, 1.11),
            offset=0.009,
            trims=("ribbing", "seams", *_maybe(rng, side_stripe=0.08)),
            **base,
        )
    if name == "hoodie":
        return Cut(
            "top",
            "fleece",
            arm=1.92,
            hem=_u(rng, 0.02, 0.07),
            sleeve=_u(rng, 0.016, 0.03),
            cuff=_u(rng, 0.012, 0.022),
            rib=_u(rng, 0.1, 0.25),
            cuff_rib=_u(rng, 0.15, 0.3),
            long=_u(rng, 1.06, 1.12),
            offset=0.01,
            stand=_u(rng, 0.04, 0.06),
            turn=_u(rng, 0.15, 0.21),
            gap_deg=_u(rng, 14, 26),
            trims=(
                "ribbing",
                "seams",
                *(("zip",) if rng.random() < 0.3 else ("kangaroo",)),
                *_maybe(rng, hood_cords=0.8),
            ),
            **base,
        )
    if name == "sport_top":
        return Cut(
            "top",
            "sport",
            arm=float(rng.choice([0.03, 0.5, 1.9])),
            hem=_u(rng, -0.03, 0.03),
            neck=1.0,
            offset=0.003,
            tight=True,
            tucked=tucked,
            low=0.06,
            trims=("hems", "seams", "neck_rib", *_maybe(rng, panel_seams=0.5, short_zip=0.25)),
        )
    if name == "dress":
        hem = _u(rng, 0.25, 0.75)
        return Cut(
            "top",
            str(rng.choice(["silk", "jersey", "shirt", "wool"])),
            arm=float(rng.choice([0.02, 0.35, 0.6, 1.9])),
            hem=hem,
            ease=_u(rng, 0.006, 0.016),
            boxy=_u(rng, 0.05, 0.4),
            flare=_u(rng, 0.1, 0.45),
            straight=True,
            sleeve=_u(rng, 0.004, 0.014),
            cuff=_u(rng, 0.006, 0.02),
            vee=_u(rng, 0.05, 0.13) if rng.random() < 0.5 else 0.0,
            scoop=_u(rng, 0.03, 0.09) if rng.random() < 0.3 else 0.0,
            low=0.06,
            trims=("hems", "seams", *_maybe(rng, waist_seam=0.6, panel_seams=0.4, placket=0.2)),
        )
    raise ValueError(f"no top is called {name}")


# --- what is worn over them ---------------------------------------------------------------------------------------
def _outer(rng: R, name: str) -> Cut:
    is_open = rng.random() < 0.6
    slit = _u(rng, 0.012, 0.05) if is_open else 0.0
    base: dict[str, Any] = dict(
        arm=1.93,
        open=slit,
        ease=_u(rng, 0.026, 0.042),
        boxy=_u(rng, 0.5, 0.95),
        sleeve=_u(rng, 0.018, 0.028),
        cuff=_u(rng, 0.013, 0.022),
        long=_u(rng, 1.03, 1.07),
        offset=0.014,
        low=0.06,
    )
    closed = () if is_open else ("placket",)
    zipped = () if is_open else ("zip",)
    if name == "denim_jacket":
        return Cut(
            "top",
            "denim",
            hem=_u(rng, 0.0, 0.05),
            stand=0.028,
            turn=_u(rng, 0.05, 0.065),
            gap_deg=_u(rng, 14, 26),
            trims=("hems", "seams", "yoke", "cuffs", "panel_seams", "chest_pocket", *closed),
            **base,
        )
    if name == "bomber":
        return Cut(
            "top",
            "nylon" if rng.random() < 0.6 else "jacket",
            hem=_u(rng, 0.0, 0.05),
            rib=_u(rng, 0.12, 0.25),
            cuff_rib=_u(rng, 0.15, 0.3),
            stand=_u(rng, 0.02, 0.035),
            gap_deg=_u(rng, 10, 18),
            trims=("ribbing", "seams", "waist_pockets", *zipped),
            **base,
        )
    if name == "work_jacket":
        return Cut(
            "top",
            "jacket",
            hem=_u(rng, 0.05, 0.14),
            stand=_u(rng, 0.03, 0.05),
            turn=_u(rng, 0.05, 0.08) if rng.random() < 0.6 else 0.0,
            gap_deg=_u(rng, 10, 22),
            trims=(
                "hems",
                "seams",
                "yoke",
                "cuffs",
                "waist_pockets",
                *_maybe(rng, chest_pocket=0.6),
                *(zipped if rng.random() < 0.6 else closed),
            ),
            **base,
        )
    if name == "puffer":
        return Cut(
            "top",
            "coat",
            hem=_u(rng, 0.03, 0.14),
            stand=_u(rng, 0.04, 0.07),
            gap_deg=_u(rng, 10, 20),
            trims=("quilting", "seams", *zipped),
            **base,
        )
    if name == "cardigan":
        return Cut(
            "top",
            "knit",
            hem=_u(rng, 0.05, 0.25),
            vee=_u(rng, 0.1, 0.2),
            cuff_rib=_u(rng, 0.1, 0.2),
            trims=("ribbing", "seams", *closed, *_maybe(rng, wide_ribs=0.3)),
            **base,
        )
    if name == "blazer":
        return Cut(
            "top",
            "wool" if rng.random() < 0.7 else "jacket",
            hem=_u(rng, 0.11, 0.19),
            stand=0.028,
            turn=_u(rng, 0.045, 0.06),
            gap_deg=_u(rng, 26, 36),
            vee=0.0 if is_open else _u(rng, 0.14, 0.22),
            trims=("seams", "lapels", "waist_pockets", *_maybe(rng, panel_seams=0.7)),
            **base,
        )
    if name == "coat":
        return Cut(
            "top",
            "coat",
            hem=_u(rng, 0.28, 0.6),
            straight=True,
            flare=_u(rng, 0.05, 0.16),
            stand=0.03,
            turn=_u(rng, 0.06, 0.085),
            gap_deg=_u(rng, 24, 34),
            trims=("hems", "seams", "waist_pockets", *(("lapels",) if rng.random() < 0.6 else closed)),
            **base,
        )
    raise ValueError(f"nothing to wear over is called {name}")


def _choice(rng: R, weights: dict[str, float]) -> str:
    names, p = list(weights), np.array(list(weights.values()))
    return names[int(rng.choice(len(names), p=p / p.sum()))]


TOPS = {
    "tee": 5,
    "long_tee": 2,
    "tank": 1.2,
    "polo": 1.5,
    "shirt": 4,
    "short_shirt": 1.2,
    "sweater": 2,
    "turtleneck": 0.8,
    "sweatshirt": 2,
    "hoodie": 2.2,
    "sport_top": 0.8,
}
WOMEN = {"blouse": 2.5, "dress": 3.0, "tank": 1.0, "sport_top": 0.6}
BOTTOMS = {"jeans": 6, "chinos": 3, "suit_trousers": 2.2, "cargos": 1, "joggers": 1.8, "shorts": 1.6, "leggings": 0.3}
WOMEN_BELOW = {"leggings": 1.5, "pencil_skirt": 0.7, "pleated_skirt": 0.7, "skirt": 1.8}
OVER = {"denim_jacket": 1.3, "bomber": 1.3, "work_jacket": 1.4, "puffer": 0.9, "cardigan": 1, "blazer": 2, "coat": 1.5}
UNDER_COAT = ("tee", "long_tee", "tank", "shirt", "short_shirt", "sweater", "turtleneck", "blouse", "polo")


def random_outfit(rng: R, female: bool) -> Outfit:
    """An outfit from the inside out."""
    top = _choice(rng, {**TOPS, **{k: TOPS.get(k, 0) + v for k, v in WOMEN.items()}} if female else TOPS)
    over = _choice(rng, OVER) if top in UNDER_COAT and rng.random() < 0.38 else ""
    if top == "dress":
        return Outfit("sim:dress", (_top(rng, "dress", False),))
    below = _choice(
        rng, {**BOTTOMS, **{k: BOTTOMS.get(k, 0) + v for k, v in WOMEN_BELOW.items()}} if female else BOTTOMS
    )
    skirt = "skirt" in below
    chance = 0.75 if skirt else 0.85 if below == "suit_trousers" and "shirt" in top else 0.22
    tucked = top not in ("hoodie", "sweatshirt", "turtleneck") and rng.random() < chance
    if top == "sport_top" and below not in ("leggings", "shorts", "joggers"):
        below, skirt = "leggings", False
    upper, lower = _top(rng, top, tucked), _skirt(rng, below) if skirt else _trousers(rng, below)
    cuts = [upper, lower] if tucked else [lower, upper]
    if over:
        cuts.append(_outer(rng, over))
    return Outfit("sim:" + "+".join(filter(None, (top, below, over))), tuple(cuts))
