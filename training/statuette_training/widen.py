"""A wider model that computes exactly what a narrower one does, to go on training from.

Every old channel keeps its weights; the new channels compute something random that nothing old listens to yet: the
weights from new channels to old ones are zero, and training finds out what they are good for. Source of the idea: Chen
et al., "Net2Net: accelerating learning via knowledge transfer", ICLR 2016 (which copies channels instead).
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import torch
from torch import Tensor, nn

from .networks import PREFIXES, Model, initialise_for_training
from .train.checkpoint import read_weights, write_official
from .train.plan import PACKS

# Convolutions that read several feature maps one after the other, and each map's share of the channels.
JOINED = (
    (r"img2normal_\w+\.Up_conv\d\.conv\.0", (1, 1)),
    (r"ImgNorm_to_Dep\.Up_conv\d\.conv\.0", (1, 1, 2)),  # both encoders' skips, then the decoder
    (r"ImgNorm_to_Dep\.(Att\d\.W_x\.0|Up5\.up\.1)", (1, 1)),
    (r"refine\.merge\d_1\.conv\.0", (1, 1)),
)


def places(name: str, narrow: int, wide: int) -> Tensor:
    """Where the `narrow` input channels of a convolution lie among its `wide` ones, int64 [narrow]."""
    shares = next((s for pattern, s in JOINED if re.fullmatch(pattern, name)), (1,))
    old, new = narrow // sum(shares), wide // sum(shares)
    out, before = [], 0
    for share in shares:
        out.append(torch.arange(old * share) + before)
        before += new * share
    return torch.cat(out)


@torch.no_grad()
def widen_network(name: str, narrow: nn.Module, wide: nn.Module) -> None:
    """Puts a network into a wider one; `name` as in a whole model. Raises ValueError when it would become narrower."""
    theirs, mine = narrow.state_dict(), wide.state_dict()
    for key, small in theirs.items():  # all of it before anything is written
        if any(a > b for a, b in zip(small.shape, mine[key].shape, strict=True)):
            raise ValueError(f"{name} would become narrower: {key} is {list(small.shape)}, not {list(mine[key].shape)}")
    for key, small in theirs.items():
        large = mine[key]
        if small.ndim < 4:  # biases, BatchNorm: outputs are never joined
            if small.ndim:
                large[: len(small)] = small
            continue
        rows = large[: small.shape[0]]
        if small.shape[1] != large.shape[1]:
            rows.zero_()
            rows[:, places(f"{name}.{key.removesuffix('.weight')}", small.shape[1], large.shape[1])] = small
        else:
            rows.copy_(small)


def widen(name: str, older: Model, model: Model) -> None:
    """Puts the network `name` of `older` into the wider one of `model`. Raises ValueError when it is not wider."""
    widen_network(name, older.get_submodule(name), model.get_submodule(name))


def widen_all(older: Model, model: Model) -> list[str]:
    """Starts `model` from every network of `older` that is as wide or narrower; returns their names."""
    taken = []
    for name, prefix in PREFIXES.items():
        try:
            widen(prefix, older, model)
        except ValueError:
            continue
        taken.append(name)
    return taken


def widen_command(a: argparse.Namespace) -> None:
    older, widths = read_weights(a.base)
    torch.manual_seed(1)
    model = Model(PACKS[a.pack].widths)
    initialise_for_training(model)
    taken = widen_all(older, model)
    if not taken:
        raise ValueError(f"{a.pack} has no network as wide as those of {Path(a.base).name} ({widths})")
    write_official(model, a.out)
    print(f"{a.out}: {', '.join(taken)} from {Path(a.base).name}")
