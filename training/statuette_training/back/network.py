"""A U-Net of four sizes: the person as the camera saw it to the colours of the far side."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

WIDTHS = (32, 48, 64, 96)  # at a half, a quarter, ... of the input: it is taken in blocks of 2 x 2
START = 1.0  # logit: at first, the far side has mostly the near side's colours


def _double(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(True),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(True),
    )


class BackNet(nn.Module):
    """f32 [n, 4, h, w] (red, green, blue, cover, 0..1; ground 0) to [n, 4, h, w]: colours of the far side, and how far
    the front's texture fits there, all 0..1. h and w are multiples of 16.

    Where the far side looks like the near one, colours are taken over: a share of each cell is the near side's own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(_double(a, b) for a, b in zip((16, *WIDTHS[:-1]), WIDTHS, strict=True))
        pairs = list(zip(WIDTHS[:-1], WIDTHS[1:], strict=True))
        self.narrow = nn.ModuleList(nn.Conv2d(wide, narrow, 1) for narrow, wide in pairs)
        self.up = nn.ModuleList(_double(2 * narrow, narrow) for narrow, _ in pairs)
        self.out = nn.Conv2d(WIDTHS[0], 20, 3, padding=1)
        assert self.out.bias is not None
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.copy_(torch.tensor([0.0, 0.0, 0.0, START, START]).repeat_interleave(4))

    def raw(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Colours [n, 3, h, w] 0..1 and the logit of the texture [n, 1, h, w]."""
        x, kept = F.pixel_unshuffle(image, 2), []
        for k, level in enumerate(self.down):
            x = level(x if k == 0 else F.max_pool2d(x, 2))
            kept.append(x)
        for k in reversed(range(len(WIDTHS) - 1)):
            x = F.interpolate(self.narrow[k](x), scale_factor=2, mode="nearest")
            x = self.up[k](torch.cat((kept[k], x), 1))
        x = F.pixel_shuffle(self.out(x), 2)
        taken = x[:, 3:4].sigmoid()
        return taken * image[:, :3] + (1 - taken) * x[:, :3].sigmoid(), x[:, 4:5]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        colour, texture = self.raw(image)
        return torch.cat((colour, texture.sigmoid()), 1)
