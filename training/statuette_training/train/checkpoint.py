"""Checkpoints: the full run state (atomic), the official weights file, and a small portable form in pieces.

The portable form (f16 weights, no optimiser) is for machines that only return small files: parts of at most
15 MiB, joined again by `read_portable`.
"""

from __future__ import annotations

import io
import json
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..networks import Model, Widths, widths_of

PIECE_BYTES = 15 * 1024 * 1024


def save_atomically(value: Any, path: Path) -> None:
    """torch.save through a temporary file, so that an interruption never leaves half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    torch.save(value, temporary)
    os.replace(temporary, path)


def clean_state(model: Model) -> OrderedDict[str, Tensor]:
    """f32 contiguous CPU copies under the official keys. Raises ValueError when a value is not finite."""
    out: OrderedDict[str, Tensor] = OrderedDict()
    for key, value in model.state_dict().items():
        tensor = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        if not torch.isfinite(tensor.float()).all():
            raise ValueError(f"{key} holds a value that is not finite")
        out[key] = torch.zeros((), dtype=torch.int64) if key.endswith("num_batches_tracked") else tensor
    return out


def write_official(model: Model, path: Path, epoch: int = 1, best_loss: float = 0.0) -> None:
    """The layout of the official files: epoch, model, best_loss, model_state_dict, optimizer_state_dict."""
    value = {"epoch": epoch, "model": "Model", "best_loss": torch.tensor(best_loss),
             "model_state_dict": clean_state(model), "optimizer_state_dict": {"state": {}, "param_groups": []}}
    save_atomically(value, path)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a .safetensors file, floats as f32. Raises ValueError when it is cut short or of another kind.

    Bytes (I8) are weights of a pack of ours, with an f32 scale for each row beside them (NAME.scale).
    Layout: u64 length, JSON {name: {dtype, shape, data_offsets}}, then the bytes. https://github.com/huggingface/safetensors
    """
    data = path.read_bytes()
    try:
        length = int.from_bytes(data[:8], "little")
        entries = json.loads(data[8 : 8 + length])
        out = {}
        for name, entry in entries.items():
            if name == "__metadata__":
                continue
            first, last = (8 + length + o for o in entry["data_offsets"])
            kind = {"F16": np.float16, "F32": np.float32, "I64": np.int64, "I8": np.int8}[entry["dtype"]]
            values = np.frombuffer(data[first:last], kind).reshape(entry["shape"])
            out[name] = torch.from_numpy(values.astype(np.int64 if kind is np.int64 else np.float32))
        for name in [n for n, entry in entries.items() if n != "__metadata__" and entry["dtype"] == "I8"]:
            out[name] *= out.pop(f"{name}.scale").view(-1, *[1] * (out[name].ndim - 1))
        return out
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a whole .safetensors file: {error}") from error


def read_weights(path: Path) -> tuple[Model, Widths]:
    """A model of the file's own widths. Raises ValueError when unfit.

    path: official weights, a run's state.pt, or a model pack of the app (its folder or its weights.safetensors).
    """
    if path.is_dir() or path.suffix == ".safetensors":
        value: dict[str, Any] = read_safetensors(path / "weights.safetensors" if path.is_dir() else path)
    else:
        value = torch.load(path, map_location="cpu", weights_only=True)
    state = value.get("model_state_dict", value)
    if isinstance(state.get("model"), dict):  # a run's state: the averaged weights where a stage is under way
        run, state = state, state["model"]
        for name, values in zip(run["average_nets"] or [], run["average"] or [], strict=True):
            state |= {f"{name}.{k}": v for k, v in values.items()}
    state = OrderedDict((k.replace("module.", ""), v) for k, v in state.items())
    widths = widths_of(state)
    model = Model(widths)
    own = model.state_dict()
    for key in own:  # packs leave these counters out: nothing reads them
        if key.endswith("num_batches_tracked"):
            state.setdefault(key, torch.zeros((), dtype=torch.int64))
    wrong = [k for k in own if k not in state or state[k].shape != own[k].shape] + [k for k in state if k not in own]
    if wrong:
        raise ValueError(f"{path.name} does not fit this model: {len(wrong)} keys differ, first {wrong[0]}")
    model.load_state_dict(state)
    return model, widths


def write_portable(packs: dict[str, dict[str, Any]], folder: Path) -> list[Path]:
    """Writes f16 weights and progress of each pack as pieces `NAME.state.000`, ... in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.state.*"):
        old.unlink()
    paths = []
    for name, pack in packs.items():
        weights = {k: v.detach().cpu() for k, v in pack["weights"].items()}
        weights = {k: v.half() if v.dtype == torch.float32 else v for k, v in weights.items()}
        # BatchNorm's running variance can leave the range of f16.
        weights |= {k: v.detach().cpu() for k, v in pack["weights"].items() if "running_" in k}
        buffer = io.BytesIO()
        torch.save({"weights": weights, "progress": pack["progress"]}, buffer)
        data = buffer.getvalue()
        for i in range(0, len(data), PIECE_BYTES):
            paths.append(folder / f"{name}.state.{i // PIECE_BYTES:03d}")
            paths[-1].write_bytes(data[i : i + PIECE_BYTES])
    (folder / "progress.json").write_text(json.dumps({k: v["progress"] for k, v in packs.items()}, indent=1))
    return paths


def read_portable(folder: Path) -> dict[str, dict[str, Any]]:
    """Reads the packs whose pieces are there; weights are f32 again. Raises FileNotFoundError when there are none."""
    names = sorted({p.name.split(".state.")[0] for p in folder.glob("*.state.[0-9][0-9][0-9]")})
    if not names:
        raise FileNotFoundError(f"no NAME.state.000 in {folder}")
    packs = {}
    for name in names:
        data = b"".join(p.read_bytes() for p in sorted(folder.glob(f"{name}.state.[0-9][0-9][0-9]")))
        pack = packs[name] = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        pack["weights"] = {k: v.float() if v.dtype == torch.float16 else v for k, v in pack["weights"].items()}
    return packs
