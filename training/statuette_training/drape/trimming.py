"""What every trimming is: a function under a name, which adds to the relief of a garment and to what is sewn on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .cut import Cut
from .frames import Frame
from .relief import Relief

RIB_TALL = 0.055


@dataclass
class Sewn:
    """What else is on a garment. buttons: designed positions [k, 3]; cords: paths of designed positions."""

    buttons: list[np.ndarray] = field(default_factory=list)
    cords: list[np.ndarray] = field(default_factory=list)


Trim = Callable[[Frame, Relief, Cut, Sewn, np.random.Generator], None]
TRIMS: dict[str, Trim] = {}


def trim(name: str) -> Callable[[Trim], Trim]:
    def keep(f: Trim) -> Trim:
        TRIMS[name] = f
        return f

    return keep


def on_trunk(k: Frame) -> np.ndarray:
    return ~k.on_arm & ~k.on_leg


def on_shell(k: Frame) -> np.ndarray:
    """Not the collar."""
    return k.f["added"] < 2
