"""The networks of 2K2K with a free width: six normal U-Nets, coarse depth, fine depth.

Module names are chosen so that `state_dict()` has exactly the official keys (1504 entries; 77 716 780 elements
at full width). Every convolution is stride 1, zero padded, with bias; up-sampling is nearest x2 before a 3x3.
Source: Han et al., "High-fidelity 3D Human Digitization from Single 2K Resolution Images", CVPR 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .keypoints import stored_part

PART_NETS = ("face", "upper", "arm", "leg", "foot")
# The networks under our names, and their prefixes in the keys of a checkpoint.
PREFIXES = {"coarse-normals": "img2normal_down", "coarse-depth": "ImgNorm_to_Dep", "fine-depth": "refine"} | {
    part: f"img2normal_{stored_part(part)}" for part in PART_NETS}
# Names that options took before; they still do.
_FORMER_NAMES = {"down": "coarse-normals", "depth": "coarse-depth", "refine": "fine-depth", "shoe": "foot",
                 "part-shoe": "part-foot"}


def current_name(name: str) -> str:
    """The name of a network or stage today, for one that a user may have typed in its former form."""
    return _FORMER_NAMES.get(name, name)


@dataclass(frozen=True)
class Widths:
    """Channels of the first level of each network. The paper: 64, 64, 32, 32.

    part: of the five part networks; one that is named by itself (`face`, `upper`, ...) has its own, unless it is None.
    """

    part: int = 64
    coarse_normals: int = 64
    coarse_depth: int = 32
    fine_depth: int = 32
    face: int | None = None
    upper: int | None = None
    arm: int | None = None
    leg: int | None = None
    foot: int | None = None

    def of_part(self, part: str) -> int:
        """Channels of the network of one of PART_NETS."""
        own: int | None = getattr(self, part)
        return self.part if own is None else own


FULL = Widths()
# 7.6 M elements, 8 MB as bytes. Faces, then clothes, are what people look at: their networks were held back by width.
STARTER = Widths(16, 16, 8, 8, face=24, upper=24, arm=24, leg=24)  # the pack reader wants multiples of 4
# 17.8 M elements, 36 MB in f16. It shares the coarse normals of the starter: they are a hint to the others.
STARTER_LARGE = Widths(32, 16, 16, 16)
# What two cores can make of it: the starter with a depth twice as wide and a wider face. 12.0 M elements, 24 MB in f16.
PROCESSOR_LARGE = Widths(16, 16, 16, 8, face=32, upper=24, arm=24, leg=24)


class AlignedConv(nn.Conv2d):
    """A convolution of an odd number of channels, done with zeros up to the next multiple of eight.

    Tensor cores take channels by eight: with three or six a GPU may fall back to kernels that are many times slower.
    `aligned` is switched on where that was measured (`train/tuning.py`); the result is the same.
    """

    aligned = False

    def forward(self, x: Tensor) -> Tensor:
        if not AlignedConv.aligned:
            return super().forward(x)
        more_in, more_out = -self.in_channels % 8, -self.out_channels % 8
        weight = F.pad(self.weight, (0, 0, 0, 0, 0, more_in, 0, more_out))
        x = F.pad(x, (0, 0, 0, 0, 0, more_in)).contiguous(memory_format=torch.channels_last)
        y = F.conv2d(x, weight, None if self.bias is None else F.pad(self.bias, (0, more_out)), padding=self.padding)
        return y[:, : self.out_channels]


def _conv(c_in: int, c_out: int, size: int) -> nn.Conv2d:
    kind = nn.Conv2d if c_in % 8 == 0 and c_out % 8 == 0 else AlignedConv
    return kind(c_in, c_out, size, padding=size // 2)


def _conv3(c_in: int, c_out: int) -> nn.Conv2d:
    return _conv(c_in, c_out, 3)


class PreciseConv(nn.Conv2d):
    """A depth head that stays in f32 under autocast: bf16 steps near 2.0 are 8 mm."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


class DoubleConv(nn.Module):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _conv3(c_in, c_out), nn.BatchNorm2d(c_out), nn.ReLU(True),
            _conv3(c_out, c_out), nn.BatchNorm2d(c_out), nn.ReLU(True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class SingleConv(nn.Module):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(_conv3(c_in, c_out), nn.BatchNorm2d(c_out), nn.ReLU(True))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class UpConv(nn.Module):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="nearest"), _conv3(c_in, c_out), nn.BatchNorm2d(c_out), nn.ReLU(True)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.up(x)


class AttentionGate(nn.Module):
    """x * sigmoid(BN(1x1(relu(BN(1x1 g) + BN(1x1 x))))): g is the decoder feature, x the skip."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.W_g = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.BatchNorm2d(inner))
        self.W_x = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.BatchNorm2d(inner))
        self.psi = nn.Sequential(_conv(inner, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, g: Tensor, x: Tensor) -> Tensor:
        return x * self.psi(F.relu(self.W_g(g) + self.W_x(x)))


class PointConv(nn.Module):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(_conv(c_in, c_out, 1), nn.ReLU(True))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def _pool(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2)


class NormalNet(nn.Module):
    """Part or coarse normals: [B, c_in, H, W] to [B, 6, H, W], front then back, coded (n + 1) / 2, not unit length."""

    def __init__(self, c_in: int, width: int) -> None:
        super().__init__()
        w = width
        self.Conv1, self.Conv2 = DoubleConv(c_in, w), DoubleConv(w, 2 * w)
        self.Conv3, self.Conv4 = DoubleConv(2 * w, 4 * w), DoubleConv(4 * w, 8 * w)
        for level, c in ((4, 8 * w), (3, 4 * w), (2, 2 * w)):
            self.add_module(f"Up{level}", UpConv(c, c // 2))
            self.add_module(f"Att{level}", AttentionGate(c // 2, c // 4))
            self.add_module(f"Up_conv{level}", DoubleConv(c, c // 2))
        self.Conv_1x1 = PointConv(w, 6)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.Conv1(x)
        x2 = self.Conv2(_pool(x1))
        x3 = self.Conv3(_pool(x2))
        d = self.Conv4(_pool(x3))
        for level, skip in ((4, x3), (3, x2), (2, x1)):
            d = self.get_submodule(f"Up{level}")(d)
            gated = self.get_submodule(f"Att{level}")(d, skip)
            d = self.get_submodule(f"Up_conv{level}")(torch.cat((gated, d), 1))
        return self.Conv_1x1(d)


class CoarseDepthNet(nn.Module):
    """Coarse depth: image [B, 3, H, W], normals [B, 6, H, W] to front, back, mask logit (raw)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        w = width
        for encoder, c_in in ((1, 3), (2, 6)):
            channels = (c_in, w, 2 * w, 4 * w, 8 * w, 16 * w)
            for level in range(1, 6):
                self.add_module(f"Conv{level}_{encoder}", DoubleConv(channels[level - 1], channels[level]))
        for level, c in ((5, 32 * w), (4, 16 * w), (3, 8 * w), (2, 4 * w)):
            self.add_module(f"Up{level}", UpConv(c, c // 2))
            self.add_module(f"Att{level}", AttentionGate(c // 2, c // 4))
            self.add_module(f"Up_conv{level}", DoubleConv(c, c // 2))
        self.Conv_1x1 = PreciseConv(2 * w, 3, 1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        skips = []
        for level in range(1, 6):
            x = self.get_submodule(f"Conv{level}_1")(x if level == 1 else _pool(x))
            y = self.get_submodule(f"Conv{level}_2")(y if level == 1 else _pool(y))
            skips.append(torch.cat((x, y), 1))
        d = skips[4]
        for level in (5, 4, 3, 2):
            d = self.get_submodule(f"Up{level}")(d)
            gated = self.get_submodule(f"Att{level}")(d, skips[level - 2])
            d = self.get_submodule(f"Up_conv{level}")(torch.cat((gated, d), 1))
        return self.Conv_1x1(d)


class FineDepthNet(nn.Module):
    """Depth [B, 2, h, w] and merged normals [B, 6, 8h, 8w] to front, back, mask logit at 8h x 8w (raw)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        w = width
        for k in (1, 2, 3):
            self.add_module(f"depth{k}", UpConv(2 if k == 1 else 2 * w, w))
            self.add_module(f"normal{k}", SingleConv(6, w))
            self.add_module(f"merge{k}_1", DoubleConv(2 * w, 2 * w))
            self.add_module(f"merge{k}_2", PointConv(2 * w, 2 * w) if k < 3 else PreciseConv(2 * w, 3, 1))

    def forward(self, depth: Tensor, normals: Tensor) -> Tensor:
        # Plain strided slices, offsets 1 and 0, as the reference samples its normals.
        pyramid = (normals[:, :, 1::4, 1::4], normals[:, :, ::2, ::2], normals)
        d = depth
        for k, n in enumerate(pyramid, 1):
            up = self.get_submodule(f"depth{k}")(d)
            side = self.get_submodule(f"normal{k}")(n)
            d = self.get_submodule(f"merge{k}_2")(self.get_submodule(f"merge{k}_1")(torch.cat((up, side), 1)))
        return d

    @torch.no_grad()
    def start_as_upsampling(self, noise: float = 0.3) -> None:
        """Sets the weights so that the two depths pass through, smoothly up-sampled; the rest learns a correction."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                module.weight.mul_(noise)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
                module.running_var.fill_(1 - module.eps)
        tent = torch.tensor([1.0, 2.0, 1.0]) / 4
        smooth = tent[:, None] * tent[None]
        delta = torch.zeros(3, 3)
        delta[1, 1] = 1

        def passes(name: str, kernel: Tensor) -> None:
            conv = self.get_submodule(name)
            assert isinstance(conv, nn.Conv2d)
            for j in (0, 1):
                conv.weight[j] = 0
                conv.weight[j, j] = kernel

        for k in (1, 2, 3):
            passes(f"depth{k}.up.1", smooth)
            passes(f"merge{k}_1.conv.0", delta)
            passes(f"merge{k}_1.conv.3", delta)
        passes("merge1_2.conv.0", torch.ones(1, 1))
        passes("merge2_2.conv.0", torch.ones(1, 1))
        self.get_parameter("merge3_2.weight").zero_()
        passes("merge3_2", torch.ones(1, 1))


class Model(nn.Module):
    """All eight networks under the official prefixes."""

    def __init__(self, widths: Widths = FULL) -> None:
        super().__init__()
        self.widths = widths
        for part in PART_NETS:
            self.add_module(PREFIXES[part], NormalNet(6, widths.of_part(part)))
        self.img2normal_down = NormalNet(3, widths.coarse_normals)
        self.ImgNorm_to_Dep = CoarseDepthNet(widths.coarse_depth)
        self.refine = FineDepthNet(widths.fine_depth)

    def part_net(self, part: str) -> NormalNet:
        net = self.get_submodule(PREFIXES[part])
        assert isinstance(net, NormalNet)
        return net


def widths_of(state: Mapping[str, Tensor]) -> Widths:
    """Reads the widths from tensor shapes; `part` is that of the narrowest. Raises ValueError when unfit."""
    keys = [f"{PREFIXES[part]}.Conv1.conv.0.weight" for part in PART_NETS] + [
        "img2normal_down.Conv1.conv.0.weight", "ImgNorm_to_Dep.Conv1_1.conv.0.weight", "refine.normal1.conv.0.weight"]
    missing = [k for k in keys if k not in state]
    if missing:
        raise ValueError(f"not a checkpoint of this model: {missing[0]} is missing")
    *parts, normals, coarse, fine = (int(state[k].shape[0]) for k in keys)
    part = min(parts)
    own = {name: None if width == part else width for name, width in zip(PART_NETS, parts, strict=True)}
    return Widths(part, normals, coarse, fine, **own)


def initialise(module: nn.Module) -> None:
    """Convolution weights ~ N(0, sqrt(2 / (k k C_out))); biases and BatchNorm stay at the framework's default."""
    for m in module.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")


def initialise_for_training(model: Model) -> None:
    """`initialise`, with heads that start near an answer: mid normals, a sheet at the body, smooth final depth."""
    initialise(model)
    with torch.no_grad():
        for name in (*PART_NETS, "coarse-normals"):
            head = f"{PREFIXES[name]}.Conv_1x1.conv.0"
            model.get_parameter(f"{head}.weight").mul_(0.5)
            model.get_parameter(f"{head}.bias").fill_(0.3)
        model.ImgNorm_to_Dep.Conv_1x1.weight.mul_(0.3)
        model.get_parameter("ImgNorm_to_Dep.Conv_1x1.bias").copy_(torch.tensor([1.95, 2.1, 0.0]))
    model.refine.start_as_upsampling()
