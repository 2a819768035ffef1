"""The trained matte network as the file that the app opens: ONNX, large weights in 8 bits, others in half precision.

Widened by Cast (and Mul) nodes, which runtimes fold when they open it. On 13 held-out composites 8 bits for
kernels of LARGE values and more change the IoU from .96849 to .96835; for all, the depthwise ones too, to .96697.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from .detector import HEIGHT, WIDTH
from .network import MatteNetwork

FILE = "matte.onnx"
TRUNK_SOURCE = (
    "Trunk: MediaPipe's pose_landmark_full (Apache-2.0, The MediaPipe Authors), converted, "
    "large kernels rounded to 8 bits."
)
FEW = 64  # values; smaller constants stay f32
LARGE = 8192  # values; kernels from this on are stored in 8 bits, a scale for each output channel


class _Alpha(nn.Module):
    def __init__(self, network: MatteNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.network.alpha(image)


def narrowed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights become int8 or f16 with nodes behind each that widen them; the arithmetic stays f32. In place."""
    graph = model.graph
    widen: list[onnx.NodeProto] = []
    stored: list[onnx.TensorProto] = []
    for i, tensor in enumerate(graph.initializer):
        values = numpy_helper.to_array(tensor)
        name = tensor.name
        if values.dtype != np.float32 or values.size < FEW:
            stored.append(onnx.TensorProto.FromString(tensor.SerializeToString()))
        elif values.ndim == 4 and values.size >= LARGE:
            scale = np.maximum(np.abs(values).max((1, 2, 3), keepdims=True) / 127, 1e-12).astype(np.float32)
            steps = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
            stored += [numpy_helper.from_array(steps, f"{name} i8"), numpy_helper.from_array(scale, f"{name} scale")]
            widen.append(helper.make_node("Cast", [f"{name} i8"], [f"{name} wide"], name=f"widen {i}",
                                          to=TensorProto.FLOAT))
            widen.append(helper.make_node("Mul", [f"{name} wide", f"{name} scale"], [name], name=f"scale {i}"))
        else:
            stored.append(numpy_helper.from_array(values.astype(np.float16), f"{name} f16"))
            widen.append(helper.make_node("Cast", [f"{name} f16"], [name], name=f"widen {i}", to=TensorProto.FLOAT))
    nodes = [*widen, *(onnx.NodeProto.FromString(node.SerializeToString()) for node in graph.node)]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend(stored)
    return model


def write_graph(network: nn.Module, size: tuple[int, int], name: str, output: str, path: Path) -> None:
    """Writes a network as ONNX with narrow weights: [1, 4, *size] `image` to `output`."""
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain.onnx")
        torch.onnx.export(network.eval(), (torch.zeros(1, 4, *size),), plain, input_names=["image"],
                          output_names=[output], opset_version=17, dynamo=False)
        model = onnx.load(plain)
    model.producer_name, model.producer_version = "statuette", ""
    model.graph.name = name
    model = narrowed(model)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def export_matte(network: MatteNetwork, path: Path) -> None:
    """Writes [1, 4, 384, 256] `image` to [1, 1, 384, 256] `alpha`."""
    write_graph(_Alpha(network), (HEIGHT, WIDTH), "matte", "alpha", path)


def load_network(run: Path, body_graph: Path) -> MatteNetwork:
    """The averaged weights of a run."""
    network = MatteNetwork(body_graph)
    network.decoder.load_state_dict(torch.load(run / "state.pt", weights_only=True)["averaged"])
    return network


def name_in_pack(pack: Path, network: str, file: str, licence: str, source: str, by_default: bool) -> dict[str, object]:
    """Names a file of the pack's folder among the optional networks of PACK/pack.json; returns the entry."""
    data = (pack / file).read_bytes()
    entry = {
        "network": network, "name": file, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
        "licence": licence, "source": source, "byDefault": by_default,
    }
    manifest = json.loads((pack / "pack.json").read_text())
    others = [other for other in manifest.get("optional", []) if other.get("network") != network]
    manifest["optional"] = [*others, entry]
    (pack / "pack.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return entry


def export_command(a: argparse.Namespace) -> None:
    export_matte(load_network(a.run_folder, a.body), a.pack / FILE)
    source = f"{TRUNK_SOURCE} Decoder: {a.trained_on}"
    print(json.dumps(name_in_pack(a.pack, "matte", FILE, "Apache-2.0", source, a.by_default), indent=2))
