"""Losses of the paper and the ones this package trains with.

Depth is in network units (2.0 = the plane at distance 1; 1 unit = 512 pixels of a 2048 canvas). Normals are the
"consistency normals" of a depth map, coded (n + 1) / 2. Paper losses are summed over the batch axis of
mean-per-sample values (SSIM: batch mean), as in the reference, so four arm crops count four times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

NORMAL_Z = 1 / 255  # the fixed z of a consistency normal before normalising, network units
EMPTY_BELOW = 0.2  # depths under this are background, network units


def consistency_normals(depth: Tensor) -> Tensor:
    """[..., H, W] depth to [..., 3, H, W] coded normals: differences to the right and upper neighbour; 0 if empty."""
    dh, dv = torch.zeros_like(depth), torch.zeros_like(depth)
    dh[..., :-1] = depth[..., :-1] - depth[..., 1:]
    dv[..., 1:, :] = depth[..., :-1, :] - depth[..., 1:, :]
    inverse = torch.rsqrt(dh * dh + dv * dv + NORMAL_Z**2)
    normals = torch.stack((dh * inverse, dv * inverse, NORMAL_Z * inverse), -3)
    return (normals * 0.5 + 0.5) * (depth >= EMPTY_BELOW).to(depth.dtype).unsqueeze(-3)


def ssim(a: Tensor, b: Tensor, window: int = 5, sigma: float = 1.5, stride: int = 1) -> Tensor:
    """Mean structural similarity, data range 1, valid windows, per-channel values clamped at 0 from below.

    stride: only every so many windows along both axes; 2 takes a third of the time and has the same mean.
    """
    taps = [math.exp(-((k - (window - 1) / 2) ** 2) / (2 * sigma * sigma)) for k in range(window)]
    taps = [t / sum(taps) for t in taps]

    def blur(t: Tensor) -> Tensor:
        # Shifted sums: a depthwise convolution of a few channels is slower than its memory traffic on a GPU.
        for axis in (2, 3):
            n = t.shape[axis] - window + 1

            def tap(k: int, t: Tensor = t, axis: int = axis, n: int = n) -> Tensor:
                part = t.narrow(axis, k, n)
                return part[:, :, ::stride] if axis == 2 else part[..., ::stride]

            out = tap(0) * taps[0]
            for k in range(1, window):
                out = out.add(tap(k), alpha=taps[k])
            t = out
        return t

    mean_a, mean_b, aa, bb, ab = blur(torch.cat((a, b, a * a, b * b, a * b), 1)).chunk(5, 1)
    var_a, var_b = aa - mean_a**2, bb - mean_b**2
    covariance = ab - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    value = value / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return value.mean((2, 3)).clamp(min=0).mean()


def summed_l1(p: Tensor, t: Tensor) -> Tensor:
    return (p - t).abs().flatten(1).mean(1).sum()


def summed_smooth_l1(p: Tensor, t: Tensor, beta: float = 1.0) -> Tensor:
    return F.smooth_l1_loss(p, t, reduction="none", beta=beta).flatten(1).mean(1).sum()


def summed_bce_logits(logit: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logit, target, reduction="none").flatten(1).mean(1).sum()


def paper_normal_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Term N for one network: front and back maps, each 0.5 (0.85 L1 + 0.15 (1 - SSIM))."""
    total = predicted.new_zeros(())
    for k in (0, 3):
        p, t = predicted[:, k : k + 3], target[:, k : k + 3]
        total = total + 0.5 * (0.85 * summed_l1(p, t) + 0.15 * (1 - ssim(p, t)))
    return total


def paper_depth_loss(raw: Tensor, front: Tensor, back: Tensor) -> Tensor:
    """Terms D, C and M at either resolution. raw [B, 3, H, W] before relu6 and sigmoid; targets [B, H, W], empty 0.

    The background of the front target becomes 6 after the normals are made; the mask term goes through the
    sigmoid twice, as in the reference.
    """
    mask = (front > 0).to(raw.dtype)
    target = (torch.where(front > 0, front, torch.full_like(front, 6.0)), back)
    depth = F.relu6(raw[:, :2])
    total = summed_bce_logits(torch.sigmoid(raw[:, 2]), mask)
    for k, clean in enumerate((front, back)):
        normals = consistency_normals(depth[:, k]) * mask[:, None]
        total = total + 0.85 * summed_smooth_l1(depth[:, k], target[k])
        total = total + 0.15 * summed_smooth_l1(normals, consistency_normals(clean) * mask[:, None])
    return total


def paper_learning_rate(epoch: float, base: float = 1e-4) -> float:
    """Cosine, period 5 epochs, warm-up 0.01 epoch, halved each cycle. epoch counts from 0, fractional."""
    t, cycle = epoch % 5, int(epoch // 5)
    peak = base * 0.5**cycle
    return peak * t / 0.01 if t < 0.01 else peak * (1 + math.cos(math.pi * (t - 0.01) / 4.99)) / 2


# --- the losses this package trains with -------------------------------------------------------------------------


@dataclass(frozen=True)
class DepthWeights:
    """Weights of the coarse depth loss."""

    depth: float = 0.5
    shape: float = 0.5  # the same without each map's median error
    normals: float = 0.1
    mask: float = 0.15
    beta: float = 0.03  # smooth-L1 turns linear here: about 15 mm, where gradients should not fade


def _masked_mean(value: Tensor, mask: Tensor) -> Tensor:
    return (value * mask).sum() / mask.expand_as(value).sum().clamp(min=1)


def fine_part(x: Tensor) -> Tensor:
    """What is left of [B, C, H, W] when a mean over about 20 pixels is taken away: noses, eyes, folds.

    The mean is made of 4 x 4 blocks: a box of 17 x 17 around every pixel costs as much as a third of the network.
    """
    blocks = F.avg_pool2d(x, 4, ceil_mode=True, count_include_pad=False)
    coarse = F.avg_pool2d(blocks, 5, 1, 2, count_include_pad=False)
    return x - F.interpolate(coarse, size=x.shape[-2:], mode="bilinear")


def normal_loss(predicted: Tensor, target: Tensor, mask: Tensor, detail: float = 0.0) -> Tensor:
    """0.85 L1 + 0.15 (1 - SSIM), the person 4 : 1 against the empty ground. mask [B, 1, H, W].

    `detail` weighs the squares of the fine parts. While a whole cheek is a little off, the sign of its error, which is
    all that L1 looks at, says nothing about the nose on it; and where a detail is uncertain, L1 asks for the median,
    which is none at all, squares for the mean, which is a shallow one.
    """
    weight = 0.25 + 0.75 * mask
    error = predicted - target
    total = 0.85 * (error.abs() * weight).sum() / (weight.sum() * predicted.shape[1])
    if detail > 0:
        inside = mask * (F.avg_pool2d(mask, 9, 1, 4) > 0.99)  # the rim is coarse and fine at once: left to the others
        total = total + detail * _masked_mean(fine_part(error).square(), inside)
    return total + 0.15 * (1 - ssim(predicted, target, stride=2))


def _without_offset(error: Tensor, mask: Tensor) -> Tensor:
    """Takes the median over mask [B, 1, H, W] off each map of error [B, 2, H, W]. The median gets no gradient."""
    inside = error.detach().masked_fill(mask == 0, math.nan).flatten(2)
    return error - inside.nanmedian(2).values[..., None, None].nan_to_num()


def coarse_depth_loss(raw: Tensor, front: Tensor, back: Tensor, weights: DepthWeights) -> Tensor:
    """Smooth-L1 on the person only, consistency normals, and one sigmoid on the mask. Targets [B, H, W], empty 0.

    Half of the depth term forgives each map's median error: while a whole body stands too far away, the signs of its
    errors say nothing about its shape.
    """
    mask = (front > 0).to(raw.dtype)
    depth = F.relu6(raw[:, :2])
    target = torch.stack((front, back), 1)
    error = depth - target

    def size(e: Tensor) -> Tensor:
        return _masked_mean(F.smooth_l1_loss(e, torch.zeros_like(e), reduction="none", beta=weights.beta),
                            mask[:, None])

    inside = -F.max_pool2d(-mask[:, None], 3, 1, 1)
    slope = _masked_mean((consistency_normals(depth) - consistency_normals(target)).abs().mean((1, 2)), inside[:, 0])
    logits = F.binary_cross_entropy_with_logits(raw[:, 2], mask)
    total = weights.depth * size(error) + weights.shape * size(_without_offset(error, mask[:, None]))
    return total + weights.normals * slope + weights.mask * logits


def fine_depth_loss(raw: Tensor, front: Tensor, back: Tensor) -> Tensor:
    """Loss of the refinement on tiles. Most of a tile's mean offset is forgiven: it comes from the coarse depth.

    Outside the person the front is pulled to 6 and the back to 0, and the order front < back is enforced inside
    and broken outside, because the order alone cuts the silhouette at run time.
    """
    mask = (front > EMPTY_BELOW).to(raw.dtype)[:, None]
    inverse = 1 - mask
    depth = F.relu6(raw[:, :2])
    target = torch.stack((front, back), 1)
    offset = ((depth - target).detach() * mask).sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True).clamp(min=1)
    near = _masked_mean(F.smooth_l1_loss(depth - 0.8 * offset, target, reduction="none", beta=0.01), mask)
    far = torch.stack((torch.full_like(front, 6.0), torch.zeros_like(back)), 1)
    empty = _masked_mean(F.smooth_l1_loss(depth, far, reduction="none"), inverse)
    gap = _masked_mean(F.relu(depth[:, 1:] - depth[:, :1] + 0.05), inverse)
    gap = gap + 2 * _masked_mean(F.relu(depth[:, :1] - depth[:, 1:] + 0.004), mask)
    inside = -F.max_pool2d(-mask, 3, 1, 1)
    slope = _masked_mean((consistency_normals(depth) - consistency_normals(target)).abs().mean((1, 2)), inside[:, 0])
    logits = F.binary_cross_entropy_with_logits(raw[:, 2:], mask)
    return 2 * near + 0.6 * slope + 0.05 * empty + 0.5 * gap + 0.05 * logits
