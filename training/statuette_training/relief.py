"""Depth redrawn by the merged normals, as the app does in robust mode (src/gpu/kernels/relief.reference.ts).

The same method in numpy, so that evaluation measures what the app makes of a set of weights: of all depths whose steps
follow the normals' slopes the one nearest to the given depth; waves longer than CROSSOVER keep its amplitude.
Screened Poisson fusion (Bhat et al. 2008) by Chebyshev steps on the Jacobi-scaled system.
"""

from __future__ import annotations

import numpy as np

CROSSOVER = 48  # px
ITERATIONS = 32
LINK = 16.0  # neighbours farther apart in depth are two surfaces, px
STEEPEST = 4.0  # px per px
SHORTEST, LEAST_Z = 0.3, 0.05  # shorter or flatter decoded normals are unusable
CODED_SLOPE = 512 / 255  # px per px of x : z of a coded normal
SCREENING = (2 * np.pi / CROSSOVER) ** 2


def relief(depth: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """One side. depth f32 [h, w] in D units (px), 0 empty; normals f32 [h, w, 3] coded, 0 where there are none."""
    inside = depth > 0
    n = normals.astype(np.float32) * 2 - 1
    usable = inside & (n[..., 2] > LEAST_Z) & ((n * n).sum(-1) > SHORTEST**2)
    z = np.where(usable, n[..., 2], 1)
    slope_x, slope_y = (np.clip(-CODED_SLOPE * n[..., k] / z, -STEEPEST, STEEPEST) for k in (0, 1))
    # A coded normal holds the steps to its right and upper neighbour.
    step_x, step_y = depth[:, 1:] - depth[:, :-1], depth[1:] - depth[:-1]
    link_x = (usable[:, :-1] & inside[:, 1:] & (np.abs(step_x) < LINK)).astype(np.float32)
    link_y = (usable[1:] & inside[:-1] & (np.abs(step_y) < LINK)).astype(np.float32)

    def divergence(flow_x: np.ndarray, flow_y: np.ndarray) -> np.ndarray:
        out = np.zeros_like(depth)
        out[:, 1:] += flow_x
        out[:, :-1] -= flow_x
        out[1:] += flow_y
        out[:-1] -= flow_y
        return out

    degree = np.full_like(depth, SCREENING)
    degree[:, 1:] += link_x
    degree[:, :-1] += link_x
    degree[1:] += link_y
    degree[:-1] += link_y
    residual = divergence(link_x * (slope_x[:, :-1] - step_x), link_y * (slope_y[1:] - step_y)) / degree
    low = SCREENING / (SCREENING + 4)
    middle, half = (2 + low) / 2, (2 - low) / 2
    direction, ratio = residual / middle, half / middle
    correction = direction.copy()
    for _ in range(ITERATIONS - 1):
        laplace = divergence(link_x * (direction[:, 1:] - direction[:, :-1]), link_y * (direction[1:] - direction[:-1]))
        residual -= (SCREENING * direction + laplace) / degree
        following = 1 / (2 * middle / half - ratio)
        direction = following * ratio * direction + 2 * following / half * residual
        ratio = following
        correction += direction
    return np.where(inside, depth + correction, 0).astype(np.float32)
