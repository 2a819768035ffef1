"""Errors against ground truth on held-out views, beside plain baselines.

Protocol. Views: whole pictures of people whose clothes combination never occurs in training, true mask and true
keypoints given, the fixed test-time jitter, the coarse depth averaged with that of the mirrored picture as the app's
robust mode does (--no-mirror: asked once, as in its reference mode). Angles: mean over the person's pixels of the angle
between coded normals. Depth: millimetres along the ray at the person's own size, mean absolute error over its pixels;
"shape" after removing the view's median offset. Thickness: back minus front. `final` values are measured where the
final front lies before the back, inside the true mask; IoU compares that region with the true mask. `drawn` is the
final depth redrawn by the merged normals as the app does (relief.py), `rim` the last 16 px inside the outline. `fine`:
how far what is left of the normals inside the outline without a mean over 20 px (folds, seams) agrees with the
truth's; 1 is the same, 0 nothing of it.
Baselines: `mean body` (with --train), the average training person stretched to the matte's box; `flat`, a sheet at
each view's own median depth; `inflated`, the mask blown up like a balloon (half an ellipse over the distance to the
outline, the best single scale for all views).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from . import native
from .forward import ChainResult, chain, grow_box
from .keypoints import part_thetas
from .networks import Model
from .pictures import network_input
from .relief import relief
from .store import FullView, read_full
from .train.stages import detail_correlation

# Part boxes for per-part errors: keypoint rows and radius in D pixels around them.
FACE_RADIUS = 110
# "rim" is this close to the outline, D pixels.
RIM = 16


def angles(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> float:
    """Mean angle in degrees between coded normals [h, w, 3] on mask."""
    p, q = a[mask].astype(np.float64) * 2 - 1, b[mask].astype(np.float64) * 2 - 1
    cosine = (p * q).sum(1) / np.maximum(np.linalg.norm(p, axis=1) * np.linalg.norm(q, axis=1), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())


def coded(depth: np.ndarray) -> np.ndarray:
    """f32 [h, w, 3] coded consistency normals of a depth map in D units."""
    return native.coded_normals(depth).astype(np.float32) / 255


def fine_agreement(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> float:
    """Correlation of the fine parts of coded normals [h, w, 3] on mask, as the part stages report it."""
    p, q = (torch.from_numpy(n).permute(2, 0, 1)[None] for n in (a, b))
    return detail_correlation(p, q, torch.from_numpy(mask)[None, None].float())


def inflate(mask: np.ndarray) -> np.ndarray:
    """f32 [h, w] half thickness in pixels: sqrt of the distance to the outline, rounded like a balloon."""
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return np.sqrt(distance * max(float(distance.max()), 1.0))


def _depth_rows(out: dict[str, float], tag: str, error: np.ndarray, mm: float) -> None:
    out[f"{tag}_raw_mm"] = float(np.abs(error).mean()) * mm
    out[f"{tag}_shape_mm"] = float(np.abs(error - np.median(error)).mean()) * mm


def run_view(model: Model, view: FullView, device: torch.device, mirror: bool = True) -> ChainResult:
    mask = view.on_canvas(view.front) > 0
    picture = torch.from_numpy(network_input(view.on_canvas(view.colour), mask))[None].to(device)
    return chain(model, picture, part_thetas(view.keypoints), grow_box(mask, 48), mirror)


def measure_view(view: FullView, result: ChainResult) -> dict[str, float]:
    """All errors of one view."""
    front, back = (view.on_canvas(d, result.box) for d in (view.front, view.back))
    mask = front > 0
    mm = view.mm_per_unit
    out: dict[str, float] = {}
    s = 8
    coarse = [view.on_canvas(d)[3::s, 3::s] for d in (view.front, view.back)]
    coarse_mask = coarse[0] > 0
    n = result.coarse_normals.cpu().numpy().transpose(1, 2, 0)
    for k, side in enumerate(("front", "back")):
        out[f"coarse_{side}_deg"] = angles(n[..., 3 * k : 3 * k + 3], coded(coarse[k]), coarse_mask)
        error = result.coarse_depth[k].cpu().numpy()[coarse_mask] - coarse[k][coarse_mask] / 512
        _depth_rows(out, f"coarse_{side}", error, mm)
    seen = result.coarse_mask.cpu().numpy()
    out["coarse_iou"] = float((seen & coarse_mask).sum() / (seen | coarse_mask).sum())
    truth = [coded(front), coded(back)]
    merged = result.normals.cpu().numpy().transpose(1, 2, 0)
    final = [result.front.cpu().numpy() * 512, result.back.cpu().numpy() * 512]
    body = final[0] > 0
    both = body & mask
    y, x = (int(v) for v in view.keypoints[0][::-1] - (result.box[0], result.box[2]))
    yy, xx = np.ogrid[: mask.shape[0], : mask.shape[1]]
    face = mask & ((yy - y) ** 2 + (xx - x) ** 2 < FACE_RADIUS**2)
    for k, side in enumerate(("front", "back")):
        out[f"merged_{side}_deg"] = angles(merged[..., 3 * k : 3 * k + 3], truth[k], mask)
        out[f"merged_{side}_fine"] = fine_agreement(merged[..., 3 * k : 3 * k + 3], truth[k], mask)
        out[f"final_{side}_deg"] = angles(coded(final[k]), truth[k], both) if both.any() else 90.0
        _depth_rows(out, f"final_{side}", (final[k] - (front, back)[k])[both] / 512, mm)
    # What the app draws in robust mode: depth redrawn by the merged normals.
    drawn = [relief(d, merged[..., 3 * k : 3 * k + 3]) for k, d in enumerate(final)]
    rim = both & (cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5) < RIM)
    for k, side in enumerate(("front", "back")):
        if not both.any():
            continue
        out[f"drawn_{side}_deg"] = angles(coded(drawn[k]), truth[k], both)
        out[f"drawn_{side}_fine"] = fine_agreement(coded(drawn[k]), truth[k], both)
        out[f"final_{side}_rim_deg"] = angles(coded(final[k]), truth[k], rim)
        out[f"drawn_{side}_rim_deg"] = angles(coded(drawn[k]), truth[k], rim)
        error = (drawn[k] - (front, back)[k])[both] / 512
        out[f"drawn_{side}_shape_mm"] = float(np.abs(error - np.median(error)).mean()) * mm
    if (face & both).any():
        out["face_drawn_deg"] = angles(coded(drawn[0]), truth[0], face & both)
    out["face_merged_deg"] = angles(merged[..., :3], truth[0], face)
    out["face_final_deg"] = angles(coded(final[0]), truth[0], face & both) if (face & both).any() else 90.0
    _depth_rows(out, "face_final", (final[0] - front)[face & both] / 512, mm)
    out["thickness_mm"] = float(np.abs((final[1] - final[0]) - (back - front))[both].mean()) / 512 * mm
    out["final_iou"] = float(both.sum() / (body | mask).sum())
    channel = result.mask.cpu().numpy() > 0.5
    out["mask_channel_iou"] = float((channel & mask).sum() / (channel | mask).sum())
    return out


MEAN_SIZE = (160, 80)  # rows and columns of the mean body's box


def mean_body(folder: Path, most: int = 1000) -> np.ndarray:
    """f32 [2, *MEAN_SIZE]: mean front and back depth (D units, middle of the person 0) over training views."""
    total, count = np.zeros((2, *MEAN_SIZE)), np.zeros(MEAN_SIZE)
    for path in sorted(folder.glob("*.npz"))[:most]:
        with np.load(path) as z:
            depth = np.stack((z["front"], z["back"])).astype(np.float32) / 32
        mask = depth[0] > 0
        rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
        part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        middle = float(np.median(depth.mean(0)[mask]))
        seen = cv2.resize(mask[part].astype(np.float32), MEAN_SIZE[::-1], interpolation=cv2.INTER_LINEAR)
        for k in (0, 1):
            values = np.where(mask[part], depth[k][part] - middle, 0).astype(np.float32)
            total[k] += cv2.resize(values, MEAN_SIZE[::-1], interpolation=cv2.INTER_LINEAR)
        count += seen
    if not count.any():
        raise ValueError(f"no views in {folder}: the mean body needs training views")
    # Where nobody was ever seen the nearest seen value stands in.
    weight = np.maximum(cv2.GaussianBlur(count, (0, 0), 6), 1e-6)
    wide = np.stack([cv2.GaussianBlur(t, (0, 0), 6) / weight for t in total])
    return np.where(count > 5, total / np.maximum(count, 1), wide).astype(np.float32)


def measure_mean_body(views: list[FullView], mean: np.ndarray) -> dict[str, float]:
    """The mean body stretched to each view's box, at the view's own middle depth."""
    rows = []
    for view in views:
        mask = view.front > 0
        ys, xs = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
        part = (slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1))
        size = (part[1].stop - part[1].start, part[0].stop - part[0].start)
        inside = mask[part]
        middle = float(np.median((view.front + view.back)[mask]) / 2)
        guess = [cv2.resize(m, size, interpolation=cv2.INTER_CUBIC) + middle for m in mean]
        row: dict[str, float] = {}
        truth = [view.front[part], view.back[part]]
        for k, side in enumerate(("front", "back")):
            _depth_rows(row, f"final_{side}", (guess[k] - truth[k])[inside] / 512, view.mm_per_unit)
            shape = np.where(inside, guess[k], 0).astype(np.float32)
            row[f"final_{side}_deg"] = angles(coded(shape), coded(truth[k].astype(np.float32)), inside)
        thickness = ((guess[1] - guess[0]) - (truth[1] - truth[0]))[inside]
        row["thickness_mm"] = float(np.abs(thickness).mean()) / 512 * view.mm_per_unit
        rows.append(row)
    return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}


def measure_baselines(views: list[FullView]) -> dict[str, dict[str, float]]:
    """The flat sheet and the inflated mask, as rows like those of a checkpoint."""

    def one(view: FullView, half: np.ndarray, scale: float, normals: bool) -> dict[str, float]:
        mask = view.front > 0
        inner = half[mask]
        middle = float(np.median((view.front + view.back)[mask]) / 2)
        row: dict[str, float] = {}
        for sign, truth, side in ((-1, view.front, "front"), (1, view.back, "back")):
            error = middle + sign * scale * inner - truth[mask]
            _depth_rows(row, f"final_{side}", error[::7] / 512, view.mm_per_unit)
            if normals:
                shape = np.where(mask, middle + sign * scale * half, 0).astype(np.float32)
                row[f"final_{side}_deg"] = angles(coded(shape), coded(truth), mask)
        thickness = (2 * scale * inner - (view.back - view.front)[mask])[::7]
        row["thickness_mm"] = float(np.abs(thickness).mean()) / 512 * view.mm_per_unit
        return row

    def mean(scale: float, normals: bool) -> dict[str, float]:
        rows = [one(v, h, scale, normals) for v, h in zip(views, halves, strict=True)]
        return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}

    halves = [inflate(v.front > 0) for v in views]
    scales = np.linspace(0.2, 1.6, 15)
    means = [mean(s, False) for s in scales]
    best = int(np.argmin([m["final_front_shape_mm"] + m["final_back_shape_mm"] for m in means]))
    return {"flat": mean(0.0, True), "inflated": mean(float(scales[best]), True)}


def evaluate(model: Model, files: list[Path], device: torch.device, pictures: Path | None = None,
             picture_count: int = 6, mirror: bool = True) -> dict[str, Any]:
    """Means, medians and every row for the given views."""
    model.eval().to(device).to(memory_format=torch.channels_last)
    rows = []
    for i, path in enumerate(files):
        view = read_full(path)
        result = run_view(model, view, device, mirror)
        rows.append({"view": view.name, **measure_view(view, result)})
        if pictures is not None and i < picture_count:
            from .pictures_of import chain_sheet, face_sheet

            pictures.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(pictures / f"{view.name}.png"), chain_sheet(view, result))
            cv2.imwrite(str(pictures / f"{view.name}_face.png"), face_sheet(view, result))
    keys = [k for k in rows[0] if k != "view"]
    return {"mean": {k: float(np.mean([r[k] for r in rows])) for k in keys},
            "median": {k: float(np.median([r[k] for r in rows])) for k in keys}, "views": len(rows), "rows": rows}


def table(columns: dict[str, dict[str, float]]) -> str:
    """A Markdown table, one row a measure, one column a set of weights or baseline."""
    keys: list[str] = []
    for values in columns.values():
        keys += [k for k in values if k not in keys]
    lines = ["| measure | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for key in keys:
        three = key.endswith(("iou", "consistency", "fine")) or key.startswith("fscore")
        digits = 3 if three else 2 if "_cm" in key else 1
        cells = [f"{c[key]:.{digits}f}" if key in c else "-" for c in columns.values()]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def evaluate_command(a: argparse.Namespace) -> None:
    from .train.checkpoint import read_weights

    if a.threads:
        torch.set_num_threads(a.threads)
    device = torch.device(a.device)
    files = [p for p in sorted(a.data.glob("*.npz"))][: a.views]
    if not a.baselines and not a.weights:
        raise ValueError("nothing to evaluate: give --weights")
    if not files:
        raise ValueError(f"no views in {a.data}: run `generate --held-out` first")
    views = [read_full(p) for p in files] if a.baselines else []
    out: dict[str, object] = {}
    names = [p.stem for p in files]
    earlier: dict[str, dict[str, float]] = {}
    if a.beside:
        kept = json.loads(a.beside.read_text())
        out |= kept
        for name, value in kept.items():
            if "mean" in value and [r["view"] for r in value["rows"]] != names:
                raise ValueError(f"{a.beside.name} measured other views than those asked for")
            earlier[name] = value.get("mean", value)
    columns = measure_baselines(views) if a.baselines else {}
    if a.train is not None and a.baselines:
        columns = {"mean body": measure_mean_body(views, mean_body(a.train))} | columns
    out |= columns
    for path in a.weights:
        model, _ = read_weights(path)
        name = path.parent.name if path.name == "weights.pth.tar" else path.name.removesuffix(".pth.tar")
        result = evaluate(model, files, device, a.pictures / name if a.pictures else None, a.picture_count, a.mirror)
        out[name] = result
        columns[name] = result["mean"]
    print(table(earlier | columns))
    if a.out:
        a.out.parent.mkdir(parents=True, exist_ok=True)
        a.out.write_text(json.dumps(out, indent=1))
