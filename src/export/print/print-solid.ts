/**
 * The figure as one solid to print: as tall as asked for, thin walls found and made thicker, on its plinth, united by
 * manifold-3d. Millimetres, z up, standing on z = 0.
 */
import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { StageError } from '../../base/errors.ts';
import type { Pace } from '../../base/steps.ts';
import { unpaced } from '../../base/steps.ts';
import { checkMesh, type MeshData } from '../mesh-data.ts';
import { placedNormals, placedPositions, placementOf } from '../placement.ts';
import { loadManifold } from './manifold.ts';
import { footprintOf, plinthOf, plinthThickness } from './plinth.ts';
import { checkPrintOptions, type PrintOptions, THINNEST_WALL_MM } from './print-options.ts';
import { thickened } from './thicken.ts';
import { wallThickness } from './wall-thickness.ts';

export interface PrintFacts {
  readonly triangles: number;
  /** Width, depth, height with the plinth, mm. */
  readonly sizeMm: readonly [number, number, number];
  readonly volumeCm3: number;
  /** Share of the figure's vertices whose wall is thinner than THINNEST_WALL_MM, before any thickening. */
  readonly thinShare: number;
  /** Pieces that do not hang together. */
  readonly pieces: number;
}

export interface PrintSolid {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
  /** sRGB, 3 per vertex: of the figure, and the plinth's grey. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** 255 where a wall is thinner than THINNEST_WALL_MM in the solid, per vertex. */
  readonly thin: Uint8Array<ArrayBuffer>;
  readonly facts: PrintFacts;
}

/** x, y, z, then red, green, blue, then thin. */
const PROPERTIES = 7;
const PLINTH_GREY = 150;
/** The figure stands this deep in its plinth, share of its height: soles are never quite level. */
const SUNK = 0.012;
/** Edges shorter than this are no detail of a print, mm; printers see 0.05. */
const TOLERANCE_MM = 0.002;

/**
 * @param pace how long loops are run.
 * @throws StageError E_BAD_MESH for options that cannot be printed and for a mesh that is no closed surface.
 */
export async function makePrintSolid(
  mesh: MeshData,
  options: PrintOptions,
  pace: Pace = unpaced,
): Promise<PrintSolid> {
  checkMesh(mesh);
  checkPrintOptions(options);
  const { heightMm } = options;
  const { indices } = mesh;
  const normals = placedNormals(mesh.normals, 'z');
  let positions = placedPositions(mesh.positions, placementOf(mesh.positions, heightMm), 'z');
  let thickness = await pace(wallThickness(positions, normals, indices, THINNEST_WALL_MM));
  const thinBefore = thickness.reduce((count, value) => count + (value < THINNEST_WALL_MM ? 1 : 0), 0);
  if (options.thicken && thinBefore > 0) {
    positions = thickened(positions, normals, indices, thickness, THINNEST_WALL_MM);
    thickness = await pace(wallThickness(positions, normals, indices, THINNEST_WALL_MM));
  }
  const library = await loadManifold();
  const figure = solidOf(library, { ...mesh, positions }, thickness);
  const plinth = plinthOf(library, options, footprintOf(positions, heightMm));
  const united = plinth ? onPlinth(library, figure, plinth, heightMm) : figure.simplify(TOLERANCE_MM);
  try {
    return solidFrom(united, thinBefore / (positions.length / 3));
  } finally {
    united.delete();
    figure.delete();
    plinth?.delete();
  }
}

function solidOf(library: ManifoldToplevel, mesh: MeshData, thickness: Float32Array): Manifold {
  const count = mesh.positions.length / 3;
  const vertices = new Float32Array(count * PROPERTIES);
  for (let i = 0; i < count; i++) {
    const at = i * PROPERTIES;
    for (let c = 0; c < 3; c++) {
      vertices[at + c] = mesh.positions[i * 3 + c];
      vertices[at + 3 + c] = mesh.colours[i * 3 + c];
    }
    vertices[at + 6] = thickness[i] < THINNEST_WALL_MM ? 255 : 0;
  }
  try {
    return library.Manifold.ofMesh(
      new library.Mesh({ numProp: PROPERTIES, vertProperties: vertices, triVerts: mesh.indices }),
    );
  } catch (cause) {
    throw new StageError(
      'export',
      'E_BAD_MESH',
      'The surface of this figure is not closed: it is no solid.',
      {
        fix: 'Choose another triangle count or surface depth, or save it as STL without print options.',
        cause,
      },
    );
  }
}

function onPlinth(library: ManifoldToplevel, figure: Manifold, plinth: Manifold, heightMm: number): Manifold {
  const grey = plinth.setProperties(PROPERTIES - 3, (out) => {
    out[0] = out[1] = out[2] = PLINTH_GREY;
    out[3] = 0;
  });
  const raised = grey.translate([0, 0, SUNK * heightMm]);
  const both = library.Manifold.union(figure, raised);
  const clean = both.simplify(TOLERANCE_MM);
  // The plinth's underside is the ground.
  const standing = clean.translate([0, 0, plinthThickness(heightMm) - SUNK * heightMm]);
  for (const solid of [grey, raised, both, clean]) solid.delete();
  return standing;
}

/** The solid's arrays; vertices that lie at one place are one, with the colour of the first. */
function solidFrom(solid: Manifold, thinShare: number): PrintSolid {
  const mesh = solid.getMesh();
  const { numProp, vertProperties, triVerts } = mesh;
  const vertexCount = vertProperties.length / numProp;
  const first = Uint32Array.from({ length: vertexCount }, (_, i) => i);
  for (let i = 0; i < mesh.mergeFromVert.length; i++) first[mesh.mergeFromVert[i]] = mesh.mergeToVert[i];
  for (let i = 0; i < vertexCount; i++) while (first[i] !== first[first[i]]) first[i] = first[first[i]];
  const numbers = new Uint32Array(vertexCount);
  let count = 0;
  for (let i = 0; i < vertexCount; i++) if (first[i] === i) numbers[i] = count++;
  const positions = new Float32Array(count * 3);
  const colours = new Uint8Array(count * 3);
  const thin = new Uint8Array(count);
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  for (let i = 0; i < vertexCount; i++) {
    if (first[i] !== i) continue;
    const [from, to] = [i * numProp, numbers[i] * 3];
    for (let c = 0; c < 3; c++) {
      positions[to + c] = vertProperties[from + c];
      colours[to + c] = Math.min(255, Math.max(0, Math.round(vertProperties[from + 3 + c])));
      low[c] = Math.min(low[c], positions[to + c]);
      high[c] = Math.max(high[c], positions[to + c]);
    }
    thin[numbers[i]] = vertProperties[from + 6] > 127 ? 255 : 0;
  }
  const parts = solid.decompose();
  for (const part of parts) part.delete();
  return {
    positions,
    indices: Uint32Array.from(triVerts, (vertex) => numbers[first[vertex]]),
    colours,
    thin,
    facts: {
      triangles: triVerts.length / 3,
      sizeMm: [high[0] - low[0], high[1] - low[1], high[2] - low[2]],
      volumeCm3: solid.volume() / 1000,
      thinShare,
      pieces: parts.length,
    },
  };
}
