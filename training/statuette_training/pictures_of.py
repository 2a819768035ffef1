"""Pictures for people to look at: sheets of random people, and all stages of one view side by side."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from . import native
from .forward import ChainResult
from .pictures import read_picture
from .relief import relief
from .store import FullView


def clay(depth: np.ndarray, back: bool = False) -> np.ndarray:
    """uint8 [h, w, 3]: the relief of a depth map in D units, lit from the upper left; 0 where empty."""
    mask = depth > 100
    weight = np.maximum(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0), 0.3)
    d = cv2.GaussianBlur(np.where(mask, depth, 0).astype(np.float32), (0, 0), 1.0) / weight
    gy, gx = np.gradient(-d if back else d)
    length = np.sqrt(gx * gx + gy * gy + 1)
    light = np.array([0.45, 0.5, 0.75]) / np.linalg.norm([0.45, 0.5, 0.75])
    shade = 0.12 + 0.88 * np.clip((gx * light[0] + gy * light[1] + light[2]) / length, 0, 1)
    shade[~mask] = 0
    return np.repeat((shade * 235).astype(np.uint8)[..., None], 3, 2)


def drawn(result: ChainResult, side: int) -> np.ndarray:
    """f32 [h, w] D units: front (0) or back (1) as the app's robust mode draws it."""
    depth = (result.front, result.back)[side].cpu().numpy() * 512
    normals = result.normals.cpu().numpy().transpose(1, 2, 0)
    return relief(depth, normals[..., 3 * side : 3 * side + 3])


def chain_sheet(view: FullView, result: ChainResult, height: int = 620) -> np.ndarray:
    """BGR picture: photo, merged normals front and back, clay of front and back as drawn, clay of the truth."""
    box = result.box
    merged = np.clip(result.normals.cpu().numpy().transpose(1, 2, 0) * 255, 0, 255).astype(np.uint8)
    panels = [view.on_canvas(view.colour, box), merged[..., :3], merged[..., 3:],
              clay(drawn(result, 0)), clay(drawn(result, 1), True),
              clay(view.on_canvas(view.front, box)), clay(view.on_canvas(view.back, box), True)]
    row = np.hstack(panels)
    return cv2.resize(row[..., ::-1], None, fx=height / row.shape[0], fy=height / row.shape[0],
                      interpolation=cv2.INTER_AREA)


FACE_PIXELS = 150  # half the side of the square around the nose that face_sheet shows
PANELS = 7  # of chain_sheet: photo, merged front and back, clay front and back, true clay front and back


def face_sheet(view: FullView, result: ChainResult, side: int = 210) -> np.ndarray:
    """BGR picture of the head: photo, merged normals, clay of the front as drawn, clay of the truth."""
    box = result.box
    merged = np.clip(result.normals.cpu().numpy().transpose(1, 2, 0)[..., :3] * 255, 0, 255).astype(np.uint8)
    panels = [view.on_canvas(view.colour, box), merged, clay(drawn(result, 0)),
              clay(view.on_canvas(view.front, box))]
    x, y = (int(v) for v in view.keypoints[0] - (box[2], box[0]))
    y -= FACE_PIXELS // 6  # the middle of a head lies above its nose
    r = FACE_PIXELS
    around = [np.pad(p, ((r, r), (r, r), (0, 0)))[y : y + 2 * r, x : x + 2 * r] for p in panels]
    return np.hstack([cv2.resize(p[..., ::-1], (side, side), interpolation=cv2.INTER_AREA) for p in around])


def before_after(before: Path, after: Path, count: int, out: Path, height: int = 250) -> int:
    """One picture of two folders that `evaluate --pictures` wrote: a row a view. Returns the number of rows.

    Columns: photo; front normals, front clay and back clay, each before and after; true clay; then the head: photo,
    clay before, after, true.
    """
    rows: list[tuple[np.ndarray, np.ndarray]] = []
    for path in sorted(p for p in before.glob("*.png") if not p.stem.endswith("_face")):
        files = [folder / f"{path.stem}{end}.png" for folder in (before, after) for end in ("", "_face")]
        if len(rows) == count or not all(f.exists() for f in files):
            continue
        old, old_face, new, new_face = (read_picture(f) for f in files)
        a, b = (np.array_split(x, [x.shape[1] * k // PANELS for k in range(1, PANELS)], 1) for x in (old, new))
        c, d = (np.hsplit(x, 4) for x in (old_face, new_face))
        body = np.hstack([a[0], a[1], b[1], a[3], b[3], a[5], a[4], b[4], a[6]])
        body = cv2.resize(body, (round(body.shape[1] * height / body.shape[0]), height), interpolation=cv2.INTER_AREA)
        head = cv2.resize(np.hstack([c[0], c[2], d[2], c[3]]), (height * 4, height), interpolation=cv2.INTER_AREA)
        rows.append((body, head))
    if not rows:
        raise ValueError(f"no view with pictures in both {before} and {after}: run `evaluate --pictures` for both")
    wide = max(b.shape[1] for b, _ in rows)
    padded = [np.hstack([np.pad(b, ((0, 0), (0, wide - b.shape[1]), (0, 0))), h]) for b, h in rows]
    out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out), np.vstack(padded), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return len(rows)


SIDES = ("front", "left", "back", "right")


def _trimmed(picture: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Cut to the columns and rows that differ from the ground colour, with a small margin."""
    other = (np.abs(picture.astype(int) - ground).max(2) > 12)
    ys, xs = np.nonzero(other.any(1))[0], np.nonzero(other.any(0))[0]
    if not len(ys):
        return picture
    return picture[max(0, ys[0] - 6) : ys[-1] + 7, max(0, xs[0] - 6) : xs[-1] + 7]


def mesh_sheet(samples: Path, names: list[str], folders: list[Path], out: Path, height: int = 300) -> None:
    """A row a person: the photo, then clay pictures of the mesh from four sides, for every folder.

    folders: hold NAME/clay_SIDE.png, as `npm run views -- MESH.glb --looks clay --sides front,left,back,right` writes.
    """
    rows = []
    for name in names:
        photo = read_picture(samples / f"{name}.png")
        panels = [_trimmed(photo, np.zeros(3, int))]
        for folder in folders:
            files = [folder / name / f"clay_{side}.png" for side in SIDES]
            missing = next((f for f in files if not f.exists()), None)
            if missing is not None:
                raise ValueError(f"there is no {missing}: draw it with `npm run views`")
            pictures = [read_picture(f) for f in files]
            panels += [_trimmed(p, p[0, 0].astype(int)) for p in pictures]
        scaled = [cv2.resize(p, (round(p.shape[1] * height / p.shape[0]), height), interpolation=cv2.INTER_AREA)
                  for p in panels]
        rows.append(np.hstack([np.pad(p, ((4, 4), (6, 6), (0, 0)), constant_values=24) for p in scaled]))
    wide = max(r.shape[1] for r in rows)
    sheet = np.vstack([np.pad(r, ((0, 0), (0, wide - r.shape[1]), (0, 0)), constant_values=24) for r in rows])
    out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out), sheet, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def people_sheet(first: int, count: int, path: Path, height: int = 620) -> None:
    """Random people: colour, front clay, back clay."""
    from .assets import open_assets
    from .people.person import make_person
    from .render import random_placement, render_view

    rows = []
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        view = render_view(make_person(open_assets(), seed), random_placement(rng), rng)
        if view is None:
            continue
        row = np.hstack([view.colour, native.coded_normals(view.front), clay(view.front), clay(view.back, True)])
        scale = height / row.shape[0]
        rows.append(cv2.resize(row[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(path), np.hstack(rows))


def draped_sheet(seeds: list[int], path: Path, height: int = 560, across: int = 2, drapes: Path | None = None) -> None:
    """People in simulated clothes: colour and clay of the front, clay of the side and of the back."""
    from .assets import open_assets
    from .drape.store import DrapeStore
    from .people.draped import DrapeError, make_draped
    from .render import Placement, render_view

    store, cells = None if drapes is None else DrapeStore(drapes), []
    for seed in seeds:
        try:
            person = make_draped(open_assets(), seed, store=store)
        except DrapeError as error:
            print(error)
            continue
        panels = []
        for yaw in (0.0, 70.0):
            rng = np.random.default_rng(seed)
            view = render_view(person, Placement(yaw, scale=1.0), rng)
            if view is None:
                continue
            panels += [view.colour, clay(view.front)] if yaw == 0 else [clay(view.front)]
            if yaw == 0:
                back = clay(view.back, True)[:, ::-1]
        row = np.hstack([cv2.resize(p, None, fx=height / p.shape[0], fy=height / p.shape[0],
                                    interpolation=cv2.INTER_AREA) for p in (*panels, back)])
        row = np.ascontiguousarray(row[..., ::-1])
        cv2.putText(row, f"{seed} {person.combination}", (6, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1,
                    cv2.LINE_AA)
        cells.append(row)
    width = max(c.shape[1] for c in cells)
    cells = [np.pad(c, ((0, 0), (0, width - c.shape[1]), (0, 0))) for c in cells]
    rows = [np.hstack(cells[k : k + across]) for k in range(0, len(cells), across)]
    width = max(r.shape[1] for r in rows)
    cv2.imwrite(str(path), np.vstack([np.pad(r, ((0, 0), (0, width - r.shape[1]), (0, 0))) for r in rows]))
