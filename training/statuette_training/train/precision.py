"""Is bf16 faster than f32 inside the convolutions of this processor? Some have the instructions and still are not.

An EPYC with AVX512-BF16 takes 1.6 to 1.9 times less time a step in bf16; a Xeon with the same instructions, but without
AMX, 1.4 times more (part network, 4 windows, forward and backward: 0.27 s in bf16, 0.19 s in f32).
"""

from __future__ import annotations

import time
from functools import lru_cache

import torch
from torch import nn


def _seconds(net: nn.Module, x: torch.Tensor, bf16: bool) -> float:
    start = time.process_time()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        y = net(x)
    y.float().sum().backward()
    return time.process_time() - start


@lru_cache(maxsize=1)
def bf16_pays() -> bool:
    """Times a few layers as the networks have them, both ways in turn; the best of five each. About half a second."""
    with torch.enable_grad():
        net = nn.Sequential(*(layer for _ in range(3) for layer in
                              (nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU())))
        net.to(memory_format=torch.channels_last)
        x = torch.zeros(2, 32, 64, 64).contiguous(memory_format=torch.channels_last)
        for bf16 in (False, True):
            _seconds(net, x, bf16)
        times = [(_seconds(net, x, False), _seconds(net, x, True)) for _ in range(5)]
    return min(t for _, t in times) < 0.9 * min(t for t, _ in times)
