"""Made-up weights and inputs from a hash, the same in every language, for comparing implementations.

u(key, i) in [-1, 1): CRC-32 of the key seeds a multiplicative hash of the element index. Values are formed in
f64 and rounded once to f32. The two depth heads come from a stored table of small integers.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor


def unit_values(key: str, count: int) -> np.ndarray:
    """f64 [count] in [-1, 1): element i of the deterministic stream of `key`."""
    with np.errstate(over="ignore"):
        h = np.uint32(zlib.crc32(key.encode())) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 8388608 - 1


def _values(key: str, like: Tensor, heads: Mapping[str, Mapping[str, list]], is_norm: bool) -> np.ndarray:
    shape = tuple(like.shape)
    for head in ("ImgNorm_to_Dep.Conv_1x1", "refine.merge3_2"):
        if key.startswith(head + "."):
            table = heads[head]["weight_x256" if key.endswith("weight") else "bias_x256"]
            return np.asarray(table, np.float64).reshape(shape) / 256
    u = unit_values(key, like.numel()).reshape(shape)
    if key.endswith("running_mean"):
        return 0.1 * u
    if key.endswith("running_var"):
        return 0.75 + 0.25 * u
    if key.endswith("weight"):
        if is_norm:
            return 1 + 0.1 * u
        if key.startswith("img2normal_") and key.endswith("Conv_1x1.conv.0.weight"):
            return (0.6 * math.sqrt(3 / shape[1])) * u
        fan_in = shape[1] * shape[2] * shape[3]
        return ((1.25 if shape[2] == 3 else 1.0) * math.sqrt(3 / fan_in)) * u
    if key.startswith("img2normal_") and key.endswith("Conv_1x1.conv.0.bias"):
        return 0.5 + 0.05 * u
    return 2 + 0.1 * u if key.endswith("psi.1.bias") else 0.1 * u


def fill_deterministic(model: torch.nn.Module, heads: Mapping[str, Mapping[str, list]]) -> None:
    """Fills every parameter and buffer of `model` in place. `heads`: the integer tables of the two depth heads."""
    state = model.state_dict()
    norms = {k.rsplit(".", 1)[0] for k in state if k.endswith("running_mean")}
    for key, tensor in state.items():
        if key.endswith("num_batches_tracked"):
            tensor.zero_()
        else:
            values = _values(key, tensor, heads, key.rsplit(".", 1)[0] in norms)
            tensor.copy_(torch.from_numpy(values.astype(np.float32)))
