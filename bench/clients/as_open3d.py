"""Opens a GLB or PLY in Open3D and writes what it has: FILE OUT.json OUT.bin (see bench/clients.ts)."""
import json
import sys

import numpy as np
import open3d as o3d

path, facts_path, vertices_path = sys.argv[-3:]
mesh = o3d.io.read_triangle_mesh(path)
model = o3d.io.read_triangle_model(path) if path.endswith(".glb") else None
missing = np.full((len(mesh.vertices), 3), np.nan)
colours = np.asarray(mesh.vertex_colors) * 255 if mesh.has_vertex_colors() else missing
normals = np.asarray(mesh.vertex_normals) if mesh.has_vertex_normals() else missing
out = np.concatenate([np.asarray(mesh.vertices), colours, normals], axis=1).astype("<f4")
open(vertices_path, "wb").write(out.tobytes())
json.dump(
    {
        "version": o3d.__version__,
        "up": "y" if path.endswith(".glb") else "as stored",
        "triangles": len(mesh.triangles),
        "material": model.materials[0].shader if model and model.materials else None,
        "manifold": bool(
            mesh.is_edge_manifold(allow_boundary_edges=False)
            and mesh.is_vertex_manifold()
            and mesh.is_orientable()
        ),
        # As they are in the file: linear in a GLB.
        "colours": "linear" if path.endswith(".glb") else "srgb",
        "attributes": [],
    },
    open(facts_path, "w"),
)
