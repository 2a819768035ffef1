"""The matte network: MediaPipe's body graph (Apache-2.0) as the trunk, a fourth input, and a decoder of ours.

The trunk is read from the graph that the app runs (`body.onnx`), as far as its outline goes, and stays as it is: it has
seen many real people, which rendered ones cannot replace. What it says of the outline is where the decoder starts: its
last layer begins with zero. The trunk sees people at the size it was trained on: at 288 x 192 its outline has an IoU of
.944 on held-out scenes, at 384 x 256 of .865. The decoder works at 192 x 128 and sees the picture as 2 x 2 blocks.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

# Outputs of the body graph, by name: halved once (first layer; last but two), halved twice (scales fused), full size.
FIRST, LAST, FUSED, LOGITS = "Clip_7", "Clip_255", "Clip_231", "Conv_277"
FIRST_WIDTH, LAST_WIDTH, FUSED_WIDTH = 24, 8, 48
EIGHTH, QUARTER, HALF = 64, 48, 32  # widths of the decoder
TRUNK_SHARE = 0.75  # of the crop's size
TRUNK_SAYS, OUTLINE_SAYS = 0.7, 0.5
GAINED = LOST = 5  # cells
MOST = 4.0  # the trunk's logits reach hundreds where it is wrong, too: bent so that they end here


class Trunk(nn.Module):
    """Runs the nodes of an ONNX graph that some outputs need; convolution weights are parameters."""

    def __init__(self, path: Path, outputs: tuple[str, ...]) -> None:
        super().__init__()
        graph = onnx.load(str(path)).graph
        constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        maker = {name: node for node in graph.node for name in node.output}
        needed: list[onnx.NodeProto] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen or name not in maker:
                return
            seen.add(name)
            for source in maker[name].input:
                visit(source)
            needed.append(maker[name])

        for name in outputs:
            visit(name)
        self.outputs = outputs
        self.weights = nn.ParameterDict()
        self.steps: list[tuple[str, str, tuple[str, ...], dict]] = []
        for node in needed:
            (out,) = node.output
            if node.op_type == "Cast":
                constants[out] = constants[node.input[0]].astype(np.float32)
            elif node.op_type == "Conv":
                attributes = {a.name: a for a in node.attribute}
                for name in node.input[1:]:
                    self.weights[name] = nn.Parameter(torch.from_numpy(constants[name].astype(np.float32)))
                options = {"stride": tuple(attributes["strides"].ints), "groups": attributes["group"].i,
                           "pads": tuple(attributes["pads"].ints)}
                self.steps.append(("conv", out, tuple(node.input), options))
            elif node.op_type == "Clip":
                low, high = (float(constants[n]) for n in node.input[1:])
                self.steps.append(("clip", out, (node.input[0],), {"min": low, "max": high}))
            elif node.op_type == "Add":
                self.steps.append(("add", out, tuple(node.input), {}))
            elif node.op_type == "Resize":
                self.steps.append(("double", out, (node.input[0],), {}))
            else:
                raise ValueError(f"{path} holds a {node.op_type}, which the trunk does not know")

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        values = {"image": image}
        for kind, out, inputs, options in self.steps:
            x = values[inputs[0]]
            if kind == "conv":
                top, left, bottom, right = options["pads"]
                if (top, left) != (bottom, right):
                    x = F.pad(x, (left, right, top, bottom))
                    top = left = 0
                weight, bias = (self.weights[name] for name in inputs[1:])
                values[out] = F.conv2d(x, weight, bias, options["stride"], (top, left), 1, options["groups"])
            elif kind == "clip":
                values[out] = F.hardtanh(x, options["min"], options["max"])
            elif kind == "add":
                values[out] = x + values[inputs[1]]
            else:
                values[out] = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return [values[name] for name in self.outputs]


class Residual(nn.Module):
    """A 3 x 3 convolution beside an identity. Not depthwise: in training, where those wait for memory, a processor does
    nine times the work in two to three times the time."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.mix(x), inplace=True)


def guarded(alpha: torch.Tensor, outline: torch.Tensor) -> torch.Tensor:
    """The answer, where the detector's outline may be wrong: up to GAINED cells beyond it and LOST inside.

    A network of this size now and then takes a neighbour or a striped wall along and loses a kicking leg; the detector,
    which looks at the person upright, seldom does. Both are f32 [n, 1, h, w] in 0..1.
    """
    grown = F.max_pool2d(outline, 2 * GAINED + 1, 1, GAINED)
    shrunk = 1 - F.max_pool2d(1 - outline, 2 * LOST + 1, 1, LOST)
    most, least = ((5 * (outline - sure) + 0.5).clamp(0, 1) for outline, sure in ((grown, 0.25), (shrunk, 0.75)))
    return torch.maximum(torch.minimum(alpha, most), least)


def _resized(x: torch.Tensor, h: int, w: int) -> torch.Tensor:
    return F.interpolate(x, size=(h, w), mode="bilinear", align_corners=False)


class Decoder(nn.Module):
    """The trunk's features and the four inputs to logits f32 [n, 1, h, w]: a small U of three sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.from_fused = nn.Conv2d(FUSED_WIDTH + FIRST_WIDTH + LAST_WIDTH + 5, QUARTER, 1)
        self.before = Residual(QUARTER)
        self.down = nn.Conv2d(QUARTER, EIGHTH, 3, stride=2, padding=1)
        self.at_eighth = nn.Sequential(Residual(EIGHTH), Residual(EIGHTH), Residual(EIGHTH))
        self.up = nn.Conv2d(EIGHTH, QUARTER, 1)
        self.at_quarter = nn.Sequential(Residual(QUARTER), Residual(QUARTER))
        self.from_quarter = nn.Conv2d(QUARTER, HALF, 1)
        self.from_half = nn.Conv2d(FIRST_WIDTH + LAST_WIDTH + 16 + 4, HALF, 1)
        self.at_half = nn.Sequential(Residual(HALF), Residual(HALF))
        self.out = nn.Conv2d(HALF, 4, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        if self.out.bias is not None:
            nn.init.zeros_(self.out.bias)

    @staticmethod
    def start(logits: torch.Tensor, outline: torch.Tensor) -> torch.Tensor:
        """What the decoder corrects: the trunk's outline and the detector's, weighed; logits f32 [n, 1, h, w].

        The trunk is sharper, and loses people who kick or sit, whom the detector sees in squares of its own.
        """
        h, w = (int(side) for side in outline.shape[2:])
        trunk = _resized(logits / (1 + logits.abs() / MOST), h, w)
        sure = outline.clamp(0.02, 0.98)
        return TRUNK_SAYS * trunk + OUTLINE_SAYS * (sure / (1 - sure)).log()

    def forward(self, image: torch.Tensor, first: torch.Tensor, last: torch.Tensor, fused: torch.Tensor,
                logits: torch.Tensor) -> torch.Tensor:
        h, w = (int(side) for side in image.shape[2:])
        base = self.start(logits, image[:, 3:])
        seen = _resized(torch.cat([first, last], 1), h // 2, w // 2)
        far = torch.cat([F.avg_pool2d(image, 4), F.avg_pool2d(base, 4) / MOST, F.avg_pool2d(seen, 2)], 1)
        x = torch.cat([_resized(fused, h // 4, w // 4), far], 1)
        x = self.before(F.relu(self.from_fused(x)))
        low = self.at_eighth(F.relu(self.down(x)))
        x = self.at_quarter(F.relu(x + _resized(self.up(low), h // 4, w // 4)))
        x = _resized(self.from_quarter(x), h // 2, w // 2)
        near = torch.cat([seen, F.pixel_unshuffle(image, 2), F.pixel_unshuffle(base, 2) / MOST], 1)
        x = self.at_half(F.relu(x + self.from_half(near)))
        return base + F.pixel_shuffle(self.out(x), 2)


class MatteNetwork(nn.Module):
    """f32 [n, 4, h, w] (red, green, blue, the detector's outline, 0..1) to logits f32 [n, 1, h, w].

    Three quarters of h and w are multiples of 32.
    """

    def __init__(self, body_graph: Path) -> None:
        super().__init__()
        self.trunk = Trunk(body_graph, (FIRST, LAST, FUSED, LOGITS)).requires_grad_(False)
        self.decoder = Decoder()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.decoder(image, *self.seen(image))

    def alpha(self, image: torch.Tensor) -> torch.Tensor:
        """What the app gets: f32 [n, 1, h, w], 0..1."""
        return guarded(self(image).sigmoid(), image[:, 3:])

    def seen(self, image: torch.Tensor) -> list[torch.Tensor]:
        """The trunk's features, as the decoder takes them."""
        h, w = (round(int(side) * TRUNK_SHARE) for side in image.shape[2:])
        return self.trunk(_resized(image[:, :3], h, w))
