"""Keys, counts and golden outputs of the networks."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from statuette_training.deterministic import fill_deterministic, unit_values
from statuette_training.forward import coarse_pair
from statuette_training.networks import FULL, STARTER, Model, Widths, widths_of

from .conftest import golden_arrays, golden_json


@pytest.fixture(scope="module")
def full() -> Model:
    model = Model(FULL)
    fill_deterministic(model, golden_json("depth_heads.json"))
    return model.eval()


def test_full_width_has_the_official_keys_and_counts(full: Model) -> None:
    state = full.state_dict()
    assert len(state) == 1504
    assert sum(v.numel() for v in state.values()) == 77_716_780
    assert len([k for k in state if not k.startswith("refine.")]) == 1414


def test_deterministic_weights_have_the_published_hash(full: Model) -> None:
    digest = hashlib.sha256()
    for key, value in sorted(full.state_dict().items()):
        if not key.endswith("num_batches_tracked"):
            digest.update(value.numpy().astype("<f4").tobytes())
    assert digest.hexdigest() == "841eb91ea096eb825955d34b6d4af40d16dcbb32ee487a1704a83c68b87d6940"


@pytest.mark.parametrize("name", ["img2normal_face", "img2normal_upper", "img2normal_arm", "img2normal_leg",
                                  "img2normal_shoe", "img2normal_down", "ImgNorm_to_Dep"])
@torch.no_grad()
def test_golden_outputs_at_64x48(full: Model, name: str) -> None:
    def values(key: str, c: int) -> np.ndarray:
        return unit_values(key, c * 64 * 48).reshape(1, c, 64, 48)

    if name == "ImgNorm_to_Dep":
        inputs = [values(f"input/{name}/x", 3), (0.5 + 0.5 * values(f"input/{name}/y", 6))]
    else:
        x = values(f"input/{name}", 3 if name.endswith("down") else 6)
        x[:, 3:] = 0.5 + 0.5 * x[:, 3:]
        inputs = [x]
    got = full.get_submodule(name)(*(torch.from_numpy(x.astype(np.float32)) for x in inputs)).numpy()
    want = next(v for k, v in golden_arrays("networks_small.npz").items() if k == name or k.startswith(name + "."))
    assert np.abs(got - want).max() < 1e-4


@pytest.mark.parametrize("widths", [Widths(8, 4, 2, 6), Widths(8, 4, 2, 6, face=16)])
def test_widths_are_read_back_from_shapes(widths: Widths) -> None:
    assert widths_of(Model(widths).state_dict()) == widths
    assert list(Model(STARTER).state_dict()) == list(Model(FULL).state_dict())
    with pytest.raises(ValueError, match="missing"):
        widths_of({})


@torch.no_grad()
def test_fine_depth_starts_as_a_smooth_upsampling() -> None:
    net = Model(STARTER).refine
    net.start_as_upsampling()
    net.eval()
    depth = torch.tensor([1.9, 2.2]).view(1, 2, 1, 1).expand(1, 2, 16, 16)
    out = net(depth.contiguous(), torch.rand(1, 6, 128, 128))
    assert (out[0, 0, 32:96, 32:96] - 1.9).abs().max() < 1e-4
    assert (out[0, 1, 32:96, 32:96] - 2.2).abs().max() < 1e-4


def test_mirrored_depth_knows_no_left_and_right() -> None:
    torch.manual_seed(4)
    model = Model(Widths(4, 4, 4, 4)).eval()
    coarse = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        (_, twice), (_, turned) = (coarse_pair(model, x, True) for x in (coarse, coarse.flip(-1)))
        (_, once), (_, once_turned) = (coarse_pair(model, x, False) for x in (coarse, coarse.flip(-1)))
    assert torch.allclose(twice, turned.flip(-1), atol=1e-5)
    assert (once - once_turned.flip(-1)).abs().max() > 1e-3
