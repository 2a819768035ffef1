"""Raised and pressed-in lines of sewn cloth, as heights over the fine mesh, and where that mesh must be finer."""

from __future__ import annotations

import numpy as np

from .frames import Frame

# What a triangle is dyed with.
MAIN, ACCENT, STITCH, WORN = range(4)
SOFT = 0.0009  # m over which an edge of doubled cloth rises
STITCH_IN = 0.006  # m, stitches lie so far inside an edge


def step(d: np.ndarray, soft: float = SOFT) -> np.ndarray:
    """0 outside (d < 0) to 1 inside, over `soft` metres."""
    t = np.clip(d / soft, 0, 1)
    return t * t * (3 - 2 * t)


class Relief:
    """height f [n], metres along the normal. near f [n]: distance to the nearest line, for the refinement.

    seam: distance to the nearest seam, where denim wears. stitch: to the nearest row of stitches. accent: other dye.
    """

    def __init__(self, n: int) -> None:
        self.height = np.zeros(n)
        self.near = np.full(n, 1.0)
        self.seam = np.full(n, 1.0)
        self.stitch = np.full(n, 1.0)
        self.accent = np.zeros(n, bool)

    def _close(self, d: np.ndarray, on: np.ndarray) -> None:
        self.near = np.where(on, np.minimum(self.near, np.abs(d)), self.near)

    def ridge(self, d: np.ndarray, on: np.ndarray, high: float = 0.0006, wide: float = 0.0016) -> None:
        """A raised line at distance d = 0."""
        self.height += np.where(on, high * np.exp(-((d / wide) ** 2)), 0)
        self._close(d, on)

    def stitches(self, d: np.ndarray, on: np.ndarray, deep: float = 0.0006) -> None:
        """A row of stitches pressed in at d = 0."""
        self.height -= np.where(on, deep * np.exp(-((d / 0.0014) ** 2)), 0)
        self.stitch = np.where(on, np.minimum(self.stitch, np.abs(d)), self.stitch)
        self._close(d, on)

    def seam_line(self, d: np.ndarray, on: np.ndarray, felled: float = 0.0) -> None:
        """A seam: a groove where two panels meet, its allowance raised beside it; felled: its width on one side."""
        self.height += np.where(on, 0.0005 * np.exp(-((d / 0.005) ** 2)) - 0.0009 * np.exp(-((d / 0.0012) ** 2)), 0)
        if felled:
            self.height += np.where(on, 0.0006 * step(d) * step(felled - d), 0)
            self.stitches(d - felled + 0.002, on)
            self._close(d - felled, on)
        self.seam = np.where(on, np.minimum(self.seam, np.abs(d)), self.seam)
        self._close(d, on)

    def panel(
        self,
        inside: np.ndarray,
        on: np.ndarray,
        high: float = 0.0010,
        stitched: bool = True,
        accent: bool = False,
        soft: float = SOFT,
    ) -> None:
        """Cloth laid on: inside is the signed distance to its edge, positive on it."""
        self.height += np.where(on, high * step(inside, soft), 0)
        if stitched:
            self.stitches(inside - STITCH_IN, on)
        if accent:
            self.accent |= on & (inside > 0)
        self.seam = np.where(on, np.minimum(self.seam, np.abs(inside)), self.seam)
        self._close(inside, on)

    def ribs(self, u: np.ndarray, on: np.ndarray, period: float, high: float) -> None:
        """Knitted columns across u; the whole region becomes fine."""
        self.height += np.where(on, high * (np.abs(np.cos(np.pi * u / period)) - 0.5), 0)
        self.near = np.where(on, 0.0, self.near)


def box(u: np.ndarray, v: np.ndarray, u0: float, v0: float, wide: float, tall: float) -> np.ndarray:
    """Signed distance to the edge of a rectangle about (u0, v0), positive inside."""
    return np.minimum(wide / 2 - np.abs(u - u0), tall / 2 - np.abs(v - v0))


def polygon(u: np.ndarray, v: np.ndarray, corners: list[tuple[float, float]]) -> np.ndarray:
    """Signed distance to the edge of a convex polygon (counter-clockwise), positive inside; exact on its sides."""
    out = np.full(len(u), 9.0)
    for (a, b), (c, d) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = np.hypot(c - a, d - b)
        out = np.minimum(out, ((c - a) * (v - b) - (d - b) * (u - a)) / length)
    return out


def slots(relief: Relief, t: np.ndarray, stitched: bool, worn: bool, accent: bool) -> np.ndarray:
    """uint8 [m]: what each triangle is dyed with."""
    out = np.zeros(len(t), np.uint8)
    if worn:
        out[relief.seam[t].mean(1) < 0.0022] = WORN
    if accent:
        out[relief.accent[t].sum(1) > 1] = ACCENT
    if stitched:
        out[relief.stitch[t].mean(1) < 0.0008] = STITCH
    return out


__all__ = ["ACCENT", "MAIN", "STITCH", "WORN", "Frame", "Relief", "box", "polygon", "slots", "step"]
