"""Muon: steps are orthogonal, hidden layers learn in all directions, a run can be resumed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from statuette_training.networks import NormalNet
from statuette_training.train.muon import Muon, is_hidden, orthogonal


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("shape", [(16, 144), (144, 16), (32, 32)])
def test_singular_values_come_near_one(shape: tuple[int, int], bf16: bool) -> None:
    torch.manual_seed(1)
    u, _, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    uneven = u @ torch.diag(torch.logspace(0, -1.5, min(shape))) @ v
    values = torch.linalg.svdvals(orthogonal(uneven, bf16=bf16))
    assert values.min() > 0.5 and values.max() < 1.3


def test_heads_first_layers_and_vectors_are_left_to_adam() -> None:
    net = NormalNet(6, 8)
    hidden = {n for n, p in net.named_parameters() if is_hidden(n, p)}
    assert "Conv1.conv.3.weight" in hidden and "Up4.up.1.weight" in hidden
    assert not hidden & {"Conv1.conv.0.weight", "Conv_1x1.conv.0.weight", "Att4.psi.0.weight", "Conv1.conv.4.weight"}


def test_learns_a_badly_scaled_problem() -> None:
    """Directions whose gradients differ a thousandfold are learnt: plain momentum leaves many where they are."""

    def error_after(make: Callable[[nn.Module], torch.optim.Optimizer], rate: float) -> float:
        torch.manual_seed(2)
        net = nn.Conv2d(16, 16, 1, bias=False)
        truth = torch.randn(16, 16) * 0.3
        x = torch.randn(64, 16, 4, 4) * torch.logspace(0, -1.5, 16).view(1, -1, 1, 1)
        target = torch.einsum("oc,bchw->bohw", truth, x)
        optimiser = make(net)
        start = (net.weight[:, :, 0, 0] - truth).norm()
        for k in range(300):
            for group in optimiser.param_groups:
                group["lr"] = rate * (1 - k / 300)
            optimiser.zero_grad()
            ((net(x) - target) ** 2).mean().backward()
            optimiser.step()
        return float(((net.weight[:, :, 0, 0] - truth).norm() / start).detach())

    ours = error_after(lambda net: Muon([net], 0.03, weight_decay=0.0), 0.03)
    plain = error_after(lambda net: torch.optim.SGD(net.parameters(), 0.5, momentum=0.9), 0.5)
    assert ours < 0.3 and ours < 0.5 * plain


def test_goes_on_from_its_saved_state() -> None:
    def some_steps(net: nn.Module, optimiser: Muon, first: int, last: int) -> None:
        for k in range(first, last):
            generator = torch.Generator().manual_seed(k)
            optimiser.zero_grad()
            net(torch.randn(1, 6, 16, 16, generator=generator)).square().mean().backward()
            optimiser.step()

    torch.manual_seed(3)
    whole = NormalNet(6, 8)
    halves = NormalNet(6, 8)
    halves.load_state_dict(whole.state_dict())
    some_steps(whole, Muon([whole], 1e-2), 0, 6)
    before = Muon([halves], 1e-2)
    some_steps(halves, before, 0, 3)
    after = Muon([halves], 1e-4)
    after.load_state_dict(before.state_dict())
    some_steps(halves, after, 3, 6)
    for a, b in zip(whole.parameters(), halves.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)
