"""Mixing networks of several files, and describing the result."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from statuette_training.describe import MEASURES, describe
from statuette_training.mix import mix, parse_takes
from statuette_training.networks import Model, Widths
from statuette_training.train.checkpoint import read_weights, write_official

SMALL = Widths(4, 4, 4, 4)


def _write(path: Path, value: float, widths: Widths = SMALL) -> Path:
    model = Model(widths)
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(value)
    write_official(model, path)
    return path


def _value(path: Path, net: str) -> float:
    model, _ = read_weights(path)
    values = torch.cat([p.detach().flatten() for p in model.get_submodule(net).parameters()])
    assert values.min() == values.max()
    return float(values[0].detach())


def test_named_networks_come_from_the_other_file(tmp_path: Path) -> None:
    one, two = _write(tmp_path / "one.pth.tar", 1.0), _write(tmp_path / "two.pth.tar", 2.0)
    mix(one, parse_takes([f"depth,face={two}"]), tmp_path / "out.pth.tar")
    assert _value(tmp_path / "out.pth.tar", "ImgNorm_to_Dep") == 2
    assert _value(tmp_path / "out.pth.tar", "img2normal_face") == 2
    for net in ("img2normal_down", "img2normal_upper", "refine"):
        assert _value(tmp_path / "out.pth.tar", net) == 1


def test_parts_are_all_five(tmp_path: Path) -> None:
    assert [n for n, _ in parse_takes(["parts=x"])] == ["face", "upper", "arm", "leg", "foot"]
    # The names of earlier versions stay options.
    former = [n for n, _ in parse_takes(["down,depth,refine,shoe=x"])]
    assert former == ["coarse-normals", "coarse-depth", "fine-depth", "foot"]
    with pytest.raises(ValueError, match="no network nose"):
        parse_takes(["nose=x"])


def test_networks_of_any_width_may_come_in(tmp_path: Path) -> None:
    one, wide = _write(tmp_path / "one.pth.tar", 1.0), _write(tmp_path / "w.pth.tar", 2.0, Widths(8, 4, 8, 4))
    mix(one, parse_takes([f"depth,face={wide}"]), tmp_path / "out.pth.tar")
    assert read_weights(tmp_path / "out.pth.tar")[1] == Widths(4, 4, 8, 4, face=8)
    assert _value(tmp_path / "out.pth.tar", "img2normal_face") == 2
    mix(one, parse_takes([f"upper={wide}"]), tmp_path / "upper.pth.tar")
    assert read_weights(tmp_path / "upper.pth.tar")[1] == Widths(4, 4, 4, 4, upper=8)


def test_a_run_state_gives_its_averaged_weights(tmp_path: Path) -> None:
    model = Model(SMALL)
    refine = {k: torch.full_like(v, 5) for k, v in model.refine.state_dict().items()}
    torch.save({"model": model.state_dict(), "average_nets": ["refine"], "average": [refine]}, tmp_path / "state.pt")
    read, _ = read_weights(tmp_path / "state.pt")
    assert float(read.refine.get_parameter("merge3_2.weight")[0, 0].detach()) == 5


def test_a_pack_is_described_by_its_evaluation() -> None:
    mean = {key: 12.345 for key, _, _ in MEASURES}
    evaluation = {"new": {"mean": mean, "views": 7}, "flat": {"final_front_shape_mm": 70.2, "final_back_shape_mm": 60}}
    value = describe(evaluation, "new", {"id": "starter", "version": "2", "note": "More."})
    assert value["version"] == "2" and len(value["accuracy"]) == len(MEASURES)
    assert {r["value"] for r in value["accuracy"]} == {12.3, 12.345}
    assert value["accuracyNote"].startswith("7 held-out") and value["accuracyNote"].endswith("60 mm (back). More.")
    with pytest.raises(ValueError, match="it has new"):
        describe(evaluation, "old", {})
