"""Sheets of meshes: a row a person, and a clear word about a picture that was not drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from statuette_training.pictures import read_picture
from statuette_training.pictures_of import SIDES, mesh_sheet


def test_mesh_sheet_has_a_row_a_person_without_empty_ground(tmp_path: Path) -> None:
    for k, name in enumerate(("a", "b")):
        photo = np.zeros((256, 256, 3), np.uint8)
        photo[40:200, 100:150] = 200
        cv2.imwrite(str(tmp_path / f"{name}.png"), photo)
        (tmp_path / "pack" / name).mkdir(parents=True)
        for side in SIDES:
            clay = np.full((240, 160, 3), (20, 26, 28), np.uint8)
            clay[30:210, 60:90] = 120 + k
            cv2.imwrite(str(tmp_path / "pack" / name / f"clay_{side}.png"), clay)
    mesh_sheet(tmp_path, ["a", "b"], [tmp_path / "pack"], tmp_path / "sheet.png", 100)
    sheet = read_picture(tmp_path / "sheet.png")
    assert sheet.shape[0] == 2 * 108
    drawn = (np.abs(sheet.astype(int) - 24).max(2) > 40).any(0)
    assert drawn.mean() > 0.3 and sheet.shape[1] < 5 * 60  # five trimmed panels, not five whole pictures
    (tmp_path / "pack" / "b" / "clay_left.png").unlink()
    with pytest.raises(ValueError, match="clay_left.png"):
        mesh_sheet(tmp_path, ["a", "b"], [tmp_path / "pack"], tmp_path / "sheet.png")
