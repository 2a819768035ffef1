// Written by build.mjs from assembly/; do not edit.
export declare const CANVAS_PX: 2048;
export declare const CUBE_TABLE_BYTES: 20480;
export declare const DEEPEST_LEVEL: 11;
export declare const FAIL_HELPER: 4;
export declare const FAIL_MEMORY: 1;
export declare const FAIL_NO_SURFACE: 2;
export declare const FAIL_TOO_LARGE: 3;
export declare const FAIL_TRAP: 5;
export declare const PHASE_CASCADE: 4;
export declare const PHASE_EXTRACT: 5;
export declare const PHASE_RESTRICT: 2;
export declare const PHASE_ROOT: 3;
export declare const PHASE_SAMPLES: 0;
export declare const PHASE_SPLAT: 1;
export declare const SAMPLE_BLOCK: 4096;
export declare const SURVEY_NUMBERS: 17;

/** Functions of the module: assembly/index.ts. */
export interface Exports {
  begin(count: number, helpers: number, patience: number): void;
  stateAt(): number;
  scratchAt(thread: number): number;
  positionsAt(): number;
  normalsAt(): number;
  coloursAt(): number;
  sidesAt(): number;
  areasAt(): number;
  cubeTableAt(): number;
  setFrame(depth: number, originX: number, originY: number, originZ: number, scale: number): void;
  areasByCamera(z: number, focal: number): void;
  areasByDensity(): void;
  solve(pointWeight: number, noise: number, iterations: number): void;
  takePositions(count: number): number;
  vertexCount(): number;
  triangleCount(): number;
  verticesAt(): number;
  vertexNormalsAt(): number;
  vertexColoursAt(): number;
  vertexSeenAt(): number;
  trianglesAt(): number;
  pieceOfAt(): number;
  pieceCount(): number;
  runsAt(): number;
  runCount(): number;
  talliesAt(): number;
  confidenceAt(): number;
  distancesAt(): number;
  isoValueOf(): number;
  acceptCloud(withoutNormal: number): void;
  medianArea(): number;
  outwardShare(x: number, y: number, z: number): number;
  surveyCloud(): number;
  findPieces(): void;
  keepAt(): number;
  tallyBlocks(): number;
  tallyEdges(): void;
  holdInside(cameraZ: number, focal: number): number;
  spreadColours(): void;
  measureSupport(
    lowX: number,
    lowY: number,
    lowZ: number,
    highX: number,
    highY: number,
    highZ: number,
    spacing: number,
  ): void;
  dropFlyingPixels(half: number): void;
  arrive(state: number, scratch: number): void;
  awaitHelpers(seconds: number): void;
  help(): boolean;
  helperFailed(code: number, detail: number): void;
  helpersArrived(): number;
  jobsJoined(): number;
  stopHelpers(): void;
}
