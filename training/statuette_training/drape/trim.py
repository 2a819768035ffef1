"""Trimmings by name: hems, seams, plackets, pockets, waistbands, ribs, lapels, quilting. Each adds to a Relief.

All are drawn on the designed positions, so they lie on the cloth however it folds. Sizes are those of common clothes.
"""

from __future__ import annotations

import numpy as np

from . import trim_bottoms, trim_tops  # noqa: F401  (they enter their trimmings in TRIMS)
from .cut import Cut
from .frames import Frame
from .relief import Relief
from .trimming import TRIMS, Sewn


def decorate(k: Frame, c: Cut, seed: int) -> tuple[Relief, Sewn]:
    """The relief of all trimmings of a cut; the same seed on a finer mesh gives the same trimmings."""
    relief, sewn = Relief(len(k.p)), Sewn()
    for i, name in enumerate(c.trims):
        TRIMS[name](k, relief, c, sewn, np.random.default_rng([seed, i]))
    return relief, sewn


__all__ = ["TRIMS", "Sewn", "decorate"]
