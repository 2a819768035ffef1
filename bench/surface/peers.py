"""Screened Poisson of Open3D or PyMeshLab on one cloud: one JSON line with CPU seconds, wall seconds and peak MB.

python peers.py open3d|pymeshlab CLOUD.ply MESH.ply DEPTH THREADS
Needs `pip install open3d pymeshlab numpy`. Reading and writing are not counted. The mesh keeps only positions and
triangles. Open3D: defaults (point weight 4, linear fit off). PyMeshLab: filter defaults, pre-clean off.
"""

import importlib.metadata
import json
import resource
import sys
import time

peer, cloud_path, mesh_path, depth, threads = sys.argv[1:6]


def peak_mb() -> float:
    # Of this process alone: what getrusage says begins with what the parent had when it started us.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def clock():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


if peer == "open3d":
    import open3d as o3d

    cloud = o3d.io.read_point_cloud(cloud_path)
    before, (wall, cpu) = peak_mb(), clock()
    mesh, _ = o3d.geometry.TriangleMesh.create_from_point_cloud_poisson(
        cloud, depth=int(depth), n_threads=int(threads)
    )
    wall_after, cpu_after = clock()
    after = peak_mb()
    mesh.vertex_normals = o3d.utility.Vector3dVector()
    mesh.vertex_colors = o3d.utility.Vector3dVector()
    o3d.io.write_triangle_mesh(mesh_path, mesh)
    version = o3d.__version__
else:
    import pymeshlab

    meshes = pymeshlab.MeshSet()
    meshes.load_new_mesh(cloud_path)
    before, (wall, cpu) = peak_mb(), clock()
    meshes.generate_surface_reconstruction_screened_poisson(depth=int(depth), threads=int(threads), preclean=False)
    wall_after, cpu_after = clock()
    after = peak_mb()
    meshes.save_current_mesh(mesh_path, save_vertex_color=False, save_vertex_normal=False, save_face_color=False)
    version = importlib.metadata.version("pymeshlab")

print(
    json.dumps(
        {
            "peer": f"{peer} {version}",
            "wallS": round(wall_after - wall, 2),
            "cpuS": round(cpu_after - cpu, 2),
            "peakMb": round(after),
            "addedMb": round(after - before),
        }
    )
)
