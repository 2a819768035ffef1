"""Opens a GLB or PLY in Blender (the bpy module) and writes what Blender has: FILE OUT.json OUT.bin (see bench/clients.ts)."""
import json
import sys

import bpy  # Brings the next one along.
import bmesh
import numpy as np

path, facts_path, vertices_path = sys.argv[-3:]
bpy.ops.wm.read_factory_settings(use_empty=True)
if path.endswith(".glb"):
    bpy.ops.import_scene.gltf(filepath=path)
else:
    bpy.ops.wm.ply_import(filepath=path)
[figure] = [o for o in bpy.data.objects if o.type == "MESH"]
mesh = figure.data
count = len(mesh.vertices)
world = np.array(figure.matrix_world)


def values(collection, name, width):
    out = np.empty(len(collection) * width, np.float32)
    collection.foreach_get(name, out)
    return out.reshape(-1, width)


positions = values(mesh.vertices, "co", 3) @ world[:3, :3].T + world[:3, 3]
corner_vertex = np.empty(len(mesh.loops), np.int32)
mesh.loops.foreach_get("vertex_index", corner_vertex)
normals = np.full((count, 3), np.nan, np.float32)
normals[corner_vertex] = values(mesh.corner_normals, "vector", 3)
colours = np.full((count, 3), np.nan, np.float32)
colour = mesh.color_attributes.active_color
if colour is not None:
    srgb = values(colour.data, "color_srgb", 4)[:, :3] * 255
    if colour.domain == "POINT":
        colours = srgb
    else:
        colours[corner_vertex] = srgb
check = bmesh.new()
check.from_mesh(mesh)
# Blender has z up and looks along y: back to y up, facing z.
turn = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) if path.endswith(".glb") else np.eye(3)
out = np.concatenate([positions @ turn.T, colours, normals @ turn.T], axis=1).astype("<f4")
open(vertices_path, "wb").write(out.tobytes())
json.dump(
    {
        "version": bpy.app.version_string,
        "up": "z" if path.endswith(".glb") else "as stored",
        "triangles": len(mesh.polygons),
        "material": mesh.materials[0].name if mesh.materials else None,
        "manifold": all(e.is_manifold for e in check.edges) and all(v.is_manifold for v in check.verts),
        "attributes": sorted(
            f"{a.name} {a.data_type}" for a in mesh.attributes if not a.name.startswith(".") and a.name.isupper()
        ),
    },
    open(facts_path, "w"),
)
