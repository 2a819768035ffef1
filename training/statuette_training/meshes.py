"""Mesh files (OBJ, PLY, GLB) and the distances the field reports: Chamfer, point-to-surface, normals, f-score.

Protocol of `compare`: `samples` area-weighted points on each mesh (seeded); the nearest of 10 x as many points on the
other mesh stands for its surface (at 300 000 points on a person their spacing is about 2 mm). Metres in, centimetres
out. Chamfer is the mean of both directions, P2S goes from the reconstruction to the truth. Normal consistency is the
mean |cosine| between a sample's normal and that of its nearest neighbour; the f-score uses 1 cm.
"""

from __future__ import annotations

import argparse
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.spatial import cKDTree


class MeshError(ValueError):
    """A mesh file that cannot be used; the message says why."""


@dataclass
class Mesh:
    """v f64 [n, 3], t int32 [m, 3]; colour either per vertex (uint8 [n, 3]) or by uv (f32 [m, 3, 2]) and texture."""

    v: np.ndarray
    t: np.ndarray
    colour: np.ndarray | None = None
    uv: np.ndarray | None = None
    texture: np.ndarray | None = None  # uint8 [h, w, 3] sRGB, rows from the top; v points up
    dropped: int = 0  # faces left out because they were broken


def _checked(mesh: Mesh, name: str) -> Mesh:
    n = len(mesh.v)
    if n < 3 or len(mesh.t) == 0:
        raise MeshError(f"{name} holds no triangles")
    if not np.isfinite(mesh.v).all():
        raise MeshError(f"{name} holds coordinates that are not finite")
    t = mesh.t
    good = (t >= 0).all(1) & (t < n).all(1)
    good &= (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 0] != t[:, 2])
    if not good.any():
        raise MeshError(f"{name}: every face is broken")
    mesh.dropped = int((~good).sum())
    mesh.t = np.ascontiguousarray(t[good], np.int32)
    if mesh.uv is not None:
        mesh.uv = mesh.uv[good]
    return mesh


def _fan(counts: list[list[int]]) -> list[list[int]]:
    return [[f[0], f[k], f[k + 1]] for f in counts for k in range(1, len(f) - 1)]


def _read_obj(path: Path) -> Mesh:
    v, vt, colour, faces, corners = [], [], [], [], []
    library = None
    for line in path.read_text(errors="replace").splitlines():
        p = line.split()
        if not p:
            continue
        if p[0] == "v":
            v.append([float(x) for x in p[1:4]])
            if len(p) >= 7:
                colour.append([float(x) for x in p[4:7]])
        elif p[0] == "vt":
            vt.append([float(x) for x in p[1:3]])
        elif p[0] == "mtllib":
            library = path.parent / " ".join(p[1:])
        elif p[0] == "f":
            index = [w.split("/") for w in p[1:]]
            a = [int(i[0]) for i in index]
            faces += _fan([[x - 1 if x > 0 else len(v) + x for x in a]])
            b = [int(i[1]) if len(i) > 1 and i[1] else 0 for i in index]
            corners += _fan([[x - 1 if x > 0 else len(vt) + x for x in b]])
    texture = None
    if library is not None and library.is_file():
        for line in library.read_text(errors="replace").splitlines():
            p = line.split()
            if p and p[0] == "map_Kd" and (library.parent / p[-1]).is_file():
                texture = cv2.imread(str(library.parent / p[-1]), cv2.IMREAD_COLOR)
                break
    t = np.array(faces, np.int64).reshape(-1, 3)
    uv = None
    if texture is not None and vt and len(corners):
        uv = np.array(vt, np.float32)[np.clip(np.array(corners), 0, len(vt) - 1)]
    rgb = (np.clip(np.array(colour), 0, 1) * 255).astype(np.uint8) if len(colour) == len(v) and colour else None
    return Mesh(np.array(v, float).reshape(-1, 3), t, rgb, uv, None if texture is None else texture[..., ::-1].copy())


_PLY = {"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4",
        "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
        "float32": "f4", "float64": "f8"}


def _read_ply(path: Path) -> Mesh:
    data = path.read_bytes()
    end = data.find(b"end_header")
    if not data.startswith(b"ply") or end < 0:
        raise MeshError(f"{path.name} is not a PLY file")
    start = data.index(b"\n", end) + 1
    elements: list[tuple[str, int, list[tuple[str, ...]]]] = []
    form = "ascii"
    for line in data[:end].decode("latin1").splitlines():
        p = line.split()
        if p and p[0] == "format":
            form = p[1]
        elif p and p[0] == "element":
            elements.append((p[1], int(p[2]), []))
        elif p and p[0] == "property":
            elements[-1][2].append(tuple(p[1:]))
    order = ">" if form == "binary_big_endian" else "<"
    vertex: dict[str, Any] = {}
    faces: list[list[int]] = []
    triangles = None
    words = iter(data[start:].split()) if form == "ascii" else None
    at = start
    for name, count, properties in elements:
        lists = [p for p in properties if p[0] == "list"]
        if words is not None:
            for _ in range(count):
                row: dict[str, Any] = {}
                for prop in properties:
                    if prop[0] == "list":
                        row[prop[3]] = [int(next(words)) for _ in range(int(next(words)))]
                    else:
                        row[prop[1]] = float(next(words))
                if name == "vertex":
                    for k, value in row.items():
                        vertex.setdefault(k, []).append(value)
                elif name == "face" and lists:
                    faces.append(row[lists[0][3]])
        elif not lists:
            kind = np.dtype([(p[1], order + _PLY[p[0]]) for p in properties])
            table = np.frombuffer(data, kind, count, at)
            at += kind.itemsize * count
            if name == "vertex":
                vertex = {k: table[k] for k in kind.names or ()}
        else:
            if len(properties) == 1 and name == "face":  # the common case: all triangles
                kind = np.dtype([("n", order + _PLY[lists[0][1]]), ("i", order + _PLY[lists[0][2]], 3)])
                if at + kind.itemsize * count <= len(data):
                    table = np.frombuffer(data, kind, count, at)
                    if (table["n"] == 3).all():
                        triangles = table["i"].astype(np.int64)
                        at += kind.itemsize * count
                        continue
            for _ in range(count):
                for prop in properties:
                    if prop[0] == "list":
                        n = int(np.frombuffer(data, order + _PLY[prop[1]], 1, at)[0])
                        at += np.dtype(_PLY[prop[1]]).itemsize
                        row_index = np.frombuffer(data, order + _PLY[prop[2]], n, at).tolist()
                        at += np.dtype(_PLY[prop[2]]).itemsize * n
                        if name == "face" and prop is lists[0]:
                            faces.append(row_index)
                    else:
                        at += np.dtype(_PLY[prop[0]]).itemsize
    if not {"x", "y", "z"} <= vertex.keys():
        raise MeshError(f"{path.name} has no vertex positions")
    v = np.stack([np.asarray(vertex[k], float) for k in "xyz"], 1)
    colour = None
    if {"red", "green", "blue"} <= vertex.keys():
        colour = np.stack([np.asarray(vertex[k]) for k in ("red", "green", "blue")], 1)
        colour = (colour * (255 if colour.dtype.kind == "f" and colour.max() <= 1 else 1)).astype(np.uint8)
    t = triangles if triangles is not None else np.array(_fan(faces), np.int64).reshape(-1, 3)
    return Mesh(v, t, colour)


def _read_glb(path: Path) -> Mesh:
    data = path.read_bytes()
    if data[:4] != b"glTF":
        raise MeshError(f"{path.name} is not a GLB file")
    chunks, at = {}, 12
    while at < len(data):
        size, kind = struct.unpack_from("<II", data, at)
        chunks[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size
    document, blob = json.loads(chunks[0x4E4F534A]), chunks.get(0x004E4942, b"")

    def view_bytes(i: int) -> tuple[int, int, int]:
        view = document["bufferViews"][i]
        return view.get("byteOffset", 0), view["byteLength"], view.get("byteStride", 0)

    def accessor(i: int) -> np.ndarray:
        a = document["accessors"][i]
        kind = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}[a["componentType"]]
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[a["type"]]
        offset, _, stride = view_bytes(a["bufferView"])
        item = np.dtype(kind).itemsize * width
        raw = np.ndarray((a["count"], width), kind, blob, offset + a.get("byteOffset", 0),
                         (stride or item, np.dtype(kind).itemsize))
        if a.get("normalized"):
            return raw / np.iinfo(raw.dtype).max
        return raw

    vs, ts, uvs, colours = [], [], [], []
    texture, count = None, 0

    def visit(node: int, matrix: np.ndarray) -> None:
        nonlocal texture, count
        n = document["nodes"][node]
        local = np.eye(4)
        if "matrix" in n:
            local = np.array(n["matrix"], float).reshape(4, 4).T
        else:
            x, y, z, w = n.get("rotation", (0, 0, 0, 1))
            r = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                          [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                          [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
            local[:3, :3] = r * np.array(n.get("scale", (1, 1, 1)))
            local[:3, 3] = n.get("translation", (0, 0, 0))
        matrix = matrix @ local
        for p in document["meshes"][n["mesh"]]["primitives"] if "mesh" in n else ():
            if p.get("mode", 4) != 4:
                continue
            v = accessor(p["attributes"]["POSITION"]).astype(float)
            t = accessor(p["indices"]).reshape(-1, 3) if "indices" in p else np.arange(len(v)).reshape(-1, 3)
            vs.append(v @ matrix[:3, :3].T + matrix[:3, 3])
            ts.append(t.astype(np.int64) + count)
            count += len(v)
            uv = accessor(p["attributes"]["TEXCOORD_0"]).astype(np.float32) if "TEXCOORD_0" in p["attributes"] else None
            uvs.append(np.zeros((len(v), 2), np.float32) if uv is None else uv)
            if "COLOR_0" in p["attributes"]:  # glTF vertex colours are linear
                c = accessor(p["attributes"]["COLOR_0"])[:, :3].astype(float)
                colours.append((np.clip(c if c.max() <= 1 else c / 255, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))
            look = document.get("materials", [{}])[p["material"]] if "material" in p else {}
            base = look.get("pbrMetallicRoughness", {}).get("baseColorTexture")
            if base is not None and texture is None:
                image = document["images"][document["textures"][base["index"]]["source"]]
                if "bufferView" in image:
                    offset, length, _ = view_bytes(image["bufferView"])
                    texture = cv2.imdecode(np.frombuffer(blob, np.uint8, length, offset), cv2.IMREAD_COLOR)
        for child in n.get("children", ()):
            visit(child, matrix)

    scene = document.get("scenes", [{"nodes": range(len(document.get("nodes", ())))}])[document.get("scene", 0)]
    for node in scene["nodes"]:
        visit(node, np.eye(4))
    if not vs:
        raise MeshError(f"{path.name} holds no triangles")
    v, t = np.concatenate(vs), np.concatenate(ts)
    uv = np.concatenate(uvs)[np.clip(t, 0, len(v) - 1)]
    uv[..., 1] = 1 - uv[..., 1]  # glTF counts rows from the top
    colour = np.concatenate(colours) if sum(map(len, colours)) == len(v) else None
    if texture is None:
        return Mesh(v, t, colour)
    return Mesh(v, t, None, uv.astype(np.float32), texture[..., ::-1].copy())


def read_mesh(path: Path) -> Mesh:
    """Reads OBJ, PLY or GLB; several objects become one. Raises MeshError in one sentence."""
    readers = {".obj": _read_obj, ".ply": _read_ply, ".glb": _read_glb}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise MeshError(f"{path.name}: give OBJ, PLY or GLB")
    try:
        return _checked(reader(path), path.name)
    except (IndexError, KeyError, struct.error, StopIteration, json.JSONDecodeError) as error:
        raise MeshError(f"{path.name} is damaged: {error!r}") from error


def sample_surface(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Area-weighted points and unit normals f64 [count, 3]."""
    a, b, c = (mesh.v[mesh.t[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1)
    if not area.sum() > 0:
        raise MeshError("the mesh has no area")
    i = rng.choice(len(area), count, p=area / area.sum())
    u, w = rng.random(count), rng.random(count)
    flip = u + w > 1
    u[flip], w[flip] = 1 - u[flip], 1 - w[flip]
    points = a[i] + u[:, None] * (b - a)[i] + w[:, None] * (c - a)[i]
    return points, cross[i] / np.maximum(area[i], 1e-20)[:, None]


def compare(mesh: Mesh, truth: Mesh, samples: int = 30000, seed: int = 0, align: bool = False) -> dict[str, float]:
    """Distances between two meshes in metres. `align`: first match centroid and mean radius (no rotation)."""
    rng = np.random.default_rng(seed)
    p, pn = sample_surface(mesh, samples * 10, rng)
    q, qn = sample_surface(truth, samples * 10, rng)
    if align:
        cp, cq = p.mean(0), q.mean(0)
        scale = np.sqrt(((q - cq) ** 2).sum() / ((p - cp) ** 2).sum())
        p = (p - cp) * scale + cq
    forward, i = cKDTree(q).query(p[:samples])
    backward, j = cKDTree(p).query(q[:samples])
    cosine = np.concatenate([(pn[:samples] * qn[i]).sum(1), (qn[:samples] * pn[j]).sum(1)])
    precision, recall = (forward < 0.01).mean(), (backward < 0.01).mean()
    return {"chamfer_cm": 50 * float(forward.mean() + backward.mean()), "p2s_cm": 100 * float(forward.mean()),
            "truth_to_mesh_cm": 100 * float(backward.mean()), "normal_consistency": float(np.abs(cosine).mean()),
            "fscore_1cm": float(2 * precision * recall / max(precision + recall, 1e-9))}


def compare_command(a: argparse.Namespace) -> None:
    mesh, truth = read_mesh(a.mesh), read_mesh(a.truth)
    for either in (mesh, truth):
        either.v = either.v * a.metres_per_unit
    print(json.dumps(compare(mesh, truth, a.samples, align=a.align), indent=1))
