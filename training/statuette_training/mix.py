"""One set of weights out of several: the networks of a base, some of them replaced by those of other files.

Networks are trained by several processes side by side, and a network that did not gain keeps its old weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .networks import PART_NETS, PREFIXES, current_name
from .train.checkpoint import read_weights, write_official


def parse_takes(texts: list[str]) -> list[tuple[str, Path]]:
    """`coarse-normals,coarse-depth=FILE` to (network, file) pairs; "parts" stands for all five.

    Raises ValueError when a name is unknown.
    """
    takes = []
    for text in texts:
        names, equals, file = text.partition("=")
        if not equals:
            raise ValueError(f"{text} is not NETWORKS=FILE")
        for name in map(current_name, names.split(",")):
            if name != "parts" and name not in PREFIXES:
                raise ValueError(f"no network {name}: choose from parts, {', '.join(PREFIXES)}")
            takes += [(n, Path(file)) for n in (PART_NETS if name == "parts" else (name,))]
    return takes


def mix(base: Path, takes: list[tuple[str, Path]], out: Path) -> None:
    """Writes `base` with the named networks taken from other files, of any width."""
    model, _ = read_weights(base)
    for name, file in takes:
        other, _ = read_weights(file)
        setattr(model, PREFIXES[name], other.get_submodule(PREFIXES[name]))
    write_official(model, out)


def mix_command(a: argparse.Namespace) -> None:
    mix(a.base, parse_takes(a.take), a.out)
    print(a.out)
