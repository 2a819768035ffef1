"""What the network gets beside the photo: the pose graphs' own outline of the person, and the crop around it.

The outline comes from the very graph that the app runs (`npx tsx cli/pose-graphs.ts DIR` writes `body.onnx`), so that
its habits are learnt: dark hair, socks and fingertips lost, neighbours taken along.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

HEIGHT, WIDTH = 384, 256  # of the network's crop
SIDE = 256  # of the graph
SURE = 64  # of 255: what of the outline the crop has to hold
MARGIN = 0.06  # of the box's height, on every side
LIGHT, MOST_GAIN = 230.0, 6.0  # a dark crop is made so bright (99 of 100 pixels are below), at most so many times
REACH = 0.15  # of the points' height: outline farther away is another person's


class Detector:
    def __init__(self, graph: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def look(self, photo: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Probability f32 [256, 256] of one look; matrix [2, 3] takes photo pixels to the graph's."""
        crop = cv2.warpAffine(photo, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        values = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32) / 255
        logits = self.session.run(["outline"], {"image": values})[0][0, 0]
        return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))

    def outline(self, photo: np.ndarray, keypoints: np.ndarray, rng: np.random.Generator, looks: int = 2) -> np.ndarray:
        """uint8 [h, w]: mean of looks at squares around the person as the app's are."""
        low, high = keypoints.min(0), keypoints.max(0)
        hips = keypoints[[8, 9, 12]].mean(0)
        radius = np.abs(np.stack([low, high]) - hips).max() * 1.08
        h, w = photo.shape[:2]
        total, count = np.zeros((h, w), np.float32), np.zeros((h, w), np.float32)
        middle = hips + rng.normal(0, 0.025, 2) * radius
        turn, base = rng.normal(0, 2.5), 2 * 1.25 * radius * rng.uniform(0.94, 1.1)
        small = photo
        factor = 1.0
        while base * factor > 2.2 * SIDE:  # means, so that nothing is skipped
            small = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            factor /= 2
        for k in range(looks):
            side = base * (1.0, 0.9)[k % 2]
            matrix = cv2.getRotationMatrix2D(tuple(middle), turn, SIDE / side)
            matrix[:, 2] += SIDE / 2 - middle
            scaled = matrix.copy()
            scaled[:, :2] = scaled[:, :2] / factor
            probability = self.look(small, scaled)
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            total = np.add(total, cv2.warpAffine(probability, matrix, (w, h), flags=flags))
            count += cv2.warpAffine(np.ones((SIDE, SIDE), np.float32), matrix, (w, h), flags=flags)
        return np.round(255 * total / np.maximum(count, 1)).astype(np.uint8)


def crop_box(outline: np.ndarray, points: np.ndarray, slack: np.ndarray | None = None) -> tuple[int, int, int, int]:
    """Left, top, width, height of the crop, pixels, 2 : 3, perhaps beyond the picture.

    slack: four shares of the height added left, top, right and bottom (training).
    """
    low, high = points.min(0), points.max(0)
    reach = (high[1] - low[1]) * REACH
    rows, columns = np.nonzero(outline > SURE)
    if len(rows):
        near = (rows > low[1] - reach) & (rows < high[1] + reach)
        near &= (columns > low[0] - reach) & (columns < high[0] + reach)
        rows, columns = rows[near], columns[near]
    left, top, right, bottom = low[0], low[1], high[0], high[1]
    if len(rows):
        left, top = min(left, columns.min()), min(top, rows.min())
        right, bottom = max(right, columns.max() + 1), max(bottom, rows.max() + 1)
    margin = MARGIN * (bottom - top) + (np.zeros(4) if slack is None else slack * (bottom - top))
    left, top, right, bottom = left - margin[0], top - margin[1], right + margin[2], bottom + margin[3]
    width = max(right - left, (bottom - top) * WIDTH / HEIGHT)
    height = width * HEIGHT / WIDTH
    x, y = (left + right - width) / 2, (top + bottom - height) / 2
    return int(np.floor(x)), int(np.floor(y)), int(np.ceil(width)), int(np.ceil(height))


def cut(picture: np.ndarray, box: tuple[int, int, int, int], outside: str = "edge") -> np.ndarray:
    """The box at network size (means of areas); beyond the picture its edge goes on, or nothing is."""
    x, y, w, h = box
    rows, columns = picture.shape[:2]
    around = (max(0, -y), max(0, y + h - rows), max(0, -x), max(0, x + w - columns))
    border = cv2.BORDER_REPLICATE if outside == "edge" else cv2.BORDER_CONSTANT
    whole = cv2.copyMakeBorder(picture, *around, border) if any(around) else picture
    x, y = x + around[2], y + around[0]
    return cv2.resize(whole[y : y + h, x : x + w], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def levelled(crop: np.ndarray) -> np.ndarray:
    """A dark crop uint8 [h, w, 3] made as bright as others are."""
    light = float(np.percentile(crop.max(2), 99))
    gain = min(MOST_GAIN, max(1.0, LIGHT / max(1.0, light)))
    return crop if gain == 1 else np.clip(np.round(crop * np.float32(gain)), 0, 255).astype(np.uint8)
