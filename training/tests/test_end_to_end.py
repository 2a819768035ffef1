"""Four people, two views, twenty steps of every stage: the loss falls, an interruption loses nothing."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from statuette_training.dataset import DataPlan, generate
from statuette_training.networks import Widths
from statuette_training.store import Store, read_full
from statuette_training.train.checkpoint import read_portable, read_weights
from statuette_training.train.pipeline import Settings, run_pipeline
from statuette_training.train.plan import PACKS, Pack, load_plan, tiny_plan
from statuette_training.train.run import PackRun


@pytest.fixture(scope="module")
def data(humans, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("people")
    assert generate(DataPlan(root, views=2, full_every=1), 0, 4, quiet=True) >= 6
    assert generate(DataPlan(root, held_out=True, views=1), 0, 2, quiet=True) >= 1
    return root


def test_generation_is_resumable_and_reproducible(data: Path, tmp_path: Path) -> None:
    assert generate(DataPlan(data, views=2, full_every=1), 0, 4, quiet=True) == 0
    generate(DataPlan(tmp_path, views=2, full_every=1), 0, 1, quiet=True)
    for path in sorted((tmp_path / "train").glob("*.npz")):
        with np.load(path) as a, np.load(data / "train" / path.name) as b:
            assert set(a.files) == set(b.files)
            for key in a.files:
                assert np.array_equal(a[key], b[key]), key


def test_views_are_what_they_say(data: Path) -> None:
    store = Store(data / "train", torch.device("cpu"))
    store.rescan(force=True)
    view = read_full(store.full[0])
    mask = view.front > 0
    assert 0.02 < mask.sum() / 2048**2 < 0.5
    assert (view.back[mask] >= view.front[mask] - 1).all()
    # The body stands around distance 1 (D = 1024): depth within 60 cm of the sheet.
    mm = (view.front[mask] - 1024) / 512 * view.mm_per_unit
    assert np.abs(mm).max() < 1300
    inside = view.keypoints[5:17].round().astype(int) - [view.box[2], view.box[0]]
    assert mask[inside[:, 1], inside[:, 0]].mean() > 0.8


def test_loss_falls_and_interruption_resumes(data: Path, tmp_path: Path) -> None:
    plan = tiny_plan(20)
    settings = Settings(data, tmp_path / "runs", 1.0, ("tiny",), workers=0, plan=plan, out=tmp_path / "out", threads=1)
    device = torch.device("cpu")
    store, held = Store(data / "train", device), Store(data / "held", device)
    store.rescan(force=True)
    held.rescan(force=True)
    cut = PackRun(PACKS["tiny"], plan, 60, settings.runs, device, 1)
    assert not cut.run(store, held, deadline=0.0)  # cut before the first step
    assert run_pipeline(settings)
    records = [json.loads(line) for line in (tmp_path / "runs/tiny/curves.jsonl").read_text().splitlines()]
    for stage in ("joint", "parts", "fine-depth"):
        losses = [r["loss"] for r in records if r.get("stage") == stage and "loss" in r]
        assert losses[-1] < losses[0], stage
    model, widths = read_weights(tmp_path / "runs/tiny/weights.pth.tar")
    assert widths == PACKS["tiny"].widths
    value = torch.load(tmp_path / "runs/tiny/weights.pth.tar", weights_only=True)
    assert list(value) == ["epoch", "model", "best_loss", "model_state_dict", "optimizer_state_dict"]
    small = read_portable(tmp_path / "out")["tiny"]
    assert small["progress"]["stage"] == len(plan.stages)
    for key, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            assert (small["weights"][key] - tensor).abs().max() <= 1e-3 * tensor.abs().max() + 1e-3


def test_coarse_only_people_keep_no_crops(humans, tmp_path: Path) -> None:
    generate(DataPlan(tmp_path, views=1, full_every=1, coarse_only_from=1), 0, 2, quiet=True)
    store = Store(tmp_path / "train", torch.device("cpu"))
    store.rescan(force=True)
    assert len(store) == 2 and store.crop_views == 1
    assert len(store.parts["face"].view) == 1


@pytest.mark.parametrize("name", ["gpu", "cpu", "finetune"])
def test_every_stage_runs_at_its_planned_size(data: Path, tmp_path: Path, name: str) -> None:
    torch.set_num_threads(1)
    plan = load_plan(name)
    stages = tuple(replace(s, steps=1, batch=2, least_seconds=0.0) for s in plan.stages)
    small = replace(plan, stages=stages, fine_depth_views=1, average_batches=1)
    device = torch.device("cpu")
    store, held = Store(data / "train", device), Store(data / "held", device)
    store.rescan(force=True)
    held.rescan(force=True)
    run = PackRun(PACKS["tiny"], small, 1.0, tmp_path, device, 3)
    assert run.run(store, held, deadline=time.monotonic() + 600)


def test_reads_all_views_before_the_first_step_where_the_plan_says_so(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("statuette_training.store.FIRST_READ", 2)
    plan = tiny_plan(1)
    plan = replace(plan, stages=plan.stages[:1], read_first=True)
    assert run_pipeline(Settings(data, tmp_path, 1.0, ("tiny",), workers=0, plan=plan, threads=1, evaluate_views=0))
    first = json.loads((tmp_path / "tiny/curves.jsonl").read_text().splitlines()[0])
    assert first["views"] == len(list((data / "train").glob("*.npz"))) > 2


def test_a_wider_face_begins_as_what_one_network_learned_for_all_parts(data: Path, tmp_path: Path) -> None:
    plan = tiny_plan(2)
    plan = replace(plan, stages=tuple(s for s in plan.stages if s.name == "parts"))
    device = torch.device("cpu")
    store, held = Store(data / "train", device), Store(data / "held", device)
    store.rescan(force=True)
    held.rescan(force=True)
    run = PackRun(Pack("wide-face", Widths(4, 4, 2, 4, face=8), 1.0), plan, 1.0, tmp_path, device, 3)
    before = run.model.part_net("upper").get_parameter("Conv1.conv.0.weight").detach().clone()
    assert run.run(store, held, deadline=time.monotonic() + 600)
    assert not torch.equal(run.model.part_net("upper").get_parameter("Conv1.conv.0.weight"), before)
    x = torch.rand(1, 6, 64, 64)
    with torch.no_grad():
        learned, *others = (run.model.part_net(p)(x) for p in ("upper", "face", "arm", "leg", "foot"))
    # After two steps the statistics of BatchNorm are of two batches: outputs may be large, and round where they are.
    largest = float(learned.abs().max())
    assert largest > 0.01
    assert all(torch.allclose(o, learned, rtol=0, atol=1e-4 * largest) for o in others)


def test_a_dead_generator_raises_at_once(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="no generator"):
        Store(tmp_path, torch.device("cpu")).wait_for(5, 600, lambda: False)
    assert time.monotonic() - start < 5
