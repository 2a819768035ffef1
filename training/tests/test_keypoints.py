"""Part fits, crops and pictures against golden numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from statuette_training import keypoints as kp
from statuette_training.forward import affine_window, coarse_image, sample
from statuette_training.pictures import jitter, pad_square

from .conftest import golden_arrays, golden_json

CASES = golden_json("keypoints_affine.json")


@pytest.mark.parametrize("name", sorted(CASES))
def test_fits_and_thetas_of_the_published_poses(name: str) -> None:
    case = CASES[name]
    pose = kp.normalised(np.array(case["pose_padded"]))
    assert np.abs(pose - np.array(case["pose_norm"])).max() < 1e-6
    assert np.abs(kp.part_fits(pose) - np.array(case["fit"]).reshape(12, 2, 3)).max() < 1e-5
    theta = np.array(case["theta"]).reshape(12, 2, 3)
    assert np.abs(kp.part_thetas(np.array(case["pose_padded"])) - theta).max() < 1e-4


def test_no_finger_is_a_named_error() -> None:
    pixels = np.array(CASES[sorted(CASES)[0]]["pose_padded"])[:, :2]
    pixels[23:27] = 0
    with pytest.raises(kp.KeypointError, match="finger"):
        kp.part_thetas(pixels)


def test_openpose_round_trip(tmp_path) -> None:
    pixels = np.array(CASES[sorted(CASES)[0]]["pose_padded"])[:, :2]
    file = tmp_path / "a_keypoints.json"
    file.write_text(json.dumps(kp.openpose_document(pixels)))
    assert np.abs(kp.read_openpose(file, 2048, 2048) - pixels).max() < 1e-2


def test_jitter_and_padding_are_exact() -> None:
    arrays = golden_arrays("unit.npz")
    from statuette_training.deterministic import unit_values

    rgb = np.floor((unit_values("unit/jitter/rgb", 20 * 24 * 3) + 1) * 128).reshape(20, 24, 3)
    want = next(v for k, v in arrays.items() if k.startswith("jitter_") and k.endswith("012"))
    assert np.array_equal(jitter(rgb), want.transpose(1, 2, 0))
    assert pad_square(np.zeros((31, 20, 3), np.uint8), 64).shape == (64, 64, 3)


def test_crop_matrix_agrees_with_the_sampling_grid() -> None:
    theta = np.array([[0.5, 0.1, 0.2], [-0.1, 0.5, -0.3]], np.float32)
    image = torch.zeros(1, 2, 2048, 2048)
    image[0, 0] = torch.arange(2048.0)[None]
    image[0, 1] = torch.arange(2048.0)[:, None]
    m = kp.crop_matrix(theta, 176, 128)
    got = sample(image, affine_window(m, 176, 128, (2048, 2048), torch.device("cpu")))[0, :, 20, 30].numpy()
    assert np.abs(got - m @ np.array([30, 20, 1])).max() < 0.05
    whole = torch.nn.functional.affine_grid(torch.from_numpy(theta)[None], [1, 2, 2048, 2048], align_corners=False)
    canvas = sample(image, whole)[0, :, 1024 - 88 + 20, 1024 - 64 + 30].numpy()
    assert np.abs(got - canvas).max() < 0.05


def test_coarse_image_is_the_mean_of_the_inner_block() -> None:
    x = torch.rand(1, 3, 64, 64)
    want = torch.nn.functional.interpolate(x, size=(8, 8), mode="bilinear", align_corners=False)
    assert (coarse_image(x) - want).abs().max() < 1e-6
