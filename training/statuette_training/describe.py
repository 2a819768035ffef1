"""The description of a pack for `npm run import-checkpoint -- ... --meta FILE`, its figures from an evaluation."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

# Measure, words, unit: what the page and pack.json say.
MEASURES = tuple(
    (f"{key}_{side}{ending}", words.format(side=side), unit)
    for key, ending, words, unit in (
        ("coarse", "_deg", "coarse normals, {side}, mean angle", "degrees"),
        ("merged", "_deg", "merged normals, {side}, mean angle", "degrees"),
        ("final", "_deg", "normals of the final depth, {side}, mean angle", "degrees"),
        ("final", "_raw_mm", "final depth, {side}, mean error", "mm"),
        ("final", "_shape_mm", "final depth, {side}, mean error without the view's median offset", "mm"))
    for side in ("front", "back")
) + (
    ("face_merged_deg", "face, merged normals, mean angle", "degrees"),
    ("face_final_deg", "face, normals of the final depth, mean angle", "degrees"),
    ("thickness_mm", "thickness, mean error", "mm"),
    ("final_iou", "silhouette of the final depth, intersection over union", ""),
)


def describe(evaluation: dict[str, Any], column: str, about: dict[str, str]) -> dict[str, Any]:
    """`about` plus accuracy. Raises ValueError when the evaluation has no such column of weights."""
    if not isinstance(evaluation.get(column), dict) or "mean" not in evaluation[column]:
        names = [k for k, v in evaluation.items() if isinstance(v, dict) and "mean" in v]
        raise ValueError(f"no weights {column} in the evaluation: it has {', '.join(names) or 'none'}")
    mean = evaluation[column]["mean"]
    # Evaluations from before the coarse normals were called so have their rows as down_.
    mean = {key.replace("down_", "coarse_", 1) if key.startswith("down_") else key: v for key, v in mean.items()}
    rows = [{"measure": words, "value": round(mean[key], 3 if not unit else 1), "unit": unit}
            for key, words, unit in MEASURES]
    flat = evaluation.get("flat")
    note = f"{evaluation[column]['views']} held-out synthetic views with exact masks and keypoints, weights in f32."
    if flat:
        note += (f" A flat sheet at the median depth scores {flat['final_front_shape_mm']:.0f} mm (front) and "
                 f"{flat['final_back_shape_mm']:.0f} mm (back).")
    return {**about, "accuracy": rows, "accuracyNote": f"{note} {about.get('note', '')}".strip()}


def describe_command(a: argparse.Namespace) -> None:
    about = {"id": a.id, "name": a.name, "version": a.version, "licence": a.licence, "trainingData": a.training_data,
             "note": a.note}
    value = describe(json.loads(Path(a.evaluation).read_text()), a.column, about)
    value.pop("note")
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(value, indent=1))
    print(a.out)
