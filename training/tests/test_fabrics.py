"""Cloth is even: what varies softly is shading. Patterns have sharp edges."""

from __future__ import annotations

import numpy as np
import pytest

from statuette_training.people.fabrics import SUITS, even_fabric, related, unevenness
from statuette_training.people.materials import fabric

EVEN = ("plain", "melange", "denim", "knit", "herringbone")
PATTERNED = ("pinstripe", "stripes", "checks", "dots", "print", "print_all", "camouflage", "blocks")


@pytest.mark.parametrize("kind", EVEN)
def test_dyes_and_weaves_have_no_soft_blotches(kind: str) -> None:
    for seed in range(6):
        m = even_fabric("jersey", np.random.default_rng(seed), kind)
        assert unevenness(m.texture, m.tile_metres) < 0.003


def test_the_tiles_of_the_building_blocks_have_them(humans) -> None:
    """The measure sees what it is for."""
    found = [fabric(humans, np.random.default_rng(k)) for k in range(12)]
    assert max(unevenness(m.texture, m.tile_metres) for m in found) > 0.03


@pytest.mark.parametrize("kind", PATTERNED)
def test_patterns_have_sharp_edges(kind: str) -> None:
    sharp = []
    for seed in range(6):
        m = even_fabric("jersey", np.random.default_rng(seed), kind)
        t = m.texture.astype(int)
        step = np.concatenate([np.abs(np.diff(t, axis=k)).max(2).ravel() for k in (0, 1)])
        strong = step[step > 12]  # edges are few, and each is crossed within two pixels
        sharp.append(len(strong) > 20 and np.quantile(strong, 0.9) > 15)
    assert np.mean(sharp) > 0.8


def test_every_cloth_has_fabrics_and_what_goes_with_them() -> None:
    rng = np.random.default_rng(3)
    for cloth in SUITS:
        m = even_fabric(cloth, rng)
        assert m.texture.dtype == np.uint8 and 0.02 < m.tile_metres <= 1.0 and len(m.look) == 6
        for what in ("accent", "stitch", "worn", "button", "cord"):
            other = related(m, rng, what)
            assert other.texture.ndim == 3 and np.isfinite(other.look).all()
