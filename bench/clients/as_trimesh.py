"""Opens a GLB or PLY in trimesh and writes what it has: FILE OUT.json OUT.bin (see bench/clients.ts)."""
import json
import sys

import numpy as np
import trimesh

path, facts_path, vertices_path = sys.argv[-3:]
scene = trimesh.load_scene(path, process=False)
[name] = scene.graph.nodes_geometry
transform, geometry = scene.graph[name]
mesh = scene.geometry[geometry]
visual = mesh.visual
mesh.apply_transform(transform)
joined = trimesh.load(path, process=True, force="mesh")
# Beside a material trimesh keeps colours as an attribute, as they are in the file.
colours = getattr(visual, "vertex_attributes", {}).get("color")
if colours is None and visual.kind == "vertex":
    colours = visual.vertex_colors
if colours is None:
    colours = np.full((len(mesh.vertices), 3), np.nan)
else:
    most = np.iinfo(colours.dtype).max if colours.dtype.kind == "u" else 1.0
    colours = colours[:, :3] / most * 255
material = getattr(visual, "material", None)
normals = mesh.vertex_normals
out = np.concatenate([mesh.vertices, colours, normals], axis=1).astype("<f4")
open(vertices_path, "wb").write(out.tobytes())
json.dump(
    {
        "version": trimesh.__version__,
        "up": "y" if path.endswith(".glb") else "as stored",
        "triangles": len(mesh.faces),
        "material": getattr(material, "name", None),
        "manifold": bool(joined.is_watertight and joined.is_winding_consistent and joined.is_volume),
        "colours": "linear" if path.endswith(".glb") else "srgb",
        "attributes": sorted(f"{k} {v.dtype}" for k, v in mesh.vertex_attributes.items() if k.isupper()),
    },
    open(facts_path, "w"),
)
