"""Weights in the app's own packs are read back; broken files are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from statuette_training.networks import STARTER
from statuette_training.train.checkpoint import read_safetensors, read_weights

from .conftest import REPOSITORY

STARTER_PACK = REPOSITORY / "public" / "packs" / "starter"


def test_the_starter_pack_goes_into_the_model() -> None:
    model, widths = read_weights(STARTER_PACK)
    assert widths == STARTER
    with torch.no_grad():
        normals = model.eval().img2normal_down(torch.zeros(1, 3, 32, 32))
    assert torch.isfinite(normals).all() and normals.std() > 0


def _file(path: Path, entries: dict, data: bytes) -> Path:
    head = json.dumps(entries).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)
    return path


def test_values_and_shapes(tmp_path: Path) -> None:
    half = np.array([[1.5, -2.0]], np.float16)
    path = _file(tmp_path / "a.safetensors",
                 {"__metadata__": {"x": "y"}, "a": {"dtype": "F16", "shape": [1, 2], "data_offsets": [0, 4]}},
                 half.tobytes())
    out = read_safetensors(path)
    assert list(out) == ["a"] and out["a"].dtype == torch.float32 and out["a"].tolist() == [[1.5, -2.0]]


def test_bytes_are_worth_their_row_s_scale(tmp_path: Path) -> None:
    codes, scales = np.array([[127, -1], [2, 0]], np.int8), np.array([0.5, 0.25], np.float32)
    path = _file(tmp_path / "a.safetensors",
                 {"a.scale": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                  "a": {"dtype": "I8", "shape": [2, 2], "data_offsets": [8, 12]}},
                 scales.tobytes() + codes.tobytes())
    out = read_safetensors(path)
    assert list(out) == ["a"] and out["a"].tolist() == [[63.5, -0.5], [0.5, 0.0]]


@pytest.mark.parametrize("data", [b"", b"\x00" * 3], ids=["empty", "short"])
def test_a_file_cut_short_is_named(tmp_path: Path, data: bytes) -> None:
    path = _file(tmp_path / "cut.safetensors", {"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}, data)
    with pytest.raises(ValueError, match="cut.safetensors is not a whole"):
        read_safetensors(path)
    path.write_bytes(b"not one at all")
    with pytest.raises(ValueError, match="not a whole"):
        read_safetensors(path)
