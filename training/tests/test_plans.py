"""Plans as files: those of the package are whole, and what is wrong in one is said with its place."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from statuette_training.__main__ import main
from statuette_training.train import stages
from statuette_training.train.plan import FOLDER, KINDS, PlanError, load_plan, plan_of

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
STAGE = {"name": "a", "kind": "parts", "share": 1.0, "batch": 2, "peak_rate": 1e-3}
PLAN = {"least_views": 2, "store_limit": 10, "fine_depth_views": 2, "average_batches": 2}


def test_the_plans_of_the_package_can_be_used() -> None:
    assert NAMES == ["cpu", "finetune", "gpu"]
    for name in NAMES:
        plan = load_plan(name)
        assert plan.stages[-1].kind == "fine-depth"
        assert {s.only for s in plan.stages if s.only} == {"face", "upper", "arm", "leg", "foot"}


def test_every_kind_of_stage_has_a_task() -> None:
    tasks = typing.get_type_hints(stages.make_task)["return"]
    assert set(stages.TASKS) == set(KINDS)
    assert all(issubclass(task, tasks) for task in stages.TASKS.values())


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((FOLDER / "cpu.toml").read_text().replace("share = 0.14", "share = 0.15"))
    assert load_plan(str(path)).stages[-1].share == 0.15
    assert load_plan(str(path)).stages[:-1] == load_plan("cpu").stages[:-1]


@pytest.mark.parametrize(("change", "message"), [
    ({"batch": 2.5}, "'batch' must be a whole number, not 2.5"),
    ({"batch": True}, "'batch' must be a whole number, not True"),
    ({"batch": 0}, "'batch' and 'steps' must be at least 1"),
    ({"share": "much"}, "'share' must be a number, not 'much'"),
    ({"share": 0.5}, "the shares of the stages add up to 0.500"),
    ({"muon": 1}, "'muon' must be true or false, not 1"),
    ({"kind": "hair"}, "'kind' must be one of coarse-normals"),
    ({"only": "nose"}, "'only' must be one of face"),
    ({"kind": "fine-depth", "only": "face"}, "'only' is for stages of kind 'parts'"),
    ({"window": [64]}, "'window' must be two whole numbers"),
    ({"window": [64, 60]}, "multiples of 8"),
    ({"kind": "joint", "window": [72, 64]}, "multiples of 16"),
    ({"rate": 1.0}, "unknown setting 'rate'"),
    ({"peak_rate": None}, "'peak_rate' must be a number, not None"),
])
def test_a_wrong_stage_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match="mine.toml") as raised:
        plan_of(PLAN | {"stages": [STAGE | change]}, "mine.toml")
    assert message in str(raised.value)
    if "share" not in change or "add up" not in message:
        assert "stage 1 (a)" in str(raised.value)


@pytest.mark.parametrize(("given", "message"), [
    (PLAN, "a [[stages]] table"),
    (PLAN | {"stages": []}, "a [[stages]] table"),
    (PLAN | {"stages": [STAGE | {"share": 0.5}] * 2}, "same name"),
    ({"stages": [STAGE], "least_views": 2}, "'store_limit' is missing"),
    (PLAN | {"stages": [STAGE], "store_limit": 0}, "'store_limit' must be above 0"),
    (PLAN | {"stages": [STAGE], "views": 1}, "unknown setting 'views'"),
])
def test_a_wrong_plan_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError) as raised:
        plan_of(given, "mine.toml")
    assert message in str(raised.value)


def test_no_such_plan_and_no_toml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("least_views = \n")
    with pytest.raises(PlanError, match="broken.toml is not a TOML file: .*line 1"):
        load_plan(str(broken))
    assert main(["train", "--minutes", "1", "--plan", "fast", "--data", str(tmp_path)]) == 1
    assert "there is no plan 'fast': choose from cpu, finetune, gpu" in capsys.readouterr().err
