"""What a garment is: where it ends, how wide and long it is, and its trimmings."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cut:
    """Bounds on the helper shell's parameters, ease and trimmings. Lengths in metres.

    Parameters along the body: arm 0 shoulder, 1 elbow, 2 wrist; leg 0 hip, 1 knee, 2 ankle; torso 0 hip joints, 1 base
    of the neck; skirt 0 waist, 1 hem of the helper skirt.
    """

    kind: str  # top, trousers, skirt
    cloth: str = "jersey"
    arm: float = 0.55  # where sleeves end
    neck: float = 1.04
    vee: float = 0.0  # depth of a V neck
    scoop: float = 0.0  # depth of a round neck
    low: float = 0.06  # torso parameter at which the shell of a top ends; its hem is lengthened from there
    hem: float = 0.10  # below hip height for tops; lengthening for trousers
    leg: float = 1.97
    waist: float = 0.22
    skirt: float = 0.62
    ease: float = 0.02  # of radius at the trunk or thigh
    boxy: float = 0.7  # 0 follows the waist, 1 hangs straight from the chest
    sleeve: float = 0.012  # of radius at the upper arm
    cuff: float = 0.010  # at the end of the sleeve
    hem_radius: float = 0.065  # of trouser legs
    long: float = 1.04  # thread length along limbs against the distance it spans
    tall: float = 1.0  # the same at the trunk
    flare: float = 0.0  # of radius per m of length of lengthened hems; share of the radius for skirts
    pleats: int = 0  # of a skirt
    open: float = 0.0  # half of a slit down the front
    rib: float = 0.0  # share by which the hem is gathered
    cuff_rib: float = 0.0  # and the cuffs
    straight: bool = False  # the pattern is drawn on straight legs
    tight: bool = False  # follows the body and pulls
    tucked: bool = False
    offset: float = 0.008
    stand: float = 0.0  # height of the collar's stand
    turn: float = 0.0  # length of what is turned down
    gap_deg: float = 9.0  # opening of the collar at the front
    trims: tuple[str, ...] = ()  # of trim.py
    fabric: str = ""  # of people/fabrics.py; "" for any that suits the cloth


@dataclass(frozen=True)
class Outfit:
    """Cuts from the inside out. name: the combination that decides about the held-out split."""

    name: str
    cuts: tuple[Cut, ...]
    facts: dict = field(default_factory=dict)
