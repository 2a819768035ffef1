"""The CC0 building blocks (base mesh, targets, rig, poses, clothes, textures) as one compact file.

`pack_assets` reads the folder described by its own README (Wavefront, mhclo, BVH, JSON, images) once and writes a
single npz of about 25 MB; everything else reads only that file. Units: 0.1 m, y up, the person faces +z, +x is the
person's left. All parsing of the text formats is here.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROOM = Path(__file__).resolve().parents[1]
PACKED = ROOM / "data" / "humans.npz"
FOLDERS = (ROOM.parents[1] / "shared" / "humans", ROOM.parent / "shared" / "humans")
MESH_GROUPS = ("body", "helper-tights", "helper-skirt")
SKIN_SIDE = 1024  # of the makers' skins as packed, px
FACE_STEPS = 20000  # of a packed face's offset a unit
# Poses that are not upright, or a rig test, are left out.
SKIPPED_POSES = ("benchmark", "tpose", "fly01", "fly02", "gym01", "sit01")


class AssetError(RuntimeError):
    """The building blocks are missing or not readable."""


def _parse_obj(path: Path) -> dict[str, Any]:
    v, vt, f, ft, group = [], [], [], [], []
    current = ""
    for line in path.read_text(errors="replace").splitlines():
        p = line.split()
        if not p:
            continue
        if p[0] == "v":
            v.append([float(x) for x in p[1:4]])
        elif p[0] == "vt":
            vt.append([float(x) for x in p[1:3]])
        elif p[0] == "g":
            current = p[1] if len(p) > 1 else ""
        elif p[0] == "f":
            corners = [w.split("/") for w in p[1:]]
            a = [int(c[0]) - 1 for c in corners]
            b = [int(c[1]) - 1 if len(c) > 1 and c[1] else 0 for c in corners]
            if len(a) == 3:
                a.append(a[2])
                b.append(b[2])
            f.append(a[:4])
            ft.append(b[:4])
            group.append(current)
    return {"v": np.array(v), "vt": np.array(vt).reshape(-1, 2), "f": np.array(f), "ft": np.array(ft),
            "group": np.array(group)}


def _triangles(obj: dict[str, Any], keep: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangles int32 [m, 3], texture coordinates f32 [m, 3, 2], quad of each triangle; degenerate halves dropped."""
    quads = np.arange(len(obj["f"])) if keep is None else np.nonzero(keep)[0]
    f, ft = obj["f"][quads], obj["ft"][quads]
    t = np.concatenate([f[:, [0, 1, 2]], f[:, [0, 2, 3]]])
    c = np.concatenate([ft[:, [0, 1, 2]], ft[:, [0, 2, 3]]])
    quad = np.concatenate([quads, quads])
    good = (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 0] != t[:, 2])
    uv = obj["vt"][c[good]] if len(obj["vt"]) else np.zeros((int(good.sum()), 3, 2))
    return t[good].astype(np.int32), uv.astype(np.float32), quad[good]


def _parse_mhclo(path: Path) -> dict[str, Any]:
    scale = np.zeros((3, 3))
    index: list[list[int]] = []
    weight: list[list[float]] = []
    offset: list[list[float]] = []
    deleted: list[int] = []
    mode, obj_file = "", ""
    for raw in path.read_text(errors="replace").splitlines():
        p = raw.split()
        if not p or p[0].startswith("#"):
            continue
        if p[0] in ("x_scale", "y_scale", "z_scale"):
            scale["xyz".index(p[0][0])] = (int(p[1]), int(p[2]), float(p[3]))
        elif p[0] in ("verts", "weights", "delete_verts"):
            mode = p[0]
        elif not re.match(r"^-?\d", p[0]):
            if p[0] == "obj_file":
                obj_file = p[1]
        elif mode == "verts":
            alone = len(p) == 1
            index.append([int(p[0])] * 3 if alone else [int(x) for x in p[:3]])
            weight.append([1.0, 0.0, 0.0] if alone else [float(x) for x in p[3:6]])
            offset.append([float(x) for x in p[6:9]] if len(p) >= 9 else [0.0, 0.0, 0.0])
        elif mode == "delete_verts":
            i = 0
            while i < len(p):
                if i + 2 < len(p) and p[i + 1] == "-":
                    deleted += range(int(p[i]), int(p[i + 2]) + 1)
                    i += 3
                else:
                    deleted.append(int(p[i]))
                    i += 1
    return {"index": np.array(index, np.int32), "weight": np.array(weight, np.float32),
            "offset": np.array(offset, np.float32), "scale": scale, "deleted": np.array(deleted, np.int32),
            "obj_file": obj_file}


def _rotation(axis: int, angle: float) -> np.ndarray:
    c, s, r = np.cos(angle), np.sin(angle), np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    r[i, i], r[i, j], r[j, i], r[j, j] = c, -s, s, c
    return r


def rotation_vector(r: np.ndarray) -> np.ndarray:
    """Rotation matrix to rotation vector (radians)."""
    out, _ = cv2.Rodrigues(np.ascontiguousarray(r, np.float64))
    return out[:, 0]


def _parse_bvh(path: Path) -> list[dict[str, list[float]]]:
    """Per frame: bone to rotation vector in the y-up axes of the rest pose. Files are z-up; positions are ignored."""
    lines = path.read_text().splitlines()
    joints: list[tuple[str, list[str]]] = []
    i = 0
    while lines[i].strip() != "MOTION":
        p = lines[i].split()
        if p and p[0] in ("ROOT", "JOINT"):
            joints.append((p[1], []))
        elif p and p[0] == "CHANNELS":
            joints[-1] = (joints[-1][0], p[2:])
        i += 1
    count = int(lines[i + 1].split()[1])
    y_up = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
    frames = []
    for line in lines[i + 3 : i + 3 + count]:
        row, k = [float(x) for x in line.split()], 0
        pose = {}
        for name, channels in joints:
            r = np.eye(3)
            for channel in channels:
                if channel.endswith("rotation"):
                    r = r @ _rotation("XYZ".index(channel[0]), np.deg2rad(row[k]))
                k += 1
            vector = rotation_vector(y_up @ r @ y_up.T)
            if np.abs(vector).max() > 1e-5:
                pose[name] = [round(float(x), 5) for x in vector]
        frames.append(pose)
    return frames


def _read_rig(folder: Path, vertices: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    skeleton = json.loads((folder / "rig/default.mhskel").read_text())
    bones: list[str] = []
    tree = skeleton["bones"]
    while len(bones) < len(tree):
        bones += [n for n, b in tree.items() if n not in bones and (not b["parent"] or b["parent"] in bones)]
    parent = [bones.index(tree[n]["parent"]) if tree[n]["parent"] else -1 for n in bones]
    heads = [skeleton["joints"][tree[n]["head"]] for n in bones]
    weights = json.loads((folder / "rig/default_weights.mhw").read_text())["weights"]
    dense = np.zeros((vertices, len(bones)), np.float32)
    for name, rows in weights.items():
        for vertex, weight in rows:
            dense[int(vertex), bones.index(name)] += weight
    dense /= np.maximum(dense.sum(1, keepdims=True), 1e-9)
    row, column = np.nonzero(dense)
    start = np.searchsorted(row, np.arange(vertices + 1)).astype(np.int32)
    arrays = {"rig/start": start, "rig/bone": column.astype(np.int32), "rig/weight": dense[row, column]}
    return {"bones": bones, "parent": parent, "heads": heads}, arrays


def _read_faces(path: Path, arrays: dict[str, Any], document: dict[str, Any]) -> dict[str, np.ndarray]:
    """Identities of real faces on the head of the base mesh (people/faces.py); offsets in 1 / FACE_STEPS."""
    from .people.body import Rig, average_adult
    from .people.faces import register

    kept = Assets.__new__(Assets)
    kept._take(dict(arrays), document)
    adult, rig = average_adult(kept), Rig(kept)
    triangles = arrays["mesh/body/t"]
    eyes = np.array([rig.head(adult, f"eye.{side}") for side in "LR"])
    rows, offsets = register(path, adult, np.unique(triangles), triangles, eyes, rig.nose, (rig.ear["L"], rig.ear["R"]))
    return {"face/rows": rows, "face/offsets": np.rint(offsets * FACE_STEPS).astype(np.int16)}


def pack_assets(folder: Path, target: Path = PACKED, faces: Path | None = None) -> Path:
    """Packs the building blocks into one file. faces: `ict_face.npz`, for people with real faces.

    Raises AssetError when the folder is not the documented one.
    """
    if not (folder / "base/base.obj").is_file():
        raise AssetError(f"{folder} holds no base/base.obj")
    arrays: dict[str, Any] = {}
    base = _parse_obj(folder / "base/base.obj")
    arrays["base/v"] = base["v"].astype(np.float32)
    for group in MESH_GROUPS:
        t, uv, _ = _triangles(base, base["group"] == group)
        arrays[f"mesh/{group}/t"] = t
        if group == "body":
            arrays[f"mesh/{group}/uv"] = uv
    with np.load(folder / "targets/targets.npz") as z:
        # Gaps and split bytes, planar: the same numbers at a third of the bytes once compressed.
        arrays["targets/start"] = z["start"]
        arrays["targets/gap"] = np.diff(z["index"].astype(np.int32), prepend=0)
        delta = np.ascontiguousarray(z["delta_milli"].T)
        arrays["targets/low"] = (delta & 255).astype(np.uint8)
        arrays["targets/high"] = (delta >> 8).astype(np.int8)
        document: dict[str, Any] = {"targets": [str(n) for n in z["names"]]}
    document["rig"], rig_arrays = _read_rig(folder, len(base["v"]))
    arrays.update(rig_arrays)
    authored = json.loads((folder / "poses/authored_poses.json").read_text())["poses"]
    document["poses"] = authored | {p.stem: _parse_bvh(p)[0] for p in sorted(folder.glob("poses/*.bvh"))
                                    if p.stem not in SKIPPED_POSES}
    units = json.loads((folder / "expressions/face-poseunits.json").read_text())["framemapping"]
    frames = _parse_bvh(folder / "expressions/face-poseunits.bvh")
    document["face_units"] = {name: frames[i] for i, name in enumerate(units) if i < len(frames)}
    document["expressions"] = {p.stem: json.loads(p.read_text())["unit_poses"]
                               for p in sorted(folder.glob("expressions/*.mhpose"))}
    with np.load(folder / "clothes/helper_garment_params.npz") as z:
        arrays |= {f"garment/{k}": z[k] for k in z.files}
    recipes = json.loads((folder / "clothes/helper_garments.json").read_text())
    document["recipes"] = {k: v for k, v in recipes.items() if not k.startswith("_")}
    document["parts"] = json.loads((folder / "clothes/parts.json").read_text())
    document["fabrics"] = {k: v["tile_metres"] for k, v in
                           json.loads((folder / "fabrics/fabrics.json").read_text())["tiles"].items()}
    document["hair_colours"] = json.loads((folder / "hair/textures/colours.json").read_text())["colours"]
    with np.load(folder / "clothes/parts.npz") as z:
        part_of_quad = {k[: -len("/part")]: z[k] for k in z.files if k.endswith("/part")}
    items = []
    for kind in ("clothes", "hair", "eyes"):
        for path in sorted(folder.glob(f"{kind}/*/*.mhclo")):
            name = f"{kind}/{path.stem}"
            clo = _parse_mhclo(path)
            t, uv, quad = _triangles(_parse_obj(path.parent / clo.pop("obj_file")))
            tag = part_of_quad[path.stem][quad] if path.stem in part_of_quad else np.zeros(len(t))
            arrays |= {f"item/{name}/{k}": v for k, v in clo.items()}
            arrays |= {f"item/{name}/t": t, f"item/{name}/uv": uv, f"item/{name}/tag": tag.astype(np.int16)}
            items.append(name)
    document["items"] = items
    for path in sorted([*folder.glob("skin/*"), *folder.glob("eyes/textures/*"), *folder.glob("fabrics/*.jpg"),
                        *folder.glob("hair/textures/*.png")]):
        kind = path.parent.parent.name if path.parent.name == "textures" else path.parent.name
        arrays[f"image/{kind}/{path.stem}"] = np.frombuffer(path.read_bytes(), np.uint8)
    for path in sorted(folder.glob("textures/skins/textures/*_diffuse*.jpg")):
        read = cv2.imread(str(path))
        if read is None:
            raise AssetError(f"{path} is no picture")
        picture = cv2.resize(read, (SKIN_SIDE, SKIN_SIDE), interpolation=cv2.INTER_AREA)
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
        arrays[f"image/skins/{path.stem}"] = coded
    if faces is not None:
        arrays |= _read_faces(faces, arrays, document)
    arrays["document"] = np.frombuffer(json.dumps(document, separators=(",", ":")).encode(), np.uint8)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(f".{os.getpid()}.tmp.npz")
    np.savez_compressed(temporary, **arrays)
    os.replace(temporary, target)
    return target


class Assets:
    """The packed building blocks in memory."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as z:
            arrays = {k: z[k] for k in z.files}
        self._take(arrays, json.loads(arrays.pop("document").tobytes()))

    def _take(self, arrays: dict[str, np.ndarray], document: dict[str, Any]) -> None:
        self.arrays, self.document = arrays, document
        self.base = self.arrays["base/v"]
        self._target_index = np.cumsum(self.arrays.pop("targets/gap"), dtype=np.int64)
        low, high = self.arrays.pop("targets/low"), self.arrays.pop("targets/high")
        self._target_delta = (low.astype(np.int16) | (high.astype(np.int16) << 8)).T
        self.target_row = {n: i for i, n in enumerate(self.document["targets"])}
        self._faces: np.ndarray | None = None
        self._images: dict[tuple[str, int], np.ndarray] = {}

    def target(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Vertex indices and offsets (units) of one morph target."""
        i = self.target_row[name]
        start = self.arrays["targets/start"]
        rows = slice(int(start[i]), int(start[i + 1]))
        return self._target_index[rows], self._target_delta[rows] * np.float32(0.001)

    def faces(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Rows of the base mesh and offsets f32 [components, rows, 3] of real faces; None when packed without."""
        if "face/rows" not in self.arrays:
            return None
        if self._faces is None:
            self._faces = self.arrays["face/offsets"].astype(np.float32) / np.float32(FACE_STEPS)
        return self.arrays["face/rows"], self._faces

    def image(self, name: str, shrink: int = 1) -> np.ndarray:
        """sRGB uint8 [h, w, 3] of `kind/stem` (cached). Callers must not write into it."""
        key = (name, shrink)
        if key not in self._images:
            decoded = cv2.imdecode(self.arrays[f"image/{name}"], cv2.IMREAD_COLOR)
            if decoded is None:
                raise ValueError(f"the picture {name} of the building blocks cannot be read: pack them again")
            raw = decoded[..., ::-1]
            if shrink > 1:
                raw = cv2.resize(raw, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
            self._images[key] = np.ascontiguousarray(raw)
        return self._images[key]

    def images(self, kind: str, prefix: str = "") -> list[str]:
        return sorted(k[6:] for k in self.arrays if k.startswith(f"image/{kind}/{prefix}"))

    def items(self, prefix: str) -> list[str]:
        return [n for n in self.document["items"] if n.startswith(prefix)]


def assets_path() -> Path:
    """The packed file, packing the folder next to the repository when there is none yet."""
    configured = os.environ.get("STATUETTE_HUMANS")
    for candidate in ([Path(configured)] if configured else [PACKED, *FOLDERS]):
        if candidate.is_file():
            return candidate
        if candidate.is_dir():
            return pack_assets(candidate)
    raise AssetError("no building blocks: set STATUETTE_HUMANS to the folder, or to the file pack-assets writes")


@cache
def open_assets(path: Path | None = None) -> Assets:
    return Assets(path or assets_path())
