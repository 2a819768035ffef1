"""Both packs in processes side by side: tracks end, awaited networks come, another machine goes on from small files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from statuette_training.dataset import DataPlan, generate
from statuette_training.networks import PART_NETS, STARTER, Model, initialise_for_training
from statuette_training.train.awaited import AwaitedNetwork, awaited_networks
from statuette_training.train.checkpoint import read_portable, read_weights, save_atomically, write_official
from statuette_training.train.plan import PACKS, load_plan
from statuette_training.train.session import TRACKS, Session, run_session


def test_tracks_cover_every_network_once_and_every_stage() -> None:
    for pack in ("starter", "starter-large"):
        mine = [t for t in TRACKS if t.pack == pack]
        names = [n for t in mine for n in t.networks]
        assert sorted(names) == sorted(("coarse-normals", "coarse-depth", *PART_NETS))
        assert {s for t in mine for s in t.stages} <= {s.name for s in load_plan("gpu").stages}


def test_an_awaited_network_is_taken_at_the_end_of_the_stage(tmp_path: Path) -> None:
    torch.manual_seed(1)
    source, target = Model(PACKS["tiny"].widths), Model(PACKS["tiny"].widths)
    path = tmp_path / "state.pt"
    (network,) = awaited_networks([f"coarse-normals={path}"])
    assert not network.take(target)  # nothing there yet
    for stage, taken in ((0, False), (1, True)):
        save_atomically({"model": source.state_dict(), "progress": {"stage": stage}, "average_nets": None,
                         "average": None}, path)
        network._looked = network._changed = -1e9
        assert network.take(target) is taken
        a, b = (m.img2normal_down.get_parameter("Conv4.conv.0.weight") for m in (target, source))
        same = torch.equal(a, b)
        assert same is taken
    assert not network.take(target)  # once
    with pytest.raises(ValueError, match="no network"):
        awaited_networks(["hat=x"])
    assert AwaitedNetwork("coarse-normals", tmp_path / "absent").take(target) is False


def test_session_ends_delivers_and_goes_on_elsewhere(humans, tmp_path: Path) -> None:
    generate(DataPlan(tmp_path, views=2, full_every=1), 0, 5, quiet=True)
    generate(DataPlan(tmp_path, held_out=True, views=1), 0, 2, quiet=True)
    torch.manual_seed(2)
    first = Model(STARTER)
    initialise_for_training(first)
    write_official(first, tmp_path / "first.pth.tar")
    session = Session(tmp_path, tmp_path / "runs", tmp_path / "out", 2.0, 0.5, 20.0, "cpu",
                      tmp_path / "first.pth.tar", extra=("--tiny-steps", "1"))
    assert run_session(session)
    packs = read_portable(tmp_path / "out")
    assert sorted(packs) == ["starter", "starter-large"]
    key = "img2normal_down.Conv4.conv.0.weight"
    assert not torch.equal(packs["starter"]["weights"][key], first.state_dict()[key].half().float())  # it was trained
    large, widths = read_weights(tmp_path / "runs" / "large-parts" / "starter-large" / "weights.pth.tar")
    assert widths == PACKS["starter-large"].widths
    curves = [json.loads(line) for line in (tmp_path / "out" / "curves.jsonl").read_text().splitlines()]
    ended = {(r["track"], r["stage"]) for r in curves if r.get("event") == "end"}
    assert ended == {(t.name, s) for t in TRACKS for s in t.stages if s != "parts"} | {
        ("fine-depth-starter", "fine-depth"), ("fine-depth-starter-large", "fine-depth")}

    elsewhere = Session(tmp_path, tmp_path / "new", tmp_path / "new-out", 0.0, 0.5, 20.0, "cpu",
                        resume=tmp_path / "out", extra=("--tiny-steps", "1"))
    assert run_session(elsewhere)
    begun, _ = read_weights(tmp_path / "new" / "starter.start.pth.tar")
    assert torch.equal(begun.state_dict()[key], packs["starter"]["weights"][key])
