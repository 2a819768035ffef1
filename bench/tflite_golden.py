"""Records what TFLite itself answers, for src/networks/tflite/golden.test.ts.

    pip install ai-edge-litert && python bench/tflite_golden.py   (from the repository's root, after npm install)

Writes tests/golden/pose-graphs.json: of every output of every graph, 48 values evenly spread over it (channels first)
and the largest magnitude, for one invented picture that the test paints too.
"""

import json
import re
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

PACKAGES = Path("node_modules/@mediapipe")
GRAPHS = {
    "person": ("pose/pose_solution_packed_assets", "pose_detection.tflite"),
    "body": ("pose/pose_landmark_full.tflite", None),
    "hand": ("hands/hand_landmark_full.tflite", None),
    "face": ("face_mesh/face_mesh_solution_packed_assets", "face_landmark.tflite"),
}


def tflite(file: str, entry: str | None) -> bytes:
    if entry is None:
        return (PACKAGES / file).read_bytes()
    loader = (PACKAGES / f"{file}_loader.js").read_text()
    pattern = r'"?filename"?:\s*"([^"]+)",\s*"?start"?:\s*(\d+),\s*"?end"?:\s*(\d+)'
    for path, start, end in re.findall(pattern, loader):
        if path.endswith("/" + entry):
            return (PACKAGES / f"{file}.data").read_bytes()[int(start) : int(end)]
    raise SystemExit(f"{file} holds no {entry}")


def picture(side: int) -> np.ndarray:
    """[1, side, side, 3]: tiles of 8 px in 16 steps, each channel of its own."""
    y, x, c = np.meshgrid(np.arange(side) // 8, np.arange(side) // 8, np.arange(3), indexing="ij")
    return (((5 * y + 3 * x * (c + 1) + 7 * c) % 16) / 15).astype(np.float32)[None]


golden = {}
for name, source in GRAPHS.items():
    graph = Interpreter(model_content=tflite(*source), num_threads=1)
    graph.allocate_tensors()
    [image] = graph.get_input_details()
    graph.set_tensor(image["index"], picture(image["shape"][1]))
    graph.invoke()
    golden[name] = {}
    for output in graph.get_output_details():
        values = graph.get_tensor(output["index"])
        flat = (values.transpose(0, 3, 1, 2) if values.ndim == 4 else values).ravel()
        at = np.unique(np.linspace(0, flat.size - 1, 48).astype(int))
        golden[name][output["name"]] = {
            "size": int(flat.size),
            "largest": float(np.abs(flat).max()),
            "at": at.tolist(),
            "values": [float(f"{v:.7g}") for v in flat[at]],
        }
Path("tests/golden/pose-graphs.json").write_text(json.dumps(golden) + "\n")
