"""A widened model computes what the narrow one does."""

from __future__ import annotations

import pytest
import torch

from statuette_training.networks import PREFIXES, Model, Widths, initialise, initialise_for_training
from statuette_training.widen import widen, widen_all

NARROW, WIDE = Widths(4, 4, 2, 4), Widths(8, 4, 6, 8)


@torch.no_grad()
def test_every_network_computes_the_same() -> None:
    narrow, wide = Model(NARROW), Model(WIDE)
    torch.manual_seed(3)
    initialise(narrow)
    for norm in (m for m in narrow.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        for values, low in ((norm.running_mean, -0.2), (norm.running_var, 0.5), (norm.weight, 0.7), (norm.bias, -0.1)):
            assert values is not None
            values.uniform_(low, low + 0.6)
    initialise_for_training(wide)
    assert widen_all(narrow, wide) == list(PREFIXES)
    narrow.eval()
    wide.eval()
    x, n, big = torch.rand(1, 3, 32, 32), torch.rand(1, 6, 32, 32), torch.rand(1, 6, 64, 64)
    inputs = {"coarse-normals": (x,), "coarse-depth": (x, n), "fine-depth": (1.9 + 0.1 * torch.rand(1, 2, 8, 8), big)}
    for name, prefix in PREFIXES.items():
        given = inputs.get(name, (n,))
        a, b = (m.get_submodule(prefix)(*given) for m in (narrow, wide))
        assert a.std() > 0.01
        assert torch.allclose(a, b, atol=1e-4 * float(a.abs().max())), name


def test_new_channels_are_alive_and_narrowing_is_refused() -> None:
    torch.manual_seed(4)
    narrow, wide = Model(NARROW), Model(WIDE)
    initialise_for_training(wide)
    widen_all(narrow, wide)
    net = wide.ImgNorm_to_Dep.train()
    net(torch.rand(2, 3, 32, 32), torch.rand(2, 6, 32, 32)).sum().backward()
    weight = net.get_parameter("Conv3_1.conv.3.weight")  # outputs 8 of 24 are old
    assert weight.grad is not None
    assert (weight.detach()[:8, 8:] == 0).all() and weight.grad[:8, 8:].abs().min() > 0
    assert weight.detach()[8:].abs().mean() > 0.01
    with pytest.raises(ValueError, match="narrower"):
        widen("refine", wide, narrow)
    assert widen_all(wide, narrow) == ["coarse-normals"]
