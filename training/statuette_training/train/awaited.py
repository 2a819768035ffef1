"""Networks that another process is training: copied when that run has finished with them.

Part networks and the coarse depth network need the coarse normals as input, and learn well on older ones meanwhile.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from ..mix import parse_takes
from ..networks import PREFIXES, Model
from .checkpoint import read_weights

LOOK_SECONDS = 2.0


@dataclass
class AwaitedNetwork:
    """One network of the run whose state is at `path`; ready when that run has finished its first `stages` stages."""

    network: str
    path: Path
    stages: int = 1
    taken: bool = False
    _looked: float = -1e9
    _changed: float = 0.0

    def take(self, model: Model) -> bool:
        """True when the weights were copied into `model` now. Looks at the disk every other second at most."""
        now = time.monotonic()
        if self.taken or now - self._looked < LOOK_SECONDS or not self.path.exists():
            return False
        self._looked = now
        changed = os.stat(self.path).st_mtime
        if changed == self._changed:
            return False
        self._changed = changed
        progress = torch.load(self.path, map_location="cpu", weights_only=True)["progress"]
        if progress["stage"] < self.stages:
            return False
        other, _ = read_weights(self.path)
        name = PREFIXES[self.network]
        model.get_submodule(name).load_state_dict(other.get_submodule(name).state_dict())
        self.taken = True
        return True


def awaited_networks(texts: list[str]) -> tuple[AwaitedNetwork, ...]:
    """`coarse-normals=RUN/starter/state.pt` and the like. Raises ValueError when a network is unknown."""
    return tuple(AwaitedNetwork(name, path) for name, path in parse_takes(texts))
