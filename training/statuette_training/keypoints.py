"""31 keypoints, OpenPose files, and the twelve similarity fits that place the body-part crops.

Order of the 31: nose, eyes L R, ears L R, shoulders, elbows, wrists, hips, knees, ankles (each L R), left big toe,
small toe, heel, the same on the right, four left finger points, four right. Left is the person's own left.
Coordinates for the fits are normalised: x' = 2 x / 2048 - 1. Numbers from docs/method.md#keypoints and #part-fits.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

CANVAS = 2048
COUNT = 31
NAMES = (
    "nose", "leftEye", "rightEye", "leftEar", "rightEar", "leftShoulder", "rightShoulder", "leftElbow",
    "rightElbow", "leftWrist", "rightWrist", "leftHip", "rightHip", "leftKnee", "rightKnee", "leftAnkle",
    "rightAnkle", "leftBigToe", "leftSmallToe", "leftHeel", "rightBigToe", "rightSmallToe", "rightHeel",
    "leftFinger2", "leftFinger3", "leftFinger4", "leftFinger5",
    "rightFinger2", "rightFinger3", "rightFinger4", "rightFinger5",
)
# Index of the mirrored keypoint, for flipped training pictures.
MIRROR = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 20, 21, 22, 17, 18, 19,
                   27, 28, 29, 30, 23, 24, 25, 26])
# BODY_25 row of each of the first 23 keypoints.
BODY_25 = (0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, 19, 20, 21, 22, 23, 24)
FINGERS = (6, 10, 14, 18)

# Crop size (height, width) of each part net.
CROP = {"face": (368, 320), "upper": (528, 336), "arm": (352, 224), "leg": (272, 256), "foot": (176, 128)}
GROUP = ("face", "upper", "arm", "arm", "arm", "arm", "leg", "leg", "leg", "leg", "foot", "foot")
_LEFT_HAND, _RIGHT_HAND = -1, -2
_S = 3 / 128
# (points, targets, limit): the limit is (first, second, threshold), indices into points.
_FITS = (
    ((4, 3), ((-1 / 12, 1 / 24), (1 / 12, 1 / 24)), (0, 1, 1 / 6)),
    ((6, 5, 12, 11), ((-1 / 9, -1 / 6), (1 / 9, -1 / 6), (-1 / 12, 1 / 6), (1 / 12, 1 / 6)), None),
    ((5, 7), ((0, -3 / 16), (0, 1 / 16)), (0, 1, 1 / 4)),
    ((7, 9, _LEFT_HAND), ((0, -2 / 9), (0, 0), (0, 1 / 18)), (0, 2, 5 / 18)),
    ((6, 8), ((0, -3 / 16), (0, 1 / 16)), (0, 1, 1 / 4)),
    ((8, 10, _RIGHT_HAND), ((0, -2 / 9), (0, 0), (0, 1 / 18)), (0, 2, 5 / 18)),
    ((11, 13), ((-_S, -5 / 32), (-_S, 3 / 32)), (0, 1, 1 / 4)),
    ((13, 15), ((-_S, -9 / 64), (-_S, 9 / 64)), (0, 1, 9 / 32)),
    ((12, 14), ((_S, -5 / 32), (_S, 3 / 32)), (0, 1, 1 / 4)),
    ((14, 16), ((_S, -9 / 64), (_S, 9 / 64)), (0, 1, 9 / 32)),
    ((17, 18, 19, 15), ((0, 1 / 24), (0, 1 / 24), (0, -1 / 24), (0, -1 / 24)), None),
    ((20, 21, 22, 16), ((0, 1 / 24), (0, 1 / 24), (0, -1 / 24), (0, -1 / 24)), None),
)


class KeypointError(ValueError):
    """A keypoint table from which a part cannot be placed."""


def stored_part(part: str) -> str:
    """A part's name in checkpoint keys and stored views: the original calls feet shoes."""
    return "shoe" if part == "foot" else part


def normalised(pixels: np.ndarray) -> np.ndarray:
    """[31, >=2] canvas pixels to f64 [31, 2] in [-1, 1]; a coordinate of exactly 0 counts as the canvas centre."""
    p = np.asarray(pixels, np.float64)[:, :2].copy()
    p[p == 0] = CANVAS / 2
    return 2 * p / CANVAS - 1


def part_fits(pose: np.ndarray) -> np.ndarray:
    """Twelve similarity fits f64 [12, 2, 3], image to part, from normalised keypoints [31, 2].

    Raises KeypointError when all finger points of a hand are absent or a fit is singular.
    """
    fits = np.empty((12, 2, 3))
    for row, (points, targets, limit) in enumerate(_FITS):
        p = []
        for i in points:
            if i >= 0:
                p.append(pose[i])
                continue
            hand = pose[23:27] if i == _LEFT_HAND else pose[27:31]
            hand = hand[(hand != 0).all(1)]
            if not len(hand):
                raise KeypointError("no finger point of a hand is known: add at least one")
            p.append(hand.mean(0))
        target = np.array(targets)
        if limit is not None:
            target = target * min(1.0, np.linalg.norm(p[limit[0]] - p[limit[1]]) / limit[2])
        equations = [r for x, y in p for r in ((x, -y, 1, 0), (y, x, 0, 1))]
        a, b, tx, ty = np.linalg.pinv(np.array(equations)) @ target.reshape(-1)
        fits[row] = ((a, -b, tx), (b, a, ty))
    return fits


def invert_affines(affines: np.ndarray) -> np.ndarray:
    """[..., 2, 3] affine maps to their inverses. Raises KeypointError when one is singular."""
    linear = affines[..., :2]
    if (np.abs(np.linalg.det(linear)) < 1e-12).any():
        raise KeypointError("two defining keypoints of a part coincide")
    inverse = np.linalg.inv(linear)
    return np.concatenate([inverse, -inverse @ affines[..., 2:]], -1)


def part_thetas(pixels: np.ndarray) -> np.ndarray:
    """f32 [12, 2, 3], part crop to image, from 31 keypoints in canvas pixels."""
    return invert_affines(part_fits(normalised(pixels))).astype(np.float32)


def crop_matrix(theta: np.ndarray, height: int, width: int, source: int = CANVAS) -> np.ndarray:
    """f64 [2, 3] map of crop pixel (x, y) to source pixel, for a centre crop of a 2048 canvas sampled with theta."""
    linear, shift = theta[:, :2].astype(np.float64), theta[:, 2].astype(np.float64)
    corner = np.array([0.5 - width // 2, 0.5 - height // 2])
    k = source / CANVAS
    return np.concatenate([linear * k, ((linear @ corner) * k + shift * source / 2 - 0.5 + source / 2)[:, None]], 1)


def read_openpose(path: Path, width: int, height: int) -> np.ndarray:
    """f64 [31, 2] canvas pixels from an OpenPose 1.x file of a picture of the given size (first person only)."""
    people = json.loads(Path(path).read_text())["people"]
    if not people:
        raise KeypointError(f"{Path(path).name} holds no person")

    def table(name: str) -> np.ndarray:
        return np.asarray(people[0][name], np.float64).reshape(-1, 3)

    body, left, right = table("pose_keypoints_2d"), table("hand_left_keypoints_2d"), table("hand_right_keypoints_2d")
    if len(body) != 25 or len(left) != 21 or len(right) != 21:
        raise KeypointError(f"{Path(path).name}: expected BODY_25 with both hands (25, 21, 21 points)")
    rows = [body[i] for i in BODY_25]
    for ear, eye in ((3, 1), (4, 2)):
        if not rows[ear][:2].any():
            rows[ear] = rows[eye]
    rows += [left[i] for i in FINGERS] + [right[i] for i in FINGERS]
    p = np.array(rows)[:, :2].copy()
    p += [(height - width) // 2 if height > width else 0, (width - height) // 2 if height < width else 0]
    return p * CANVAS / max(width, height)


def openpose_document(pixels: np.ndarray, confidence: float = 0.9) -> dict:
    """The OpenPose 1.3 document of 31 canvas keypoints; rows of zeros stay absent (neck and mid-hip are means)."""
    def row(p: np.ndarray) -> list[float]:
        return [float(p[0]), float(p[1]), confidence] if np.any(p) else [0.0, 0.0, 0.0]

    body = np.zeros((25, 3))
    for k, i in enumerate(BODY_25):
        body[i] = row(pixels[k])
    for i, (a, b) in ((1, (5, 6)), (8, (11, 12))):
        if np.any(pixels[a]) and np.any(pixels[b]):
            body[i] = row((pixels[a] + pixels[b]) / 2)
    hands = []
    for wrist, first in ((9, 23), (10, 27)):
        hand = np.zeros((21, 3))
        hand[0] = row(pixels[wrist])
        for k, i in enumerate(FINGERS):
            hand[i] = row(pixels[first + k])
        hands.append(hand)

    def flat(a: np.ndarray) -> list[float]:
        return [round(float(v), 3) for v in a.ravel()]

    person = {"person_id": [-1], "pose_keypoints_2d": flat(body), "face_keypoints_2d": [],
              "hand_left_keypoints_2d": flat(hands[0]), "hand_right_keypoints_2d": flat(hands[1])}
    return {"version": 1.3, "people": [person]}
