"""The whole product on held-out people: photo in, mesh out, distances to the true surface, in one command.

For every person and view: `samples` renders the photo with its keypoints, matte and true surface, `npm run digitize`
makes the mesh with each pack, `meshes.compare` measures it. Photos are digitised a few at a time, and what is already
there is kept, so that an interrupted run goes on. A photo that gives no mesh is counted and named, never left out.
The mesh is the PLY in the frame of the reference's clouds, the one the truth is written in: nothing is aligned.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .evaluate import table
from .meshes import MeshError, compare, read_mesh
from .samples import write_sample

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE_FILES = (".png", "_alpha.png", "_keypoints.json", "_truth.ply", ".json")  # the last one is written last
MESH = "mesh.ply"
Digitize = Callable[[list[Path], Path, Path | None, Path], None]


class Digitizer:
    """`npm run digitize` over photos of one folder; the app is built before the first photo only."""

    def __init__(self, depth: int) -> None:
        self.depth, self.built = depth, False

    def __call__(self, photos: list[Path], samples: Path, pack: Path | None, out: Path) -> None:
        command = ["npm", "run", "--silent", "digitize", "--", *map(str, photos), "--pose", str(samples), "--mask",
                   str(samples), "--depth", str(self.depth), "--out", str(out)]
        command += [] if pack is None else ["--pack", str(pack)]
        command += ["--no-build"] if self.built else []
        self.built = True
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
        (out / "digitize.log").write_text(done.stderr)
        if done.returncode == 2:  # a wrong command line: no photo can work
            raise ValueError(done.stderr.strip().splitlines()[0])


def make_samples(folder: Path, first: int, people: int, views: int) -> list[str]:
    """Names of all samples, made where they are not there yet."""
    names = []
    for seed in range(first, first + people):
        for index in range(views):
            name = f"person_{seed:03d}_{index}"
            if not all((folder / f"{name}{end}").exists() for end in SAMPLE_FILES):
                name = write_sample(seed, index, folder, room=False)
            names.append(name)
    return names


def measure_pack(names: list[str], samples: Path, pack: Path | None, out: Path, digitize: Digitize,
                 points: int, batch: int = 4) -> dict[str, Any]:
    """Means, medians, every row, and the photos that gave no mesh. Resumable: rows.json grows batch by batch."""
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "rows.json"
    rows: dict[str, dict[str, float] | None] = json.loads(kept.read_text()) if kept.exists() else {}
    left = [n for n in names if n not in rows]
    for k in range(0, len(left), batch):
        some = left[k : k + batch]
        digitize([samples / f"{n}.png" for n in some], samples, pack, out)
        for name in some:
            rows[name] = _measure(out / name / MESH, samples, name, points)
            print(f"{out.name} {name}: {rows[name] or 'no mesh'}", flush=True)
        kept.write_text(json.dumps(rows, indent=1))
    good = [rows[n] for n in names if rows[n]]
    failed = [n for n in names if not rows[n]]
    if not good:
        raise ValueError(f"no photo gave a mesh: see {out / 'digitize.log'}")
    keys = list(good[0] or {})
    values = np.array([[r[k] for k in keys] for r in good if r])
    return {"mean": dict(zip(keys, values.mean(0).tolist(), strict=True)),
            "median": dict(zip(keys, np.median(values, 0).tolist(), strict=True)),
            "photos": len(good), "failed": failed, "rows": {n: rows[n] for n in names}}


def _measure(mesh_file: Path, samples: Path, name: str, points: int) -> dict[str, float] | None:
    if not mesh_file.exists():
        return None
    metres = float(json.loads((samples / f"{name}.json").read_text())["metres_per_unit"])
    try:
        mesh, truth = read_mesh(mesh_file), read_mesh(samples / f"{name}_truth.ply")
    except MeshError as error:
        print(f"{name}: {error}", flush=True)
        return None
    for either in (mesh, truth):
        either.v = either.v * metres
    return compare(mesh, truth, points)


def product_command(a: argparse.Namespace) -> None:
    samples = a.out / "samples"
    names = make_samples(samples, a.first, a.people, a.views)
    digitize = Digitizer(a.depth)
    columns: dict[str, dict[str, float]] = {}
    result: dict[str, object] = {"people": a.people, "views": a.views, "depth": a.depth}
    for pack in a.pack or [None]:
        if pack is not None and not pack.exists():
            raise ValueError(f"there is no pack {pack}")
        name = "starter" if pack is None else pack.name.removesuffix(".pth.tar")
        if name == "weights" and pack is not None:
            name = pack.parent.name
        one = measure_pack(names, samples.resolve(), pack and pack.resolve(), (a.out / name).resolve(), digitize,
                           a.samples)
        result[name], columns[name] = one, one["mean"]
        (a.out / "evaluation.json").write_text(json.dumps(result, indent=1))
        if one["failed"]:
            print(f"{name}: no mesh from {', '.join(one['failed'])}")
    print(f"{len(names)} photos of {a.people} held-out people\n{table(columns)}")
