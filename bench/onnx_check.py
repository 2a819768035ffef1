"""Checks .onnx files as other tools would: onnx.checker with full shape inference, then a run in onnxruntime.

python bench/onnx_check.py FOLDER   (needs the packages onnx, onnxruntime and numpy)
Prints a line a file; exit code 1 when one of them fails. The files: `npm run bench -- onnx-export --out FOLDER`.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

EXPECTED_FILES = 8


def check(path: Path) -> str:
    """One sentence on a file that is right; raises when it is not."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in inferred.graph.value_info} | {value.name for value in inferred.graph.output}
    unknown = [name for node in inferred.graph.node for name in node.output if name not in known]
    if unknown:
        raise ValueError(f"no shape could be inferred for {unknown[:4]}")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(1)
    feeds = {
        given.name: noise.random([int(side) for side in given.shape], dtype=np.float32)
        for given in session.get_inputs()
    }
    (output,) = session.run(None, feeds)
    if list(output.shape) != session.get_outputs()[0].shape or not np.isfinite(output).all():
        raise ValueError(f"gave {output.shape}, finite: {np.isfinite(output).all()}")
    shapes = ", ".join(f"{name} {list(value.shape)}" for name, value in feeds.items())
    opset = model.opset_import[0].version
    return f"opset {opset}, {len(model.graph.node)} nodes, {shapes} -> {list(output.shape)}"


def main() -> int:
    files = sorted(Path(sys.argv[1]).glob("*.onnx"))
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    failed = len(files) != EXPECTED_FILES
    for path in files:
        try:
            print(f"ok    {path.name}: {check(path)}")
        except Exception as error:  # every way to fail is the finding here
            print(f"WRONG {path.name}: {error}")
            failed = True
    print(f"{len(files)} files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
