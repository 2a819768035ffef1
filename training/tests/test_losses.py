"""Losses and the schedule against golden numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from statuette_training import losses
from statuette_training.deterministic import unit_values

from .conftest import golden_arrays, golden_json

WANT = golden_json("unit.json")["loss"]


def u(key: str, *shape: int) -> np.ndarray:
    return unit_values(key, int(np.prod(shape))).reshape(shape)


def f32(a: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(a.astype(np.float32))


def test_paper_terms_match_the_golden_values() -> None:
    p, t = f32(0.5 + 0.5 * u("unit/loss/p", 2, 3, 32, 24)), f32(0.5 + 0.5 * u("unit/loss/t", 2, 3, 32, 24))
    q = (p + 0.2 * (t - 0.5)).clamp(0, 1)
    assert losses.summed_l1(p, q).item() == pytest.approx(WANT["l1_sum_over_batch"], rel=1e-5)
    assert 1 - losses.ssim(p, q).item() == pytest.approx(WANT["one_minus_ssim"], abs=2e-5)
    assert 1 - losses.ssim(p, t).item() == pytest.approx(WANT["one_minus_ssim_unrelated"], rel=1e-4)
    assert losses.summed_smooth_l1(6 * p, 6 * t).item() == pytest.approx(WANT["smoothl1_sum_over_batch"], rel=1e-5)
    logit = torch.sigmoid(f32(3 * u("unit/loss/m", 2, 1, 32, 24)))
    target = f32((u("unit/loss/mt", 2, 1, 32, 24) > 0).astype(np.float64))
    got = losses.summed_bce_logits(logit, target).item()
    assert got == pytest.approx(WANT["bce_with_logits_on_sigmoid_sum_over_batch"], rel=1e-5)


def test_schedule_matches_the_golden_values() -> None:
    for epoch, rate in golden_json("unit.json")["scheduler_lr"][1:]:
        assert losses.paper_learning_rate(epoch) == pytest.approx(rate, rel=1e-9, abs=1e-15)


def test_consistency_normals_match_the_golden_values() -> None:
    d = 2 + 0.02 * u("unit/normal/d", 1, 1, 24, 20)
    d[..., :6, :5] = 0
    got = losses.consistency_normals(f32(d)[:, 0])
    want = golden_arrays("unit.npz")["normal_out"]
    assert np.abs(got.numpy().reshape(want.shape) - want).max() < 1e-5


def test_losses_are_zero_or_lowest_on_the_truth() -> None:
    yy, xx = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    mask = (((yy - 32) ** 2 + (xx - 32) ** 2) < 400).float()[None]
    front, back = (1.95 + 0.0005 * (xx - 32)[None]) * mask, (2.05 + 0.0003 * (yy - 32)[None]) * mask
    logit = (mask * 2 - 1) * 20
    truth = torch.stack((torch.where(mask > 0, front, torch.tensor(6.0)), back, logit), 1)
    worse = truth.clone()
    worse[:, 0] += 0.05 * mask
    weights = losses.DepthWeights()
    assert losses.coarse_depth_loss(truth, front, back, weights) < 1e-4
    assert losses.coarse_depth_loss(worse, front, back, weights) > 0.005
    assert losses.fine_depth_loss(truth, front, back) < 1e-3
    assert losses.paper_depth_loss(truth, front, back) < losses.paper_depth_loss(worse, front, back)


def test_depth_loss_forgives_half_of_a_whole_bodys_place() -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 6:26, 10:22] = 1
    front, back = 1.95 * mask, 2.05 * mask
    slope = torch.linspace(-0.2, 0.2, 32)[:, None] * mask
    only = losses.DepthWeights(normals=0, mask=0)

    def loss(change: torch.Tensor, weights: losses.DepthWeights = only) -> float:
        raw = torch.stack((front + change, back + change, mask), 1)
        return float(losses.coarse_depth_loss(raw, front, back, weights))

    shape = losses.DepthWeights(depth=0, normals=0, mask=0)
    assert loss(0.3 * mask) == pytest.approx(only.depth * (0.3 - only.beta / 2), abs=1e-5)
    assert loss(0.3 * mask, shape) == pytest.approx(0, abs=1e-6) and loss(slope, shape) > 0.02
    empty = torch.zeros(1, 32, 32)
    raw = torch.ones(1, 3, 32, 32, requires_grad=True)
    losses.coarse_depth_loss(raw, empty, empty, only).backward()
    assert raw.grad is not None and raw.grad.isfinite().all()


def test_detail_sees_a_bump_and_not_a_tilt() -> None:
    y = torch.linspace(0, 1, 64)[:, None].expand(64, 64)
    target = torch.full((1, 6, 64, 64), 0.5)
    mask = torch.ones(1, 1, 64, 64)
    tilted = target + 0.1 * (y - 0.5)
    bumpy = target + 0.05 * torch.sin(torch.arange(64) * 1.2)
    assert losses.fine_part(tilted - target)[..., 10:-10, 10:-10].abs().max() < 1e-5
    added = [float(losses.normal_loss(p, target, mask, 1.0) - losses.normal_loss(p, target, mask))
             for p in (tilted, bumpy)]
    assert added[1] == pytest.approx(0.05**2 / 2, rel=0.15) and added[1] > 8 * added[0]  # the mean square of a sine
