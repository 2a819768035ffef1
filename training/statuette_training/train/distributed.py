"""Several GPUs with torchrun: every process draws its own batches; gradients and the clock are shared.

Plain all-reduce of the gradients instead of a wrapper module, so that state_dict keys stay the official ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn


def start(device: str) -> tuple[int, int, torch.device]:
    """(rank, world size, device). Joins the process group when started by torchrun."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    if world > 1:
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
        if device == "cuda":
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    return rank, world, torch.device(device, torch.cuda.current_device()) if device == "cuda" else torch.device(device)


def active() -> bool:
    return dist.is_available() and dist.is_initialized()


def same_weights(module: nn.Module) -> None:
    """Copies rank 0's parameters and buffers to all."""
    if active():
        for tensor in module.state_dict().values():
            dist.broadcast(tensor, 0)


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    if not active():
        return
    world = dist.get_world_size()
    for p in parameters:
        if p.grad is not None:
            dist.all_reduce(p.grad)
            p.grad /= world


def same_number(value: float, device: torch.device) -> float:
    """Rank 0's value everywhere: all processes must agree when a stage ends."""
    if not active():
        return value
    t = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(t, 0)
    return float(t)


def stop() -> None:
    if active():
        dist.destroy_process_group()
