"""Muon: momentum whose step is made orthogonal, for the convolutions; everything else takes AdamW's step.

A convolution is a matrix [c_out, c_in k k]. The raw momentum of such a matrix has few large directions, so most of
what a network could learn hardly moves; the nearest (semi-)orthogonal matrix moves all directions equally. It is found
by five steps of a quintic Newton-Schulz iteration. Source: Jordan et al., "Muon: an optimizer for hidden layers in
neural networks", 2024; the scale that gives steps of AdamW's size: Liu et al., "Muon is scalable for LLM training",
2025.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

# Coefficients of Jordan et al.: steepest at 0, so that small singular values grow fast; all end in 0.7 to 1.2.
_QUINTIC = (3.4445, -4.7750, 2.0315)
ADAM_LIKE_RMS = 0.2


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    """[m, n] to about U V^T of its singular value decomposition."""
    a, b, c = _QUINTIC
    tall = g.shape[0] > g.shape[1]
    x = g.T if tall else g
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if tall else x


def is_hidden(name: str, p: nn.Parameter) -> bool:
    """Matrices between features: not first layers (three or six channels), heads, the gates' last step, vectors."""
    return p.ndim == 4 and p.shape[0] > 6 and p.shape[1] > 6


class Muon(torch.optim.Optimizer):
    """Muon for hidden convolutions, AdamW for the rest; one learning rate for both.

    `nets`: modules; shared parameters count once. Weight decay is AdamW's.
    """

    def __init__(self, nets: Iterable[nn.Module], lr: float, weight_decay: float = 1e-4, momentum: float = 0.95,
                 adam_share: float = 1.0) -> None:
        named = {id(p): (n, p) for net in nets for n, p in net.named_parameters()}
        hidden = [p for n, p in named.values() if is_hidden(n, p)]
        others = [p for n, p in named.values() if not is_hidden(n, p)]
        groups = [{"params": hidden, "muon": True}, {"params": others, "muon": False}]
        super().__init__([g for g in groups if g["params"]],
                         {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "adam_share": adam_share})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.mul_(1 - group["lr"] * group["weight_decay"])
                if group["muon"]:
                    self._muon(p, group["lr"], group["momentum"])
                else:
                    self._adam(p, group["lr"] * group["adam_share"])

    def _muon(self, p: Tensor, lr: float, momentum: float) -> None:
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        kept = state["momentum"].lerp_(p.grad, 1 - momentum)
        step = p.grad.lerp(kept, momentum)  # Nesterov's look ahead
        flat = step.reshape(len(step), -1)
        scale = ADAM_LIKE_RMS * max(flat.shape) ** 0.5
        p.add_(orthogonal(flat).reshape(p.shape), alpha=-lr * scale)

    def _adam(self, p: Tensor, lr: float) -> None:
        state = self.state[p]
        if not state:
            state |= {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
        state["step"] += 1
        mean = state["mean"].lerp_(p.grad, 0.1)
        square = state["square"].lerp_(p.grad * p.grad, 0.001)
        bias1, bias2 = 1 - 0.9 ** state["step"], 1 - 0.999 ** state["step"]
        p.addcdiv_(mean, (square / bias2).sqrt_().add_(1e-8), value=-lr / bias1)
