/** Plain words and figures for what the code calls by ids. */

import type { PackDetails } from '../client/digitizer-api.ts';
import type { MachineReport, PackSummary, RunMode, StageId } from '../digitizer/types.ts';
import { type KeypointId, PART_KINDS, type PartId, type PartKind } from '../geometry/body.ts';
import type { MatteSource } from '../intake/matte.ts';
import type { MeshSize } from '../store/mesh-size.ts';
import type { Backdrop, Matcap, SectionAxis, Shading } from '../store/model-state.ts';
import type { CompareMode, MapChoice, MapId, ViewId } from '../store/view-state.ts';

export const VIEW_NAMES: Readonly<Record<ViewId, string>> = {
  photo: 'Photo',
  parts: 'Parts',
  maps: 'Maps',
  model: 'Model',
};

export const STAGE_NAMES: Readonly<Record<StageId, string>> = {
  photo: 'Photo',
  matte: 'Cut-out',
  pose: 'Pose',
  parts: 'Parts',
  coarse: 'Coarse shape',
  partNormals: 'Part normals',
  mergedNormals: 'Merged normals',
  fineDepth: 'Fine depth',
  cloud: 'Points',
  surface: 'Surface',
};

/** What each stage does, in one sentence, for the inspector and for those who wait. */
export const STAGE_SENTENCES: Readonly<Record<StageId, string>> = {
  photo: 'The photo, turned upright and made square, 2048 pixels a side.',
  matte: 'Which pixels are the person. Everything else is left out of the figure.',
  pose: 'Where the joints are: 31 points from face to fingertips.',
  parts: 'Twelve upright boxes, one for each part of the body, from the joints.',
  coarse: 'A first guess of the whole shape, front and back, at low resolution.',
  partNormals: 'Fine folds and features: five networks look at twelve parts close up.',
  mergedNormals: 'The twelve parts blended into one map of surface directions.',
  fineDepth: 'How far each pixel is, front and back, guided by the fine normals.',
  cloud: 'Both sides as coloured points in space.',
  surface: 'One closed surface around all points.',
};

/** Ways to the cut-out that the visitor can choose, in a few words. */
export const MATTE_SOURCE_NAMES = {
  'matte network': 'matte network',
  segmentation: 'person detector',
  'uniform background': 'plain background',
  'black background': 'black background',
} as const satisfies Partial<Record<MatteSource, string>>;

export const PART_NAMES: Readonly<Record<PartId, string>> = {
  head: 'Head',
  upperBody: 'Upper body',
  leftUpperArm: 'Left upper arm',
  leftForearm: 'Left forearm',
  rightUpperArm: 'Right upper arm',
  rightForearm: 'Right forearm',
  leftThigh: 'Left thigh',
  leftShin: 'Left shin',
  rightThigh: 'Right thigh',
  rightShin: 'Right shin',
  leftFoot: 'Left foot',
  rightFoot: 'Right foot',
};

export const KIND_NAMES: Readonly<Record<PartKind, string>> = {
  face: 'face network',
  upper: 'upper-body network',
  arm: 'arm network',
  leg: 'leg network',
  foot: 'foot network',
};

export const SHADING_NAMES: Readonly<Record<Shading, string>> = {
  colour: 'Colour',
  clay: 'Clay',
  matcap: 'Matcap',
  normals: 'Normals',
  wireframe: 'Wire',
  points: 'Points',
  seen: 'Seen',
  confidence: 'Confidence',
  parts: 'Parts',
};

export const MATCAP_NAMES: Readonly<Record<Matcap, string>> = {
  porcelain: 'Porcelain',
  bronze: 'Bronze',
  wax: 'Wax',
  chalk: 'Raking light',
};

export const COMPARE_NAMES: Readonly<Record<CompareMode, string>> = {
  wipe: 'Wipe',
  blend: 'Blend',
  difference: 'Difference',
};

export const BACKDROP_NAMES: Readonly<Record<Backdrop, string>> = {
  studio: 'Studio',
  black: 'Black',
  grey: 'Grey',
  white: 'White',
};

/** Along what the section is moved. */
export const SECTION_NAMES: Readonly<Record<SectionAxis, string>> = {
  x: 'Across',
  y: 'Height',
  z: 'Depth',
};

export const MESH_SIZE_NAMES: Readonly<Record<MeshSize, string>> = {
  full: 'Full',
  '200k': '200\u202fk',
  '50k': '50\u202fk',
  '10k': '10\u202fk',
};

/** What each size is for, in a word. */
export const MESH_SIZE_USES: Readonly<Record<MeshSize, string>> = {
  full: 'print',
  '200k': 'render',
  '50k': 'web',
  '10k': 'game',
};

export const MESH_SIZE_SENTENCES: Readonly<Record<MeshSize, string>> = {
  full: 'Every triangle of the surface: for printing it and for working on it further.',
  '200k': 'For renders and close-ups in a 3D program.',
  '50k': 'For a web page, a slide or a phone: a small file that opens at once.',
  '10k':
    'For games and crowds: save it with texture, and face, prints and folds are there as in the whole mesh.',
};

export const MODE_NAMES: Readonly<Record<RunMode, string>> = { robust: 'Robust', reference: 'Reference' };

export const MODE_SENTENCES: Readonly<Record<RunMode, string>> = {
  robust:
    'Mends what the original 2K2K gets wrong: missing joints, loose clothes, stray points, the far side.',
  reference: 'Exactly what the original 2K2K does, its faults included. For comparing with it.',
};

export const MAP_NAMES: Readonly<Record<MapId, string>> = {
  photo: 'Photo',
  coarseNormals: 'Coarse normals',
  partNormals: 'Part normals',
  normals: 'Merged normals',
  relit: 'Relit',
  coarseDepth: 'Coarse depth',
  depth: 'Depth',
  thickness: 'Thickness',
  overlap: 'Overlap',
};

/** Maps that have a front and a back. */
export const SIDED_MAPS: readonly MapId[] = [
  'coarseNormals',
  'partNormals',
  'normals',
  'relit',
  'coarseDepth',
  'depth',
];

/** @param chosen the part whose normals are meant where the choice names none. */
export function mapName({ map, side, part }: MapChoice, chosen: PartId): string {
  const { [map]: name } = MAP_NAMES;
  const of = map === 'partNormals' ? `Normals of ${PART_NAMES[part ?? chosen].toLowerCase()}` : name;
  return SIDED_MAPS.includes(map) ? `${of}, ${side}` : of;
}

/** `leftBigToe` -> `left big toe`. */
export function keypointName(id: KeypointId): string {
  return id.replace(/([A-Z]|\d)/g, (c) => ` ${c.toLowerCase()}`);
}

export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 995) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** `42.3 cm, 423 mm`. */
export function formatLength(mm: number): string {
  return `${(mm / 10).toFixed(1)} cm, ${formatCount(mm)} mm`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** How much of a whole is here, in the whole's unit: `12.5 of 41 MB`, `0.3 of 7.9 MB`. */
export function formatPart(bytes: number, totalBytes: number): string {
  const unit = totalBytes < 1e6 ? 1e3 : totalBytes < 1e9 ? 1e6 : 1e9;
  return `${(bytes / unit).toFixed(unit === 1e3 ? 0 : 1)} of ${formatBytes(totalBytes)}`;
}

/** Thin spaces between thousands. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

function formatSigned(value: number, digits: number): string {
  return value.toFixed(digits).replace('-', '−');
}

export function formatVector(v: readonly [number, number, number]): string {
  return v.map((c) => formatSigned(c, 2)).join(', ');
}

/** What will do the work: `WebGPU, f16` or `WebAssembly, 2 threads`. */
export function machineName(machine: MachineReport): string {
  return machine.backend === 'webgpu'
    ? `WebGPU, ${machine.precision}`
    : `WebAssembly, ${machine.threads} ${machine.threads === 1 ? 'thread' : 'threads'}`;
}

/** `5.0 M`; networks are spoken of in millions. */
export function formatParameters(count: number): string {
  return count < 999_500 ? `${Math.round(count / 1e3)} k` : `${(count / 1e6).toFixed(1)} M`;
}

/** Base widths in a few words: `coarse 16 and 8, parts 16, fine depth 8`. */
export function widthWords(widths: PackDetails['widths']): string {
  const parts = [...new Set(PART_KINDS.map((kind) => widths[kind]))];
  return `widths: coarse ${widths.coarseNormal} and ${widths.coarseDepth}, parts ${parts.join(', ')}, fine depth ${widths.fineDepth}`;
}

export function packName(pack: PackSummary): string {
  return `${pack.name} ${pack.version}, ${formatBytes(pack.sizeBytes)}`;
}
