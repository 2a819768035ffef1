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


def orthogonal(g: Tensor, steps: int = 5, bf16: bool = False) -> Tensor:
    """[..., m, n] to about U V^T of each one's singular value decomposition; bf16 is 3 % off that of f32."""
    a, b, c = _QUINTIC
    tall = g.shape[-2] > g.shape[-1]
    x = g.mT if tall else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    if bf16:
        x = x.bfloat16()
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return (x.mT if tall else x).to(g.dtype)


def is_hidden(name: str, p: nn.Parameter) -> bool:
    """Matrices between features: not first layers (three or six channels), heads, the gates' last step, vectors."""
    return p.ndim == 4 and p.shape[0] > 6 and p.shape[1] > 6


def _gradients(parameters: list[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]


class Muon(torch.optim.Optimizer):
    """Muon for hidden convolutions, AdamW for the rest; one learning rate for both.

    `nets`: modules; shared parameters count once. Weight decay is AdamW's. `bf16`: the iteration in bf16, where the
    processor has the instructions (an EPYC: 0.07 instead of 0.26 s for a matrix of 512 x 4608).
    """

    def __init__(self, nets: Iterable[nn.Module], lr: float, weight_decay: float = 1e-4, momentum: float = 0.95,
                 adam_share: float = 1.0, bf16: bool = False) -> None:
        self.bf16 = bf16
        named = {id(p): (n, p) for net in nets for n, p in net.named_parameters()}
        hidden = [p for n, p in named.values() if is_hidden(n, p)]
        others = [p for n, p in named.values() if not is_hidden(n, p)]
        groups = [{"params": hidden, "muon": True}, {"params": others, "muon": False}]
        super().__init__([g for g in groups if g["params"]],
                         {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "adam_share": adam_share})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            used = [p for p in group["params"] if p.grad is not None]
            if not used:
                continue
            torch._foreach_mul_(used, 1 - group["lr"] * group["weight_decay"])
            if group["muon"]:
                self._muon(used, group["lr"], group["momentum"])
            else:
                self._adam(used, group["lr"] * group["adam_share"])

    # All parameters at once: on a GPU a step of a narrow network is bound by the number of kernels, not by their work.

    def _muon(self, used: list[Tensor], lr: float, momentum: float) -> None:
        for p in used:
            if not self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        kept, grads = [self.state[p]["momentum"] for p in used], _gradients(used)
        torch._foreach_lerp_(kept, grads, 1 - momentum)
        steps = torch._foreach_lerp(grads, kept, momentum)  # Nesterov's look ahead
        by_shape: dict[torch.Size, list[int]] = {}
        for i, p in enumerate(used):
            by_shape.setdefault(p.shape, []).append(i)
        for shape, places in by_shape.items():
            flat = torch.stack([steps[i].reshape(shape[0], -1) for i in places])
            scale = ADAM_LIKE_RMS * max(flat.shape[1:]) ** 0.5
            for i, direction in zip(places, orthogonal(flat, bf16=self.bf16), strict=True):
                used[i].add_(direction.reshape(shape), alpha=-lr * scale)

    def _adam(self, used: list[Tensor], lr: float) -> None:
        for p in used:
            if not self.state[p]:
                self.state[p] |= {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
            self.state[p]["step"] += 1
        states, grads = [self.state[p] for p in used], _gradients(used)
        means, squares = [s["mean"] for s in states], [s["square"] for s in states]
        torch._foreach_lerp_(means, grads, 0.1)
        torch._foreach_mul_(squares, 0.999)
        torch._foreach_addcmul_(squares, grads, grads, 0.001)
        step = states[0]["step"]  # all parameters of a group have made the same number of steps
        sizes = torch._foreach_div(squares, 1 - 0.999**step)
        torch._foreach_sqrt_(sizes)
        torch._foreach_add_(sizes, 1e-8)
        torch._foreach_addcdiv_(used, means, sizes, value=-lr / (1 - 0.9**step))
