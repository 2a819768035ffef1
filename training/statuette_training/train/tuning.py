"""What a GPU is asked before a session: how long steps and views take, whether channels should be padded to eight.

Prints a table and, as its last line, the option that `train` should get.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn

from ..assets import open_assets
from ..losses import normal_loss
from ..networks import AlignedConv, CoarseDepthNet, NormalNet
from ..people.person import make_person
from ..render import random_placement, render_view
from ..tensor_render import TensorPerson
from .muon import Muon

WARM, STEPS = 6, 12


class _Pair(nn.Module):
    """The depth network as a function of one input of nine channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = CoarseDepthNet(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x[:, :3], x[:, 3:])


def _step(net: nn.Module, x: Tensor, target: Tensor, mask: Tensor, optimiser: Muon) -> None:
    with torch.autocast(x.device.type, torch.bfloat16):
        y = net(x)
    loss = normal_loss(y.float(), target, mask, 1.5) if y.shape[1] == 6 else (y.float() - target[:, :3]).abs().mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def step_times(make: nn.Module, channels: int, batch: int, window: tuple[int, int],
               device: torch.device) -> tuple[float, float]:
    """Milliseconds of a step, and of its kernels alone (what the host had queued after it was done)."""
    net = make.to(device).to(memory_format=torch.channels_last).train()
    optimiser = Muon([net], 1e-4)
    x = torch.rand(batch, channels, *window, device=device).contiguous(memory_format=torch.channels_last)
    target, mask = torch.rand(batch, 6, *window, device=device), torch.ones(batch, 1, *window, device=device)
    for _ in range(WARM):
        _step(net, x, target, mask, optimiser)
    _wait(device)
    begin = time.perf_counter()
    for _ in range(STEPS):
        _step(net, x, target, mask, optimiser)
    host = time.perf_counter() - begin
    _wait(device)
    return (time.perf_counter() - begin) / STEPS * 1e3, host / STEPS * 1e3


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def view_rates(device: torch.device, views: int) -> dict[str, float]:
    """Views a second of one person at full size, fetched to the host: by the C room on one core, by the device."""
    person = make_person(open_assets(), 1, False, True)
    on, rates = TensorPerson(person, device), {}
    for name, how in (("C, one core", None), (f"PyTorch, {device.type}", on)):
        begin = 0.0
        for k in range(views + 1):
            rng = np.random.default_rng([1, k])
            if k == 1:  # the first one loads kernels and the library
                begin = time.perf_counter()
            render_view(person, random_placement(rng), rng, on=how)
        rates[name] = views / (time.perf_counter() - begin)
    return rates


def tune(device: torch.device, tiny: bool = False) -> bool:
    """Times the four networks with and without padding; True when padding takes less time in all."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    cases = [("parts, width 16", lambda: NormalNet(6, 16), 6, 20, (224, 192)),
             ("parts, width 32", lambda: NormalNet(6, 32), 6, 20, (224, 192)),
             ("depth, width 8", lambda: _Pair(8), 9, 32, (240, 176)),
             ("depth, width 16", lambda: _Pair(16), 9, 32, (240, 176))]
    total = {False: 0.0, True: 0.0}
    for name, make, channels, batch, window in cases:
        for aligned in (False, True):
            AlignedConv.aligned = aligned
            ms, host = step_times(make(), channels, 1 if tiny else batch, (32, 32) if tiny else window, device)
            total[aligned] += ms
            label = f"{name}, padded" if aligned else name
            print(f"{label}: {ms:.2f} ms a step, of which the host {host:.2f}", flush=True)
    for name, rate in view_rates(device, 2 if tiny else 20).items():
        print(f"views by {name}: {rate:.2f} a second", flush=True)
    if device.type == "cuda":
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, "
              f"{torch.cuda.max_memory_allocated() >> 20} MiB used at most")
    AlignedConv.aligned = False
    return total[True] < total[False]
