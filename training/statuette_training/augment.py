"""What real photos do to a rendered picture: colour, noise, blur, compression, and a matte that is never right.

Everything works on f32 batches [B, 3, H, W] in 0..1 with an empty ground, on the training device.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_GREY = (0.299, 0.587, 0.114)


class Augment:
    """A seeded stream of random changes."""

    def __init__(self, device: torch.device, seed: int) -> None:
        self.device = device
        self.generator = torch.Generator(device=device).manual_seed(seed)
        # Choices that steer the program come from the host, so that no step waits for the GPU.
        self.host = np.random.default_rng(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(shape, device=self.device, generator=self.generator) * (high - low) + low

    def coin(self, batch: int, chance: float) -> Tensor:
        """bool [B, 1, 1, 1]."""
        return self.uniform(0, 1, batch, 1, 1, 1) < chance

    def _blobs(self, batch: int, size: torch.Size, cells: int) -> Tensor:
        return F.interpolate(self.uniform(0, 1, batch, 1, cells, cells), size=size, mode="bilinear") > 0.5

    def matte(self, x: Tensor, mask: Tensor, radius: int = 1) -> tuple[Tensor, Tensor]:
        """An imperfect cut-out: borders eaten or grown in patches, grown rims in a wrong colour."""
        b, size = x.shape[0], x.shape[-2:]
        k = 2 * radius + 1
        patch = self._blobs(b, size, 8)
        eaten = torch.where(patch, -F.max_pool2d(-mask, k, 1, radius), mask)
        grown = torch.where(patch, F.max_pool2d(mask, k, 1, radius), mask)
        kind = self.uniform(0, 1, b, 1, 1, 1)
        rim = self.uniform(0, 0.8, b, 3, 1, 1)
        x = torch.where(kind < 0.3, x * mask + rim * (1 - mask) * grown, x)
        mask = torch.where(kind < 0.3, grown, torch.where(kind < 0.6, eaten, mask))
        return x * mask, mask

    def colour(self, x: Tensor, mask: Tensor) -> Tensor:
        """Gamma, white balance, exposure, soft focus, grain; the ground stays 0."""
        b = x.shape[0]
        x = x.clamp(1e-4, 1) ** self.uniform(0.72, 1.4, b, 1, 1, 1)
        x = (x * self.uniform(0.82, 1.18, b, 3, 1, 1) * self.uniform(0.6, 1.35, b, 1, 1, 1)).clamp(0, 1)
        order = [int(i) for i in self.host.permutation(3)]
        x = torch.where(self.coin(b, 0.15), x[:, order], x)
        soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
        x = torch.where(self.coin(b, 0.25), 0.6 * soft + 0.4 * x, x)
        grain = torch.randn(x.shape, device=self.device, generator=self.generator) * self.uniform(0, 0.02, b, 1, 1, 1)
        fine = F.interpolate(F.avg_pool2d(grain, 2, ceil_mode=True), size=x.shape[-2:], mode="nearest") * 2
        x = x + torch.where(self.coin(b, 0.4), fine, grain)
        return x.clamp(0, 1) * mask

    def blocks(self, x: Tensor) -> Tensor:
        """Down and up again, as of a small or compressed picture, for some of the batch.

        Few grey levels and much grain (20 and .04 once) drown what a fold changes, which is a twentieth or less.
        """
        if self.host.random() > 0.25:
            return x
        size = x.shape[-2:]
        factor = float(self.host.uniform(0.35, 0.8))
        small = F.interpolate(x, scale_factor=factor, mode="area" if factor <= 0.5 else "bilinear")
        levels = float(self.host.uniform(60, 200))
        small = torch.round(small * levels) / levels
        return torch.where(self.coin(x.shape[0], 0.5), F.interpolate(small, size=size, mode="bilinear"), x)


def to_input(x: Tensor, factors: tuple[Tensor | float, Tensor | float, Tensor | float] = (0.85, 0.85, 0.85),
             grey_level: Tensor | float | None = None) -> Tensor:
    """The colour jitter and normalisation of the networks' input. grey_level: of the whole canvas, if x is a window."""
    brightness, contrast, saturation = factors
    weights = torch.tensor(_GREY, device=x.device).view(1, 3, 1, 1)
    x = x * brightness
    level = (x * weights).sum(1, keepdim=True).mean((2, 3), keepdim=True) if grey_level is None else grey_level
    x = level + contrast * (x - level)
    grey = (x * weights).sum(1, keepdim=True)
    return (grey + saturation * (x - grey)).clamp(0, 1) * 2 - 1


def train_input(x: Tensor, mask: Tensor, augment: Augment, grey_level: Tensor | None = None,
                matte_radius: int = 1) -> Tensor:
    """A random training input from clean colour x in 0..1 and its mask [B, 1, H, W]."""
    b = x.shape[0]
    x = augment.colour(augment.blocks(x), mask)
    x, _ = augment.matte(x, mask, matte_radius)
    brightness, contrast, saturation = (augment.uniform(0.7, 1.0, b, 1, 1, 1) for _ in range(3))
    return to_input(x, (brightness, contrast, saturation), grey_level)
