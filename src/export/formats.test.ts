import { decode } from 'fast-png';
import { unzipSync } from 'fflate';
import { validateBytes } from 'gltf-validator';
import { MeshoptDecoder } from 'meshoptimizer/decoder';
import { type InterleavedBufferAttribute, type Mesh, Vector3 } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { OBJLoader } from 'three/addons/loaders/OBJLoader.js';
import { PLYLoader } from 'three/addons/loaders/PLYLoader.js';
import { STLLoader } from 'three/addons/loaders/STLLoader.js';
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { cellTexture } from './cell-texture.ts';
import { encodeMesh } from './encode-mesh.ts';
import {
  DEFAULT_FILE_OPTIONS,
  EXPORTS,
  FORMAT_WORDS,
  formatOfWord,
  MESH_FORMATS,
  trianglesFor,
} from './formats.ts';
import type { MeshData } from './mesh-data.ts';
import { sphereMesh } from './mesh-fixtures.ts';
import { encodePng } from './png.ts';
import { linearFromSrgb } from './srgb.ts';

const FACTS = { name: 'A <figure> & "more"', generator: 'Statuette test', extras: { mode: 'robust' } };
// Eight columns: its box is centred on it.
const MESH = sphereMesh(6, 8);
/** Formats that a plain thread can write of any mesh: pictures and video need a graphics context, rigs a person (rig/). */
const FILES = MESH_FORMATS.filter((format) => !['png', 'webm', 'rigged', 'vrm'].includes(format));
const PIXEL = encodePng({ width: 1, height: 1, channels: 3, data: Uint8Array.of(200, 100, 50) });
const TEXTURED: MeshData = {
  ...MESH,
  texture: {
    uvs: Float32Array.from({ length: MESH.seen.length * 2 }, (_, i) => ((i * 13) % 32) / 32),
    colour: { bytes: PIXEL, mime: 'image/png' },
    normals: { bytes: PIXEL, mime: 'image/png' },
  },
};

const write = (format: (typeof FILES)[number], mesh: MeshData = MESH, up: 'y' | 'z' = 'y') =>
  encodeMesh(format, mesh, FACTS, { ...DEFAULT_FILE_OPTIONS, up });
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bufferOf = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);

/** Where vertex i has to be: 1.70 m tall, feet on the ground; the sphere's radius is half its height. */
function placed(i: number, up: 'y' | 'z', unit = 1): number[] {
  const [x, y, z] = [0, 1, 2].map((axis) => MESH.positions[i * 3 + axis] * 1.7);
  return (up === 'y' ? [x, y + 0.85, z] : [x, -z, y + 0.85]).map((value) => value * unit);
}

function expectPlaced(found: ArrayLike<number>, up: 'y' | 'z', unit = 1, within = 2e-6): void {
  expect(found.length).toBe(MESH.positions.length);
  let worst = 0;
  for (let i = 0; i < MESH.seen.length; i++) {
    placed(i, up, unit).forEach((value, axis) => {
      worst = Math.max(worst, Math.abs(value - found[i * 3 + axis]));
    });
  }
  expect(worst).toBeLessThan(within * unit);
}

describe('every format of the mesh', () => {
  test.each(FILES)('%s: same mesh, same bytes, with a texture as well', async (format) => {
    expect(await write(format)).toEqual(await write(format));
    const textured = await write(format, TEXTURED);
    expect(textured).toEqual(await write(format, TEXTURED));
    expect(textured.length).toBeGreaterThan(500);
  });

  test.each(FILES)('%s refuses what is not a mesh', async (format) => {
    const positions = MESH.positions.slice();
    positions[4] = Number.NaN;
    for (const broken of [
      { ...MESH, positions },
      { ...MESH, indices: new Uint32Array(0) },
      { ...MESH, positions: MESH.positions.map((value, i) => (i % 3 === 1 ? 0 : value)) },
      { ...TEXTURED, texture: { ...TEXTURED.texture, uvs: new Float32Array(2) } } as MeshData,
    ]) {
      await expect(write(format, broken)).rejects.toThrow(StageError);
    }
  });

  test.each(FILES)('%s is written over 65,535 vertices', async (format) => {
    expect((await write(format, sphereMesh(260, 260))).length).toBeGreaterThan(100_000);
  });

  test('has a word, a file and an ending of its own', () => {
    const files = MESH_FORMATS.map((format) => EXPORTS[format].file);
    expect(new Set(files).size).toBe(files.length);
    expect(new Set(FORMAT_WORDS).size).toBe(FORMAT_WORDS.length);
    expect(FORMAT_WORDS.map(formatOfWord)).toEqual([
      ...MESH_FORMATS.slice(0, 1),
      'texturedGlb',
      ...MESH_FORMATS.slice(1),
    ]);
    expect(formatOfWord('gltf')).toBeUndefined();
    const endings = Object.values(EXPORTS).map(({ ending }) => ending);
    expect(new Set(endings).size).toBe(endings.length);
  });

  test('that takes fewer triangles gets a smaller mesh, others the chosen one', () => {
    expect(trianglesFor('usdz', null, 400_000)).toBe(50_000);
    expect(trianglesFor('usdz', 10_000, 400_000)).toBe(10_000);
    expect(trianglesFor('usdz', null, 30_000)).toBeNull();
    expect(trianglesFor('glb', null, 400_000)).toBeNull();
    expect(trianglesFor('glb', 200_000, 400_000)).toBe(200_000);
  });
});

describe('GLB', () => {
  test('with a texture has pictures instead of colours and passes the validator', async () => {
    const report = await validateBytes(await write('glb', TEXTURED));
    // A generated tangent space is the reader's own; ours comes from MikkTSpace as glTF says.
    const grave = report.issues.messages.filter(
      ({ severity, code }) => severity < 2 && code !== 'MESH_PRIMITIVE_GENERATED_TANGENT_SPACE',
    );
    expect(grave).toEqual([]);
    expect(textOf(await write('glb', TEXTURED)).match(/"image\/png"/g)).toHaveLength(2);
  });

  test('compressed by meshopt has the same vertices, colours and triangles within their steps', async () => {
    const bytes = await write('glbMeshopt');
    expect((await validateBytes(bytes)).issues.numErrors).toBe(0);
    await MeshoptDecoder.ready;
    const loader = new GLTFLoader();
    loader.setMeshoptDecoder(MeshoptDecoder);
    const { scene } = await loader.parseAsync(bufferOf(bytes), '');
    const mesh = scene.getObjectByProperty('type', 'Mesh') as Mesh;
    mesh.updateWorldMatrix(true, false);
    const attribute = (name: string) => mesh.geometry.getAttribute(name) as InterleavedBufferAttribute;
    const position = attribute('position');
    const used = new Set<number>();
    for (let i = 0; i < position.count; i++) {
      const at = new Vector3().fromBufferAttribute(position, i).applyMatrix4(mesh.matrixWorld).toArray();
      const [mine] = MESH.seen
        .reduce<[number, number][]>((list, _, k) => {
          list.push([k, Math.hypot(...placed(k, 'y').map((value, axis) => value - at[axis]))]);
          return list;
        }, [])
        .sort((a, b) => a[1] - b[1]);
      expect(mine[1]).toBeLessThan(5e-5);
      used.add(mine[0]);
      expect(attribute('color').getX(i)).toBeCloseTo(linearFromSrgb(MESH.colours[mine[0] * 3] / 255), 4);
      expect(attribute('normal').getY(i)).toBeCloseTo(MESH.normals[mine[0] * 3 + 1], 1);
      expect(attribute('_seen').getX(i)).toBeCloseTo(MESH.seen[mine[0]] / 255, 3);
      expect(attribute('_confidence').getX(i)).toBeCloseTo(MESH.confidence[mine[0]] / 255, 3);
    }
    expect(used.size).toBe(MESH.seen.length);
    expect(mesh.geometry.index?.count).toBe(MESH.indices.length);
  });

  test('compressed by meshopt is a fifth of the plain one, or less', async () => {
    const large = sphereMesh(260, 260);
    const [plain, small] = [await write('glb', large), await write('glbMeshopt', large)];
    expect(small.length).toBeLessThan(plain.length / 5);
  });
});

describe('OBJ', () => {
  test('has the coordinates, colours, normals and triangles, and names its material file', async () => {
    const files = unzipSync(await write('obj'));
    expect(Object.keys(files)).toEqual(['figure.mtl', 'figure.obj']);
    const text = textOf(files['figure.obj']);
    expect(text).toContain('mtllib figure.mtl');
    expect(textOf(files['figure.mtl'])).toContain('newmtl skin_and_cloth');
    const rows = (head: string) =>
      text
        .split('\n')
        .filter((row) => row.startsWith(`${head} `))
        .map((row) => row.split(' ').slice(1));
    expectPlaced(
      rows('v').flatMap((row) => row.slice(0, 3).map(Number)),
      'y',
    );
    expect(rows('v').flatMap((row) => row.slice(3).map((value) => Math.round(Number(value) * 255)))).toEqual([
      ...MESH.colours,
    ]);
    expect(rows('f').flatMap((row) => row.map((corner) => Number(corner.split('/')[0]) - 1))).toEqual([
      ...MESH.indices,
    ]);
    const read = new OBJLoader().parse(text).children[0] as Mesh;
    expect(read.geometry.getAttribute('position').count).toBe(MESH.indices.length);
    expect(read.geometry.hasAttribute('color')).toBe(true);
  });

  test('with a texture brings its pictures along, v up', async () => {
    const files = unzipSync(await write('obj', TEXTURED, 'z'));
    expect(Object.keys(files)).toEqual(['figure-normals.png', 'figure.mtl', 'figure.obj', 'figure.png']);
    expect(files['figure.png']).toEqual(PIXEL);
    expect(textOf(files['figure.mtl'])).toContain('map_Kd figure.png');
    const text = textOf(files['figure.obj']);
    const [, u, v] = /^vt (\S+) (\S+)$/m.exec(text) ?? [];
    expect([Number(u), 1 - Number(v)]).toEqual([...(TEXTURED.texture?.uvs.slice(0, 2) ?? [])]);
    expect(text).toMatch(/^f 1\/1\/1 /m);
    expectPlaced(
      [...text.matchAll(/^v (\S+) (\S+) (\S+)$/gm)].flatMap((row) => row.slice(1).map(Number)),
      'z',
    );
  });
});

test('STL: millimetres, z up, triangles outside out, and no text form by mistake', async () => {
  const bytes = await encodeMesh('stl', MESH, { ...FACTS, name: 'solid figure' }, DEFAULT_FILE_OPTIONS);
  expect(textOf(bytes.subarray(0, 5)).toLowerCase()).not.toBe('solid');
  const read = new STLLoader().parse(bufferOf(bytes));
  const positions = read.getAttribute('position');
  const normals = read.getAttribute('normal');
  expect(positions.count).toBe(MESH.indices.length);
  for (let corner = 0; corner < positions.count; corner++) {
    placed(MESH.indices[corner], 'z', 1000).forEach((value, axis) => {
      expect(Math.abs(positions.getComponent(corner, axis) - value)).toBeLessThan(1e-3);
    });
    // From the middle of the sphere outwards.
    const [x, y, z] = [0, 1, 2].map((axis) => positions.getComponent(corner, axis));
    expect(
      x * normals.getX(corner) + y * normals.getY(corner) + (z - 850) * normals.getZ(corner),
    ).toBeGreaterThan(0);
  }
});

describe('3MF', () => {
  test('millimetres, z up, a colour a vertex, text that XML allows', async () => {
    const files = unzipSync(await write('threeMf'));
    expect(Object.keys(files)).toContain('[Content_Types].xml');
    expect(textOf(files['_rels/.rels'])).toContain('Target="/3D/3dmodel.model"');
    const model = textOf(files['3D/3dmodel.model']);
    expect(model).toContain('unit="millimeter"');
    expect(model).toContain('name="A &lt;figure&gt; &amp; &quot;more&quot;"');
    const vertices = [...model.matchAll(/<vertex x="(\S+)" y="(\S+)" z="(\S+)"\/>/g)];
    expectPlaced(
      vertices.flatMap((row) => row.slice(1).map(Number)),
      'z',
      1000,
      1e-5,
    );
    const colours = [...model.matchAll(/<m:color color="#(\w{6})FF"\/>/g)].map((row) =>
      Number.parseInt(row[1], 16),
    );
    const triangles = [
      ...model.matchAll(/v1="(\d+)" v2="(\d+)" v3="(\d+)" pid="1" p1="(\d+)" p2="(\d+)" p3="(\d+)"/g),
    ].map((row) => row.slice(1).map(Number));
    expect(triangles.flatMap((row) => row.slice(0, 3))).toEqual([...MESH.indices]);
    for (const row of triangles) {
      for (let k = 0; k < 3; k++) {
        const colour = colours[row[3 + k]];
        [16, 8, 0].forEach((shift, c) => {
          expect(Math.abs(((colour >> shift) & 255) - MESH.colours[row[k] * 3 + c])).toBeLessThanOrEqual(3);
        });
      }
    }
  });

  test('with a texture refers to its picture', async () => {
    const files = unzipSync(await write('threeMf', TEXTURED));
    expect(files['3D/Textures/figure.png']).toEqual(PIXEL);
    expect(textOf(files['3D/_rels/3dmodel.model.rels'])).toContain('/3D/Textures/figure.png');
    const model = textOf(files['3D/3dmodel.model']);
    expect(model.match(/<m:tex2coord /g)).toHaveLength(MESH.seen.length);
    expect(model).not.toContain('colorgroup');
  });
});

test.each(['y', 'z'] as const)('PLY, binary and text: metres, %s up, the same in both', async (up) => {
  const [binary, text] = [await write('meshPly', MESH, up), await write('asciiPly', MESH, up)];
  expect(textOf(text)).toMatch(/^ply\nformat ascii 1.0\n/);
  expect(textOf(text)).toContain(`comment metres, ${up} up\n`);
  for (const bytes of [binary, text]) {
    const loader = new PLYLoader();
    loader.setCustomPropertyNameMapping({ confidence: ['confidence'], quality: ['quality'] });
    const read = loader.parse(bufferOf(bytes));
    expectPlaced(read.getAttribute('position').array, up);
    expect([...(read.index?.array ?? [])]).toEqual([...MESH.indices]);
    const normals = read.getAttribute('normal');
    expect(normals.getComponent(0, up === 'y' ? 1 : 2)).toBeCloseTo(1, 4);
    const share = (name: string) => [...read.getAttribute(name).array].map((v) => Math.round(v * 255));
    expect(share('quality')).toEqual([...MESH.seen]);
    expect(share('confidence')).toEqual([...MESH.confidence]);
  }
});

describe('USDZ', () => {
  test('is an uncompressed zip whose files begin at multiples of 64 bytes, the stage first', async () => {
    const bytes = await write('usdz');
    const view = new DataView(bytes.buffer);
    const names: string[] = [];
    for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
      expect(view.getUint16(at + 8, true)).toBe(0);
      const [name, extra] = [view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
      const start = at + 30 + name + extra;
      names.push(textOf(bytes.subarray(at + 30, at + 30 + name)));
      expect(start % 64).toBe(0);
      at = start + view.getUint32(at + 18, true);
    }
    expect(names).toEqual(['figure.usda', 'textures/colour.png']);
  });

  test('holds the mesh in metres, y up, with a place in the picture for each corner', async () => {
    const text = textOf(unzipSync(await write('usdz'))['figure.usda']);
    const array = (head: string) =>
      (new RegExp(`${head} = \\[\\n([^\\]]*)\\]`).exec(text)?.[1].match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(
        Number,
      );
    expectPlaced(array('point3f\\[\\] points'), 'y', 1, 1e-5);
    expect(array('int\\[\\] faceVertexIndices')).toEqual([...MESH.indices]);
    expect(array('int\\[\\] faceVertexCounts')).toEqual(new Array(MESH.indices.length / 3).fill(3));
    expect(array('texCoord2f\\[\\] primvars:st')).toHaveLength(MESH.indices.length * 2);
    expect(text).toContain('metersPerUnit = 1');
  });

  test('with a texture takes its own pictures, a place a vertex', async () => {
    const files = unzipSync(await write('usdz', TEXTURED));
    expect(Object.keys(files)).toEqual(['figure.usda', 'textures/colour.png', 'textures/normals.png']);
    const text = textOf(files['figure.usda']);
    expect(text).toContain('interpolation = "vertex"');
    expect(text).not.toContain('faceVarying');
    expect(text).toContain('inputs:normal.connect');
  });

  test('the picture of the vertex colours says the same everywhere on a triangle, filtered as readers do', () => {
    const { png, uvs, side } = cellTexture(MESH.indices, MESH.colours);
    const { data } = decode(png);
    const sample = (u: number, v: number, c: number) => {
      const [x, y] = [u * side - 0.5, v * side - 0.5];
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      let sum = 0;
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ]) {
        const weight = (dx ? x - x0 : 1 - x + x0) * (dy ? y - y0 : 1 - y + y0);
        if (weight > 1e-9) sum += weight * data[(Math.max(0, y0 + dy) * side + Math.max(0, x0 + dx)) * 3 + c];
      }
      return sum;
    };
    const shares = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0.5, 0.5, 0],
      [0, 0.5, 0.5],
      [0.2, 0.3, 0.5],
    ];
    // Neighbouring levels in a cell: planes that leave 0 to 255 are cut there, so these colours stay inside.
    const soft = MESH.colours.map((value) => 100 + (value % 40));
    const again = cellTexture(MESH.indices, soft);
    data.set(decode(again.png).data);
    for (let triangle = 0; triangle < MESH.indices.length / 3; triangle++) {
      for (const share of shares) {
        const uv = [0, 1].map((k) =>
          share.reduce((sum, part, corner) => sum + part * uvs[triangle * 6 + corner * 2 + k], 0),
        );
        for (let c = 0; c < 3; c++) {
          const wanted = share.reduce(
            (sum, part, corner) => sum + part * soft[MESH.indices[triangle * 3 + corner] * 3 + c],
            0,
          );
          expect(Math.abs(sample(uv[0], uv[1], c) - wanted)).toBeLessThan(1);
        }
      }
    }
  });
});
