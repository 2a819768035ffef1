/** What the menu of files says of each, in its groups. */
import type { ExportFormat } from '../../client/digitizer-api.ts';

export interface SaveFileEntry {
  readonly format: ExportFormat;
  readonly name: string;
  readonly words: string;
  readonly testId: string;
  /** Its axis that is up can be chosen. */
  readonly axis?: true;
  /** Its size is not made ahead: it takes long, or the whole worker. */
  readonly unsized?: true;
}

export interface SaveGroup {
  readonly title: string;
  readonly files: readonly SaveFileEntry[];
}

export const SAVE_GROUPS: readonly SaveGroup[] = [
  {
    title: '3D programs and the web',
    files: [
      { format: 'glb', name: 'GLB', words: 'coloured mesh for any 3D program', testId: 'save-glb' },
      {
        format: 'texturedGlb',
        name: 'GLB with texture',
        words: 'the photo’s own pixels and fine normals',
        testId: 'save-textured-glb',
        unsized: true,
      },
      {
        format: 'glbMeshopt',
        name: 'GLB, small',
        words: 'meshopt, for three.js and the web; not for Blender',
        testId: 'save-glb-meshopt',
      },
      {
        format: 'usdz',
        name: 'USDZ',
        words: 'AR on iPhone and iPad; at most 50,000 triangles',
        testId: 'save-usdz',
      },
      { format: 'obj', name: 'OBJ, ZIP', words: 'with MTL, metres', testId: 'save-obj', axis: true },
      {
        format: 'meshPly',
        name: 'PLY',
        words: 'triangles, colours, confidence; metres',
        testId: 'save-mesh-ply',
        axis: true,
      },
      {
        format: 'asciiPly',
        name: 'PLY, text',
        words: 'the same as text',
        testId: 'save-ply-ascii',
        axis: true,
      },
    ],
  },
  {
    title: 'To move',
    files: [
      {
        format: 'rigged',
        name: 'GLB with skeleton',
        words: 'idle, walk and wave; at most 200,000 triangles',
        testId: 'save-glb-rigged',
        unsized: true,
      },
      {
        format: 'vrm',
        name: 'VRM 1.0',
        words: 'an avatar in T-pose; at most 50,000 triangles',
        testId: 'save-vrm',
        unsized: true,
      },
    ],
  },
  {
    title: 'Printers',
    files: [
      { format: 'stl', name: 'STL', words: 'shape alone; millimetres, life-size', testId: 'save-stl' },
      { format: 'threeMf', name: '3MF', words: 'with colours; millimetres, life-size', testId: 'save-3mf' },
    ],
  },
  {
    title: 'To show',
    files: [
      { format: 'png', name: 'Picture, PNG', words: '1536 x 2048, three-quarter view', testId: 'save-png' },
      {
        format: 'html',
        name: 'Web page, HTML',
        words: 'the figure to turn, in one file, offline, too',
        testId: 'save-html',
      },
      {
        format: 'webm',
        name: 'Turntable, WebM',
        words: 'five seconds, one turn, 720 x 960',
        testId: 'save-webm',
        unsized: true,
      },
    ],
  },
  {
    title: 'Data of this run',
    files: [
      {
        format: 'cloudPly',
        name: 'Points, PLY',
        words: 'both sides as oriented points',
        testId: 'save-cloud-ply',
      },
      {
        format: 'report',
        name: 'Report, JSON',
        words: 'times, memory, counts of this run',
        testId: 'save-report',
      },
      {
        format: 'referenceFolder',
        name: 'Maps and clouds, ZIP',
        words: 'depth, normals, masks, clouds, as in 2K2K',
        testId: 'save-reference',
        unsized: true,
      },
    ],
  },
];

/** Where it can be asked: does this browser encode video? */
export const writesVideo = () => typeof VideoEncoder !== 'undefined';

/** In the order in which sizes are worked out. */
export const SIZED_FORMATS: readonly ExportFormat[] = SAVE_GROUPS.flatMap(({ files }) =>
  files.filter(({ unsized }) => !unsized).map(({ format }) => format),
);
