"""The network for the far side: what it learns from, how it starts, that it trains and becomes a file of a pack."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from statuette_training.back.network import BackNet
from statuette_training.back.pairs import SIDE, cells, front_light, lit, same_cloth
from statuette_training.back.train import FILE, Pairs, batch, errors, export_back, train
from statuette_training.matte.export import name_in_pack


def test_cells_are_means_of_the_person_alone() -> None:
    image = np.zeros((2048, 2048, 3), np.uint8)
    mask = np.zeros((2048, 2048), bool)
    image[80:88, 40:44], image[80:88, 44:48] = 100, 250
    mask[80:88, 40:44] = True
    out = cells(image, mask)
    assert out.shape == (SIDE, SIDE, 3)
    assert (out[10, 5] == 100).all()
    assert out.sum() == 300


def test_the_light_of_the_front_is_given_to_the_far_side() -> None:
    rng = np.random.default_rng(1)
    plain = rng.integers(60, 200, (64, 64, 3), np.uint8)
    gain = np.array([0.5, 0.7, 0.9], np.float32)
    photo, mask = lit(plain, gain), np.ones((64, 64), bool)
    assert np.allclose(front_light(photo, plain, mask), gain, rtol=0.02)
    assert np.abs(lit(plain, front_light(photo, plain, mask)).astype(int) - photo).max() <= 2


def test_cloth_is_the_same_when_its_stripes_have_another_phase_but_not_when_its_colour_differs() -> None:
    x = np.arange(SIDE)
    stripes = np.repeat(np.where(x // 3 % 2, 160.0, 90.0)[None, :, None], SIDE, 0).repeat(3, 2).astype(np.float32)
    shifted = np.roll(stripes, 3, 1)
    mask = np.ones((SIDE, SIDE), bool)
    middle = (slice(20, 230), slice(20, 230))
    assert same_cloth(stripes, shifted, mask)[middle].mean() > 0.95
    plain = np.full_like(stripes, 125.0)
    assert same_cloth(plain, plain + 5, mask)[middle].all()
    assert not same_cloth(plain, plain + 40, mask)[middle].any()
    assert same_cloth(stripes, plain, mask)[middle].mean() < 0.05  # striped in front only
    assert not same_cloth(plain, plain, np.zeros_like(mask)).any()


def test_at_first_the_far_side_looks_like_the_near_one() -> None:
    x = torch.rand(1, 4, 32, 32)
    with torch.no_grad():
        out = BackNet().eval()(x)
    assert out.shape == (1, 4, 32, 32)
    assert float((out[:, :3] - x[:, :3]).abs().max()) < 0.2
    assert float(out[:, 3].min()) > 0.6


def _pair(folder: Path, name: str, seed: int) -> None:
    """A person whose back is of another colour than the front."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((SIDE, SIDE), bool)
    mask[40:220, 90:160] = True
    front, target = (np.zeros((SIDE, SIDE, 3), np.uint8) for _ in range(2))
    front[mask], target[mask] = rng.integers(40, 220, 3), (20, 120, 220)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / f"{name}.npz", front=front, cover=mask.astype(np.uint8) * 255, target=target,
             same=np.zeros((SIDE, SIDE), np.uint8))


def test_light_and_colours_of_both_sides_change_together(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    _pair(folder, "000001_0", 1)
    with np.load(folder / "000001_0.npz") as z:
        arrays = dict(z)
    arrays["target"] = arrays["front"]
    np.savez(folder / "000001_0.npz", **arrays)
    x, weight = batch(Pairs(folder), np.random.default_rng(3))
    inside = (weight > 0).expand(-1, 3, -1, -1)
    assert x.shape[1] == 8 and inside.any()
    assert float((x[:, :3] - x[:, 4:7])[inside].abs().mean()) < 0.02  # grain alone
    assert float(weight.max()) == 5  # the head


def test_it_trains_goes_on_and_becomes_a_file_that_the_pack_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuette_training.back.train.WINDOW", (48, 32))
    monkeypatch.setattr("statuette_training.back.train.BATCH", 4)
    monkeypatch.setattr("statuette_training.back.train.AVERAGE", 0.9)
    for k in range(3):
        _pair(tmp_path / "data" / "train", f"00000{k}_0", k)
    _pair(tmp_path / "data" / "held", "900000_0", 9)
    train(tmp_path / "data", tmp_path / "run", minutes=9, steps=60)
    network = train(tmp_path / "data", tmp_path / "run", minutes=9, steps=140)
    assert torch.load(tmp_path / "run" / "state.pt", weights_only=True)["step"] == 140
    measured = errors(network.eval(), Pairs(tmp_path / "data" / "held"))
    assert measured["whole"] < 0.95 * measured["front_whole"]

    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "pack.json").write_text('{"optional": [{"network": "matte", "name": "matte.onnx"}]}')
    export_back(network.eval(), pack / FILE)
    entry = name_in_pack(pack, "back", FILE, "CC0-1.0", "three pairs", True)
    assert entry["bytes"] == (pack / FILE).stat().st_size
    assert [e["network"] for e in json.loads((pack / "pack.json").read_text())["optional"]] == ["matte", "back"]
    x = np.random.default_rng(2).random((1, 4, SIDE, SIDE), np.float32)
    (theirs,) = onnxruntime.InferenceSession(str(pack / FILE)).run(None, {"image": x})
    with torch.no_grad():
        mine = network.eval()(torch.from_numpy(x)).numpy()
    assert np.abs(theirs - mine).max() < 0.03  # weights in 8 bits and in half precision


def test_without_pairs_it_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="back-pairs"):
        train(tmp_path, tmp_path / "run", minutes=1)
