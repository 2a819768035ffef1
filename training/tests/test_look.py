"""Clay of normals, and the matte of a photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from statuette_training.look import lit, read_photo
from statuette_training.native import coded_normals


def test_slopes_to_the_upper_left_are_bright() -> None:
    y, x = np.mgrid[:40, :40].astype(np.float32)

    # D units grow away from the camera: where they fall to the right the surface faces left, where the light stands.
    def grey(depth: np.ndarray) -> float:
        return float(lit(coded_normals(depth).astype(np.float32) / 255)[20, 20, 0])

    to_right, flat, to_left = (grey(900 + s * 0.5 * x) for s in (1.0, 0, -1.0))
    to_up, to_down = (grey(900 - s * 0.5 * y) for s in (1.0, -1.0))
    assert to_right < flat - 20 and to_left > flat + 20
    assert to_up > flat + 20 > to_down + 40
    assert lit(np.zeros((4, 4, 3), np.float32)).max() == 0


def test_a_photo_is_cut_out_by_alpha_or_by_its_black_ground(tmp_path: Path) -> None:
    image = np.zeros((200, 100, 3), np.uint8)
    image[50:150, 30:70] = (30, 120, 200)
    cv2.imwrite(str(tmp_path / "black.png"), image)
    rgb, mask = read_photo(tmp_path / "black.png")
    assert rgb.shape == (2048, 2048, 3) and mask.mean() == pytest.approx(0.1, abs=0.01)
    assert tuple(rgb[1024, 1024]) == (200, 120, 30)
    alpha = np.dstack([np.full((200, 100, 3), 90, np.uint8), (image[..., 0] > 0) * np.uint8(255)])
    cv2.imwrite(str(tmp_path / "alpha.png"), alpha)
    assert read_photo(tmp_path / "alpha.png")[1].mean() == pytest.approx(0.1, abs=0.01)
    cv2.imwrite(str(tmp_path / "room.png"), np.full((200, 100, 3), 90, np.uint8))
    with pytest.raises(ValueError, match="cut the person out"):
        read_photo(tmp_path / "room.png")
