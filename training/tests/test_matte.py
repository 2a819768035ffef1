"""The matte network's data and training, at a tiny size. Needs the packed people, rooms and the body graph."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from statuette_training.matte.cutouts import Cutout, _with_strands, read_cutout, write_cutouts  # noqa: E402
from statuette_training.matte.detector import HEIGHT, WIDTH, crop_box, cut, levelled  # noqa: E402
from statuette_training.matte.export import export_matte, load_network, name_in_pack  # noqa: E402
from statuette_training.matte.held import write_held_scenes  # noqa: E402
from statuette_training.matte.network import MOST, OUTLINE_SAYS, TRUNK_SAYS, MatteNetwork, guarded  # noqa: E402
from statuette_training.matte.train import matte_loss, train  # noqa: E402
from statuette_training.pictures import read_picture  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = REPOSITORY.parent / "shared" / "light"


def _ball(colour: tuple[int, int, int]) -> Cutout:
    """A disc of 300 px with 31 points on it, for tests that need no people."""
    y, x = np.mgrid[:600, :300]
    inside = ((x - 150) / 140) ** 2 + ((y - 300) / 290) ** 2 < 1
    rgba = np.zeros((600, 300, 4), np.uint8)
    rgba[inside] = (*colour, 255)
    points = np.stack([np.full(31, 150), np.linspace(30, 570, 31)], 1).astype(np.float32)
    return Cutout(rgba, points)


@pytest.fixture(scope="session")
def body_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs")
    command = ["npx", "tsx", "cli/pose-graphs.ts", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"the body graph could not be made: {done.stderr[-200:]}")
    return folder / "body.onnx"


def test_crop_is_two_to_three_and_holds_the_person() -> None:
    outline = np.zeros((400, 300), np.uint8)
    outline[50:350, 100:180] = 255
    points = np.array([[110.0, 60.0], [170.0, 340.0]])
    x, y, w, h = crop_box(outline, points)
    assert abs(w / h - WIDTH / HEIGHT) < 0.01
    assert x < 100 and y < 50 and x + w > 180 and y + h > 350
    # Another person's outline, far from the points, is not asked for.
    outline[50:350, 270:] = 255
    assert crop_box(outline, points) == (x, y, w, h)


def test_cut_goes_on_beyond_the_picture() -> None:
    picture = np.full((100, 100, 3), 7, np.uint8)
    assert (cut(picture, (-50, -50, 200, 300)) == 7).all()
    assert cut(picture[..., 0], (-50, -50, 200, 300), "nothing").min() == 0


def test_strands_only_add() -> None:
    ball = _ball((90, 60, 40))
    hair = np.zeros((600, 300), bool)
    hair[:200] = ball.rgba[:200, :, 3] > 0
    out = _with_strands(ball.rgba, hair, np.random.default_rng(3))
    assert (out[..., 3] >= ball.rgba[..., 3].astype(int) - 1).all()
    assert (out[..., 3] > ball.rgba[..., 3]).sum() > 20


@pytest.mark.skipif(not ROOMS.is_dir(), reason="no pictures of rooms beside the repository")
def test_every_kind_of_scene_has_the_true_alpha(tmp_path: Path) -> None:
    from statuette_training.assets import open_assets
    from statuette_training.matte.scenes import KINDS, Surroundings, compose

    surroundings = Surroundings(open_assets(), ROOMS, False)
    for kind in KINDS:
        rng = np.random.default_rng(4)
        alone = compose(_ball((200, 30, 30)), None, 160, surroundings, rng, kind)
        assert alone.photo.shape == (160, 160, 3) and alone.alpha.shape == (160, 160)
        assert 0.1 < alone.alpha.mean() < 0.6 and alone.alpha.max() <= 1
        inside = alone.alpha > 0.99
        if kind == "black":
            assert alone.photo[inside].mean() > alone.photo[alone.alpha == 0].mean() + 20
    both = compose(_ball((200, 30, 30)), _ball((30, 200, 30)), 160, surroundings, np.random.default_rng(5), "room")
    assert both.kind == "two people" and both.alpha.mean() < 0.6


def test_network_starts_with_what_the_body_graph_says(body_graph: Path) -> None:
    import onnxruntime

    network = MatteNetwork(body_graph)
    image = torch.rand(1, 4, 256, 256, generator=torch.Generator().manual_seed(1))
    logits = onnxruntime.InferenceSession(str(body_graph)).run(["outline"], {"image": image[:, :3].numpy()})[0]
    with torch.no_grad():
        assert np.abs(network.trunk(image[:, :3])[3].numpy() - logits).max() < 0.001 * np.abs(logits).max()
        whole = torch.rand(1, 4, HEIGHT, WIDTH)
        base = network.seen(whole)[3]
        found = network(whole)
    bent = torch.nn.functional.interpolate(base / (1 + base.abs() / MOST), size=(HEIGHT, WIDTH), mode="bilinear")
    outline = torch.logit(whole[:, 3:].clamp(0.02, 0.98))
    assert (found - TRUNK_SAYS * bent - OUTLINE_SAYS * outline).abs().max() < 1e-4


def test_a_dark_crop_is_shown_brighter() -> None:
    for light, shown in ((115, 230), (20, 120), (240, 240)):
        assert (levelled(np.full((30, 20, 3), light, np.uint8)) == shown).all()


def test_the_answer_stays_near_the_detectors_outline() -> None:
    outline = torch.zeros(1, 1, 80, 80)
    outline[..., 20:60, 20:60] = 1
    everything, nothing = guarded(torch.ones_like(outline), outline), guarded(torch.zeros_like(outline), outline)
    assert everything[0, 0, 40, 64] == 1 and everything[0, 0, 40, 70] == 0
    assert nothing[0, 0, 40, 40] == 1 and nothing[0, 0, 40, 57] == 0


def test_loss_prefers_the_truth() -> None:
    alpha = torch.zeros(1, 1, 32, 32)
    alpha[..., 8:24, 8:24] = 1
    right, wrong = 8 * (alpha * 2 - 1), 8 * (alpha.roll(3, 2) * 2 - 1)
    assert matte_loss(right, alpha) < 0.2 * matte_loss(wrong, alpha)


@pytest.mark.skipif(not ROOMS.is_dir(), reason="no pictures of rooms beside the repository")
def test_cutouts_scenes_training_and_export(tmp_path: Path, body_graph: Path) -> None:
    import onnxruntime

    assert write_cutouts(tmp_path / "train", 3, 1, 1, False, None) == 1
    assert write_cutouts(tmp_path / "train", 3, 1, 1, False, None) == 0
    cutout = read_cutout(next((tmp_path / "train").glob("*.npz")))
    alpha = cutout.rgba[..., 3]
    assert 0 < ((alpha > 0) & (alpha < 255)).mean() < 0.05 and (alpha == 255).mean() > 0.1
    write_held_scenes(tmp_path / "train", ROOMS, tmp_path / "scenes", 1)
    assert sorted(os.listdir(tmp_path / "scenes")) == ["0000.json", "0000.png", "0000_alpha.png", "scenes.json"]
    train(tmp_path, ROOMS, body_graph, tmp_path / "run", 5, pool_size=8, steps=2)
    network = load_network(tmp_path / "run", body_graph)
    export_matte(network, tmp_path / "matte.onnx")
    # A picture of somebody: noise, which the trunk was never made for, makes most of what rounding there is.
    seen = [read_picture(tmp_path / "scenes" / name) for name in ("0000.png", "0000_alpha.png")]
    seen = [cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for picture in seen]
    values = np.dstack([seen[0][..., ::-1], seen[1][..., 0]]).astype(np.float32) / 255
    image = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)[None]))
    (found,) = onnxruntime.InferenceSession(str(tmp_path / "matte.onnx")).run(None, {"image": image.numpy()})
    with torch.no_grad():
        difference = np.abs(found - network.alpha(image).numpy()).mean()
    assert difference < 0.005  # kernels in 8 bits; .0012 was measured
    (tmp_path / "pack.json").write_text('{"id": "mine", "optional": [{"network": "matte", "name": "old.onnx"}]}')
    entry = name_in_pack(tmp_path, "matte", "matte.onnx", "Apache-2.0", "two scenes", False)
    assert entry["bytes"] == (tmp_path / "matte.onnx").stat().st_size and not entry["byDefault"]
    assert json.loads((tmp_path / "pack.json").read_text()) == {"id": "mine", "optional": [entry]}
