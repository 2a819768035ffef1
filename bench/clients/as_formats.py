"""Opens one file of a format in the library that knows it and writes what it has, as one line of JSON: FILE PROGRAM (see bench/clients.ts)."""
import importlib.metadata
import json
import sys
import tempfile
import zipfile

import numpy as np

path, program = sys.argv[-2:]


def told(version, points, triangles, up, unit, closed, colours):
    extent = np.ptp(points, axis=0)
    height = extent["xyz".index(up)] * unit
    floor = points[:, "xyz".index(up)].min() * unit
    print(json.dumps({"version": version, "height": float(height), "floor": float(floor), "up": up, "triangles": int(triangles), "closed": closed, "colours": colours}))


def as_trimesh():
    import trimesh

    file = path
    if path.endswith(".zip"):
        folder = tempfile.mkdtemp()
        zipfile.ZipFile(path).extractall(folder)
        file = f"{folder}/figure.obj"
    # Vertices at one place are one: STL has none shared, and an OBJ is read a corner at a time.
    mesh = trimesh.load(file, force="mesh", process=True)
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    printed = path.endswith((".stl", ".3mf"))
    visual = mesh.visual
    has = visual.kind == "vertex" or "color" in getattr(visual, "vertex_attributes", {})
    told(trimesh.__version__, mesh.vertices, len(mesh.faces), "z" if printed else "y", 1e-3 if printed else 1.0, bool(mesh.is_volume), "by vertex" if has else visual.kind or "none")


def as_lib3mf():
    import lib3mf

    model = lib3mf.Wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(path)
    assert reader.GetWarningCount() == 0, "warnings"
    objects = model.GetMeshObjects()
    objects.MoveNext()
    figure = objects.GetCurrentMeshObject()
    points = np.array([[*v.Coordinates] for v in figure.GetVertices()])
    groups = model.GetColorGroups()
    count = groups.GetCurrentColorGroup().GetCount() if groups.MoveNext() else 0
    told(importlib.metadata.version("lib3mf"), points, figure.GetTriangleCount(), "z", 1e-3, bool(figure.IsManifoldAndOriented()), f"{count} colours")


def as_usd():
    from pxr import Usd, UsdGeom, UsdShade, UsdValidation

    stage = Usd.Stage.Open(path)
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/Figure/Mesh"))
    registry = UsdValidation.ValidationRegistry()
    errors = UsdValidation.ValidationContext(registry.GetOrLoadAllValidators()).Validate(stage)
    grave = [f"{e.GetName()}: {e.GetMessage()}" for e in errors if e.GetType() == UsdValidation.ValidationErrorType.Error]
    assert not grave, grave[0]
    material = UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()[0]
    points = np.array(mesh.GetPointsAttr().Get())
    faces = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    up = str(UsdGeom.GetStageUpAxis(stage)).lower()
    told(importlib.metadata.version("usd-core"), points, len(faces), up, UsdGeom.GetStageMetersPerUnit(stage), bool((uses == 2).all()), f"picture of {material.GetPrim().GetName()}")


{"trimesh": as_trimesh, "lib3mf": as_lib3mf, "usd-core": as_usd}[program]()
