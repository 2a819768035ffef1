"""Writes the small files of this folder: python make_cases.py (needs Pillow). Own content, any use."""
import json, os, struct, zipfile
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, data):
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data.encode() if isinstance(data, str) else data)


def glb():
    """One triangle."""
    positions = struct.pack('<9f', 0, 0, 0, 1, 0, 0, 0, 1, 0)
    indices = struct.pack('<3H', 0, 1, 2) + b'\0\0'
    text = json.dumps({
        'asset': {'version': '2.0'}, 'scene': 0, 'scenes': [{'nodes': [0]}], 'nodes': [{'mesh': 0}],
        'meshes': [{'primitives': [{'attributes': {'POSITION': 0}, 'indices': 1}]}],
        'accessors': [
            {'bufferView': 0, 'componentType': 5126, 'count': 3, 'type': 'VEC3', 'min': [0, 0, 0], 'max': [1, 1, 0]},
            {'bufferView': 1, 'componentType': 5123, 'count': 3, 'type': 'SCALAR'}],
        'bufferViews': [{'buffer': 0, 'byteOffset': 0, 'byteLength': 36, 'target': 34962},
                        {'buffer': 0, 'byteOffset': 36, 'byteLength': 6, 'target': 34963}],
        'buffers': [{'byteLength': 44}]}).encode()
    text += b' ' * (-len(text) % 4)
    binary = positions + indices
    return (struct.pack('<4sII', b'glTF', 2, 28 + len(text) + len(binary)) + struct.pack('<I4s', len(text), b'JSON') + text
            + struct.pack('<I4s', len(binary), b'BIN\0') + binary)


MESH = glb()
write('triangle.glb', MESH)
write('cut.glb', MESH[: len(MESH) // 2])
write('mesh.gltf', '{"asset": {"version": "2.0"}}\n')
write('mesh.obj', '# a triangle\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n')
write('cloud.ply', 'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0 0\n')
write('letter.txt', 'Dear all,\nplease find attached.\n')
write('empty.ply', '')
write('page.glb', '<!doctype html><title>404</title>\n')
write('notes.json', '{"a": 1}\n')
write('no_photos/letter.txt', 'no photo here\n')
for name in ('photo.jpg', 'photos/anna.jpg', 'photos/ben.png', 'photos/ben_mask.png'):
    os.makedirs(os.path.dirname(os.path.join(HERE, name)), exist_ok=True)
    Image.new('RGB', (16, 24), (90, 120, 150)).save(os.path.join(HERE, name))
with zipfile.ZipFile(os.path.join(HERE, 'things.zip'), 'w') as archive:
    archive.writestr(zipfile.ZipInfo('letter.txt', (2024, 1, 1, 0, 0, 0)), 'hello')
