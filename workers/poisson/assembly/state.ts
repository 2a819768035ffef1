/**
 * Everything that one solve shares between its files (and, with shared memory, between its threads): the cloud, the
 * frame, the levels, the arguments of the running job, the result. One block of memory; each instance has a pointer.
 * Classes marked @unmanaged are plain structs at fixed offsets: no garbage collector is compiled in.
 */

// @ts-ignore: decorator
@unmanaged
export class State {
  /** Cloud, in the caller's units: f32 x 3, f32 x 3, u8 x 3, u8; f32 area per sample. */
  count: i32;
  positions: usize;
  normals: usize;
  colours: usize;
  sides: usize;
  areas: usize;

  /** Cells of the finest level: (p - origin) * scale. */
  depth: i32;
  rootDepth: i32;
  originX: f32;
  originY: f32;
  originZ: f32;
  scale: f32;
  /** Camera on the z axis, looking down -z; focal in px. focal = 0: no camera, areas come from the density. */
  cameraZ: f32;
  focal: f32;
  pointWeight: f32;
  iterations: i32;

  /** Block records of the cloud, a point: intake.ts. */
  survey: usize;
  centreX: f64;
  centreY: f64;
  centreZ: f64;
  /** Of the camera that looks at the silhouette, and its maps: silhouette.ts. */
  focalPx: f64;
  silhouette: usize;
  coverage: usize;
  /** Depths of the front and of the back, while flying pixels are looked for: flying-pixels.ts. */
  depthMaps: usize;
  mapSide: i32;
  mapHalf: f32;
  /** Samples sorted into slabs: bins.ts. */
  slabs: i32;
  slabCells: i32;
  slabStart: usize;
  order: usize;

  /** Levels, pointers indexed by depth (usize x 16). */
  levels: usize;
  root: usize;

  /** Colours of the finest level's clusters: colours.ts. */
  clusterIndex: usize;
  clusterColours: usize;
  /** Their normals and moves: denoise.ts. */
  clusterNormals: usize;
  clusterMoves: usize;

  /** Arguments of the running job; each job's head comment says which it reads. */
  jobLevel: usize;
  jobPartials: usize;
  jobFactor: f32;
  jobFrom: usize;
  jobTo: usize;
  jobOther: usize;
  jobBytes: usize;
  jobFirst: i32;
  job: i32;
  jobItems: i32;

  /** Other threads on this memory, and what they are steered with: thread-pool.ts. */
  helpers: i32;
  control: usize;
  /** Seconds without news from a helper after which it counts as lost. */
  helperTimeoutS: f64;
  failDetail: f64;
  /** SCRATCH_BYTES a thread. */
  scratches: usize;

  isoValue: f32;
  /** See ../cube-table.ts. */
  cubeTable: usize;

  vertexCount: i32;
  triangleCount: i32;
  vertices: usize;
  vertexNormals: usize;
  vertexColours: usize;
  vertexSeen: usize;
  /** u8 a vertex, 0 = no sample near enough for a colour. */
  vertexSupported: usize;
  triangles: usize;

  /** Pieces, edges, distances to samples: pieces.ts, support.ts. */
  pieceOf: usize;
  pieceCount: i32;
  roots: usize;
  runs: usize;
  runCount: i32;
  pieceStays: usize;
  edgeStart: usize;
  edgeUpper: usize;
  tallies: usize;
  openTriangles: usize;
  distances: usize;
  /** u8 a vertex. */
  confidence: usize;
}

export let S: State = changetype<State>(0);
export function setState(pointer: usize): void {
  S = changetype<State>(pointer);
}

/** This instance's own work space; the sizes are those of its largest user (halo.ts, divergence.ts). */
export const SCRATCH_BYTES: usize = 96 * 1024;
export let scratch: usize = 0;
export function setScratch(pointer: usize): void {
  scratch = pointer;
}
