"""ctypes wrapper of the C room: rasteriser, shading, mesh operations (draping: drape/solver.py).

The library is built on first use with the system's C compiler into a cache folder named by the hash of the
sources, so a change rebuilds it and many worker processes share it. Without a compiler, a library built elsewhere
for the same sources is taken from `training/build`.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
SOURCES = ("render.c", "mesh.c", "drape.c")
# AVX2 and not -march=native: a library built on one machine must run on the next.
FLAGS = ("-O3", "-march=x86-64-v3", "-ffast-math", "-fno-finite-math-only", "-std=gnu11", "-shared", "-fPIC")


class NativeError(RuntimeError):
    """The C library could not be built or loaded."""


def _name() -> str:
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for source in SOURCES:
        digest.update((HERE / source).read_bytes())
    return f"statuette-{digest.hexdigest()[:16]}.so"


@cache
def library() -> ctypes.CDLL:
    """Loads the library, building it when needed. Raises NativeError with the compiler's words."""
    path = BUILD / _name()
    if not path.exists():
        compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            raise NativeError("no C compiler found: install gcc, or bring training/build from another machine")
        BUILD.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=BUILD, suffix=".so")
        os.close(handle)
        sources = [str(HERE / s) for s in SOURCES]
        done = subprocess.run([compiler, *FLAGS, *sources, "-o", temporary, "-lm", "-lpthread"],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            Path(temporary).unlink()
            raise NativeError(f"{compiler} failed: {done.stderr[-800:]}")
        os.chmod(temporary, 0o755)
        os.replace(temporary, path)
    return ctypes.CDLL(str(path))


def _f(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a, np.float32)


def _i(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a, np.int32)


def _p(a: np.ndarray | None) -> ctypes.c_void_p | None:
    return None if a is None else a.ctypes.data_as(ctypes.c_void_p)


def vertex_normals(v: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals f32 [n, 3]."""
    v, t = _f(v), _i(t)
    out = np.empty_like(v)
    library().st_normals(_p(v), len(v), _p(t), len(t), _p(out))
    return out


def edge_midpoints(v: np.ndarray, n: np.ndarray, edges: np.ndarray, alpha: float) -> np.ndarray:
    """Curved midpoints f32 [m, 3] of edges int32 [m, 2] (Phong tessellation)."""
    v, n = _f(v), _f(n)
    out = np.empty((len(edges), 3), np.float32)
    library().st_midpoints(_p(v), _p(n), _p(edges), len(edges), ctypes.c_float(alpha), _p(out))
    return out


def noise(points: np.ndarray, seed: int) -> np.ndarray:
    """Smooth value noise f32 [n] in [-1, 1], unit cells."""
    points = _f(points)
    out = np.empty(len(points), np.float32)
    library().st_noise(_p(points), len(points), ctypes.c_uint32(seed & 0xFFFFFFFF), _p(out))
    return out


def skin(v: np.ndarray, start: np.ndarray, bone: np.ndarray, weight: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Linear blend skinning with CSR weights; matrices f32 [bones, 3, 4]."""
    v, m = _f(v), _f(matrices)
    out = np.empty_like(v)
    library().st_skin(_p(v), len(v), _p(start), _p(bone), _p(weight), _p(m), _p(out))
    return out


def smooth(x: np.ndarray, start: np.ndarray, following: np.ndarray, strength: np.ndarray, steps: int) -> np.ndarray:
    """`steps` steps towards the mean of the neighbours; strength f32 [n] in 0..1. x is f32 [n, width]."""
    a, s = _f(x), _f(strength)
    width = 1 if a.ndim == 1 else a.shape[1]
    b = np.empty_like(a)
    for _ in range(steps):
        library().st_smooth(_p(a), len(a), _p(start), _p(following), _p(s), width, _p(b))
        a, b = b, a
    return a


def raster(screen: np.ndarray, cut: np.ndarray | None, t: np.ndarray, box: Sequence[int],
           threads: int) -> tuple[np.ndarray, ...]:
    """Nearest and farthest surface in a box (x0, y0, w, h): inverse depth, triangle, corner weights of each."""
    x0, y0, w, h = (int(b) for b in box)
    screen, t = _f(screen), _i(t)
    cut = None if cut is None else _f(cut)
    out = []
    for _ in range(2):
        out += [np.empty((h, w), np.float32), np.empty((h, w), np.int32), np.empty((h, w, 2), np.float32)]
    bounds = np.array([x0, y0, w, h], np.int32)
    library().st_raster(_p(screen), _p(cut), _p(t), len(t), _p(bounds), threads, *(_p(a) for a in out))
    return tuple(out)


def shadow_map(v: np.ndarray, cut: np.ndarray | None, t: np.ndarray, size: int) -> np.ndarray:
    """f32 [size, size]: the largest z of each cell; v is in cells."""
    v, t = _f(v), _i(t)
    cut = None if cut is None else _f(cut)
    out = np.empty((size, size), np.float32)
    library().st_shadow(_p(v), _p(cut), _p(t), len(t), size, _p(out))
    return out


LINEAR = (np.arange(256) / 255.0).astype(np.float32) ** np.float32(2.2)


def shade(ids: np.ndarray, bary: np.ndarray, t: np.ndarray, position: np.ndarray, normal: np.ndarray, uv: np.ndarray,
          material: np.ndarray, textures: Sequence[np.ndarray], look: np.ndarray, ambient: np.ndarray,
          lights: np.ndarray, occlusion: np.ndarray | None, shadow: tuple[np.ndarray, np.ndarray, float] | None,
          threads: int, want_shaded: bool = True, want_plain: bool = True,
          ) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Deferred shading of one surface: linear light f32 [h, w, 3], shaded and plain (albedo)."""
    h, w = ids.shape
    textures = [np.ascontiguousarray(x, np.uint8) for x in textures]
    pointers = (ctypes.c_void_p * len(textures))(*(x.ctypes.data for x in textures))
    size = np.array([[x.shape[1], x.shape[0]] for x in textures], np.int32)
    arrays = [_i(t), _f(position), _f(normal), _f(uv), _i(material)]
    look, ambient, lights = _f(look), _f(ambient), _f(lights).reshape(-1, 7)
    occlusion = None if occlusion is None else _f(occlusion)
    cells, to_map, bias = shadow if shadow is not None else (None, None, 0.0)
    to_map = None if to_map is None else _f(to_map)
    shaded = np.empty((h, w, 3), np.float32) if want_shaded else None
    plain = np.empty((h, w, 3), np.float32) if want_plain else None
    library().st_shade(
        _p(ids), _p(bary), w, h, *(_p(a) for a in arrays), pointers, _p(size), _p(look), _p(ambient), len(lights),
        _p(lights), _p(occlusion), _p(cells), 0 if cells is None else cells.shape[0], _p(to_map),
        ctypes.c_float(bias), _p(LINEAR), threads, _p(shaded), _p(plain))
    return shaded, plain


def depth_units(inverse: np.ndarray, box: Sequence[int], resolution: int, focal: float) -> np.ndarray:
    """f32 [h, w] D units from inverse depth: (r - 1) f + resolution / 2 along the ray, 0 where empty."""
    inverse = _f(inverse)
    out = np.empty_like(inverse)
    bounds = np.array([int(b) for b in box], np.int32)
    library().st_depth(_p(inverse), _p(bounds), resolution, ctypes.c_float(focal), _p(out))
    return out


def coded_normals(depth: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] consistency normals of a depth map in D units, 0 where empty."""
    depth = _f(depth)
    out = np.empty((*depth.shape, 3), np.uint8)
    library().st_coded_normals(_p(depth), depth.shape[1], depth.shape[0], _p(out))
    return out
