"""The renderer, mesh files and scans on shapes whose answer is known."""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh

from statuette_training import native
from statuette_training.meshes import Mesh, MeshError, compare, read_mesh
from statuette_training.people.topology import Topology
from statuette_training.pictures import read_picture
from statuette_training.render import FOCAL_PX, Placement, project, render_view
from statuette_training.samples import seen_triangles, write_sample
from statuette_training.scans import render_command, scan_as_person


def sphere(levels: int = 5, radius: float = 1.0) -> Mesh:
    octahedron = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float32)
    faces = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]], np.int32)
    topology = Topology(faces, 6, levels)
    v, _ = topology.raise_to_fine(octahedron)
    return Mesh((v / np.linalg.norm(v, axis=1, keepdims=True) * radius).astype(float), topology.t)


def write_ply(mesh: Mesh, path: Path) -> None:
    header = (f"ply\nformat binary_little_endian 1.0\nelement vertex {len(mesh.v)}\n"
              "property float x\nproperty float y\n"
              "property float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\n"
              f"element face {len(mesh.t)}\nproperty list uchar int vertex_indices\nend_header\n")
    vertex = np.zeros(len(mesh.v), [("p", "<f4", 3), ("c", "u1", 3)])
    vertex["p"], vertex["c"] = mesh.v, (np.clip(mesh.v + 1, 0, 2) * 127).astype(np.uint8)
    face = np.zeros(len(mesh.t), [("n", "u1"), ("i", "<i4", 3)])
    face["n"], face["i"] = 3, mesh.t
    path.write_bytes(header.encode() + vertex.tobytes() + face.tobytes())


def test_sphere_depth_is_exact() -> None:
    person = scan_as_person(sphere(7), None)
    view = render_view(person, Placement(0.0), np.random.default_rng(0), threads=2, extras=True)
    assert view is not None
    y0, _, x0, _ = view.box
    radius, mask = 1 / 2.8, view.mask
    yy, xx = np.nonzero(mask)
    ray = np.stack([(xx + x0 + 0.5 - 1024) / FOCAL_PX, -(yy + y0 + 0.5 - 1024) / FOCAL_PX, -np.ones(len(xx))], 1)
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    b = -ray[:, 2]
    root = np.sqrt(np.maximum(b * b - 1 + radius**2, 0))
    inner = root > 0.08
    for depth, r in ((view.front, b - root), (view.back, b + root)):
        want = (r - 1) * FOCAL_PX + 1024
        assert np.abs(depth[mask] - want)[inner].max() < 1.0
    assert abs(mask.sum() / (np.pi * (FOCAL_PX * np.tan(np.arcsin(radius))) ** 2) - 1) < 0.005
    assert view.part is not None and (view.part[mask] == 1).all()
    assert view.colour[mask].mean() > 5


def test_threads_give_the_same_picture() -> None:
    person = scan_as_person(sphere(4), None)
    views = [render_view(person, Placement(10.0), np.random.default_rng(3), threads=n) for n in (1, 3)]
    a, b = views
    assert a is not None and b is not None
    assert np.array_equal(a.front, b.front) and np.array_equal(a.colour, b.colour)


def test_coded_normals_match_the_torch_rule() -> None:
    import torch

    from statuette_training.losses import consistency_normals

    d = (1024 + 30 * np.random.default_rng(0).standard_normal((40, 30))).astype(np.float32)
    d[:5, :7] = 0
    got = native.coded_normals(d).astype(np.float32)
    want = consistency_normals(torch.from_numpy(d / 512)).permute(1, 2, 0).numpy() * 255
    assert np.abs(got - want).max() <= 0.51


def test_projection_puts_the_axis_in_the_middle() -> None:
    assert np.allclose(project(np.array([[0, 0, -1.0]])), 1024)
    assert project(np.array([[0.1, 0.2, -1.0]]))[0] == pytest.approx([1024 + 219.5975, 1024 - 439.195], abs=1e-3)


def test_compare_measures_a_known_offset() -> None:
    a, b = sphere(5, 0.4), sphere(5, 0.41)
    result = compare(a, b, 4000)
    assert result["chamfer_cm"] == pytest.approx(1.0, abs=0.2)
    assert result["normal_consistency"] > 0.99
    assert compare(a, b, 4000, align=True)["chamfer_cm"] < result["chamfer_cm"]


def test_scans_fill_the_reference_layout(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    write_ply(sphere(4, 900.0), scans / "ball.ply")  # millimetres: units do not matter
    (scans / "broken.ply").write_text("ply\nend_header\n")
    a = argparse.Namespace(data=tmp_path / "out", scans=scans, set="SET", joints=None, yaw=[0, 10], up="y", seed=1)
    render_command(a)
    depth = read_picture(tmp_path / "out/PERS/DEPTH/SET_0_y_10_x/ball_front.png", cv2.IMREAD_UNCHANGED)
    assert depth.dtype == np.uint16 and depth.shape == (2048, 2048)
    assert depth[1024, 1024] / 32 == pytest.approx(1024 - FOCAL_PX / 2.8, abs=1.5)
    flat = read_picture(tmp_path / "out/ORTH/DEPTH/SET_0_y_0_x/ball_back.png", cv2.IMREAD_UNCHANGED)
    assert flat[1024, 1024] / 32 == pytest.approx(1024 + FOCAL_PX / 2.8, abs=1.5)
    assert len((tmp_path / "out/list/train_test.txt").read_text().splitlines()) == 2


def test_bad_meshes_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    with pytest.raises(MeshError, match="a.obj is damaged"):
        read_mesh(tmp_path / "a.obj")
    (tmp_path / "flat.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 1 2\n")
    with pytest.raises(MeshError, match="flat.obj holds no triangles"):
        read_mesh(tmp_path / "flat.obj")
    (tmp_path / "points.ply").write_text("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
                                         "property float z\nend_header\n0 0 0\n")
    with pytest.raises(MeshError, match="holds no triangles"):
        read_mesh(tmp_path / "points.ply")
    (tmp_path / "b.glb").write_bytes(b"glTF" + struct.pack("<II", 2, 12))
    with pytest.raises(MeshError, match="damaged"):
        read_mesh(tmp_path / "b.glb")
    (tmp_path / "c.stl").write_text("")
    with pytest.raises(MeshError, match="give OBJ"):
        read_mesh(tmp_path / "c.stl")


def test_obj_with_vertex_colours(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0 1 0 0\nv 1 0 0 1 0 0\nv 0 1 0 1 0 0\nv 1 1 0 1 0 0\nf 1 2 4 3\nf 1 1 2\n")
    mesh = read_mesh(tmp_path / "a.obj")
    assert len(mesh.t) == 2 and mesh.dropped == 1
    assert mesh.colour is not None and (mesh.colour == np.array([255, 0, 0])).all()


def test_a_texture_of_an_obj_and_of_a_glb_stands_upright(tmp_path: Path) -> None:
    """Red at the top of the picture, where v is 1; the GLB counts rows from the top, the OBJ from the bottom."""
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2] = [0, 0, 255]  # BGR
    cv2.imwrite(str(tmp_path / "t.png"), picture)
    (tmp_path / "a.mtl").write_text("newmtl m\nmap_Kd t.png\n")
    (tmp_path / "a.obj").write_text("mtllib a.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
                                    "f 1/1 2/2 3/3\n")
    obj = read_mesh(tmp_path / "a.obj")
    trimesh.load(tmp_path / "a.obj", process=False).export(tmp_path / "a.glb")
    for mesh in (obj, read_mesh(tmp_path / "a.glb")):
        assert mesh.uv is not None and mesh.texture is not None
        top = int(np.argmax(mesh.v[mesh.t[0], 1]))
        assert mesh.uv[0, top, 1] == 1
        assert mesh.texture[0, 0].tolist() == [255, 0, 0] and mesh.texture[-1, 0].tolist() == [0, 0, 0]


def test_glb_colours_are_linear_and_its_nodes_are_placed(tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(1)
    ball.visual.vertex_colors = np.tile(np.array([55, 55, 55, 255], np.uint8), (len(ball.vertices), 1))
    scene = trimesh.Scene()
    scene.add_geometry(ball, transform=trimesh.transformations.translation_matrix([0, 3, 0]))
    scene.export(tmp_path / "a.glb")
    mesh = read_mesh(tmp_path / "a.glb")
    assert mesh.v[:, 1].min() == pytest.approx(2, abs=0.1)
    assert mesh.colour is not None and abs(int(mesh.colour[0, 0]) - 127) <= 1


def test_only_the_outside_is_truth() -> None:
    outer, inner = sphere(4, 1.0), sphere(4, 0.6)
    v, t = np.concatenate([outer.v, inner.v]), np.concatenate([outer.t, inner.t + len(outer.v)])
    seen = seen_triangles(v, t)
    assert seen[: len(outer.t)].mean() > 0.97
    assert not seen[len(outer.t) :].any()


def test_sample_truth_lies_in_the_frame_of_the_clouds(humans, tmp_path: Path) -> None:
    name = write_sample(3, 0, tmp_path, room=True)
    truth = read_mesh(tmp_path / f"{name}_truth.ply")
    facts = json.loads((tmp_path / f"{name}.json").read_text())
    height = np.ptp(truth.v[:, 1]) * facts["metres_per_unit"]
    assert 1.2 < height < 2.4
    # Two pixels of room: vertices on the outline round to either side of it.
    mask = cv2.dilate(read_picture(tmp_path / f"{name}_alpha.png", 0), np.ones((5, 5), np.uint8)) > 0
    p = truth.v * 1.0367394227574303 - [0, 0, 1]
    pixels = project(p).astype(int)
    assert mask[pixels[:, 1], pixels[:, 0]].mean() > 0.99
