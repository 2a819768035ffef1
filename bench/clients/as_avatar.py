"""Opens a textured or rigged GLB, or a VRM, in Blender and says what Blender has of it: FILE; the last line is JSON."""
import json
import os
import shutil
import sys
import tempfile

import bpy  # Brings the next one along.
import bmesh
import numpy as np

path = sys.argv[-1]
if path.endswith(".vrm"):  # A GLB with an extension that Blender leaves alone; its importer goes by the file's ending.
    copy = os.path.join(tempfile.mkdtemp(), "avatar.glb")
    shutil.copy(path, copy)
    path = copy
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=path)
# A mesh without faces or parent is what the importer draws bones with.
[figure] = [o for o in bpy.data.objects if o.type == "MESH" and len(o.data.polygons) > 1000]
armatures = [o for o in bpy.data.objects if o.type == "ARMATURE"]
mesh = figure.data
positions = np.empty(len(mesh.vertices) * 3, np.float32)
mesh.vertices.foreach_get("co", positions)
world = np.array(figure.matrix_world)
positions = positions.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
check = bmesh.new()
check.from_mesh(mesh)
bmesh.ops.remove_doubles(check, verts=check.verts, dist=1e-7)
told = []
for slot in mesh.materials:
    for node in slot.node_tree.nodes:
        if node.type == "TEX_IMAGE" and node.image:
            told.append(f"{node.image.size[0]} px {node.image.colorspace_settings.name}")
if mesh.color_attributes.active_color is not None and not told:
    told.append("vertex colours")
faults = []
if armatures:
    [armature] = armatures
    bones = {bone.name for bone in armature.data.bones}
    groups = {group.name for group in figure.vertex_groups}
    deforms = any(m.type == "ARMATURE" and m.object == armature for m in figure.modifiers)
    loose = sum(1 for v in mesh.vertices if abs(sum(g.weight for g in v.groups) - 1) > 1e-3)
    told.append(f"armature of {len(bones)} bones")
    motions = sorted({action.name.split("_")[0] for action in bpy.data.actions})
    if motions:
        told.append("motions " + " ".join(motions))
    if not deforms:
        faults.append("no armature modifier")
    if loose:
        faults.append(f"{loose} vertices whose weights do not sum to 1")
    if not groups <= bones:
        faults.append("weights of bones that are not there")
print(json.dumps({
    "version": bpy.app.version_string,
    "height": float(positions[:, 2].max() - positions[:, 2].min()),
    "floor": float(positions[:, 2].min()),
    "up": "z",
    "triangles": len(mesh.polygons),
    "closed": all(e.is_manifold for e in check.edges),
    "colours": ", ".join(told) or "none",
    "faults": faults,
}))
