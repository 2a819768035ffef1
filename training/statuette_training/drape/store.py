"""Drapes kept on disk: one npz a person, so that views, lights and fabrics can be made of it again and again."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from .cut import Cut
from .finish import Dressed
from .run import FIELDS, Draped

VERSION = 2  # of what a file holds; others are made anew


@dataclass
class Kept:
    """A draped person: what to make it from again, and its garments from the inside out."""

    seed: int
    attempt: int
    outfit: str
    shoe: str
    pose: dict[str, np.ndarray]
    drapes: list[Draped]
    dressed: list[Dressed] | None = field(default=None, repr=False)


class DrapeStore:
    """A folder of drapes by seed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, seed: int) -> Path:
        return self.folder / f"{seed:06d}.npz"

    def put(self, kept: Kept) -> None:
        """Writes a drape, atomically; without its motion."""
        head = {
            "version": VERSION,
            "fields": FIELDS,
            "seed": kept.seed,
            "attempt": kept.attempt,
            "outfit": kept.outfit,
            "shoe": kept.shoe,
            "cuts": [asdict(d.cut) for d in kept.drapes],
            "facts": [d.facts for d in kept.drapes],
            "pose": {b: [float(x) for x in v] for b, v in kept.pose.items()},
        }
        arrays = {
            f"{i}_{k}": getattr(d, k) for i, d in enumerate(kept.drapes) for k in ("t", "rest", "x", "fields", "home")
        }
        temporary = self.path(kept.seed).with_suffix(".tmp")
        with open(temporary, "wb") as file:
            np.savez(file, head=np.array(json.dumps(head)), **arrays)
        os.replace(temporary, self.path(kept.seed))

    def get(self, seed: int) -> Kept | None:
        """A drape, or None when there is none, or none that this version can read."""
        try:
            with np.load(self.path(seed)) as z:
                head = json.loads(str(z["head"]))
                if head["version"] != VERSION or tuple(head["fields"]) != FIELDS:
                    return None
                drapes = [
                    Draped(
                        Cut(**{**c, "trims": tuple(c["trims"])}),
                        **{k: z[f"{i}_{k}"] for k in ("t", "rest", "x", "fields", "home")},
                        surface=None,
                        facts=head["facts"][i],
                    )
                    for i, c in enumerate(head["cuts"])
                ]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None
        pose = {b: np.array(v) for b, v in head["pose"].items()}
        return Kept(head["seed"], head["attempt"], head["outfit"], head["shoe"], pose, drapes)
