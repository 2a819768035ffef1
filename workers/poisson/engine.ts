/**
 * One instance of the WebAssembly module with its memory, for one solve, and the helpers that share it.
 * The memory is dropped with the engine; helpers are sent home by `dismiss`.
 */
import type { Crew } from './crew.ts';
import { outOfMemory, surfaceFailure } from './failures.ts';

/** The module's interface: assembly/index.ts. */
export interface Exports {
  begin(count: number, helpers: number, patience: number): void;
  stateAt(): number;
  scratchAt(thread: number): number;
  awaitHelpers(seconds: number): void;
  helpersArrived(): number;
  jobsJoined(): number;
  dismiss(): void;
  positionsAt(): number;
  normalsAt(): number;
  coloursAt(): number;
  sidesAt(): number;
  areasAt(): number;
  cubeTableAt(): number;
  surveyCloud(): number;
  acceptCloud(withoutNormal: number): void;
  medianArea(): number;
  outwardShare(x: number, y: number, z: number): number;
  setFrame(depth: number, x: number, y: number, z: number, scale: number): void;
  areasByCamera(z: number, focal: number): void;
  areasByDensity(): void;
  dropTails(half: number): void;
  solve(pointWeight: number, noise: number, iterations: number): void;
  vertexCount(): number;
  triangleCount(): number;
  verticesAt(): number;
  vertexNormalsAt(): number;
  vertexColoursAt(): number;
  vertexSeenAt(): number;
  trianglesAt(): number;
  takePositions(count: number): number;
  findPieces(): void;
  pieceOfAt(): number;
  pieceCount(): number;
  runsAt(): number;
  runCount(): number;
  keepAt(): number;
  tallyEdges(): void;
  tallyBlocks(): number;
  talliesAt(): number;
  spreadColours(): void;
  holdInside(cameraZ: number, focal: number): number;
  measureSupport(
    lowX: number,
    lowY: number,
    lowZ: number,
    highX: number,
    highY: number,
    highZ: number,
    spacing: number,
  ): void;
  distancesAt(): number;
  confidenceAt(): number;
}

const INITIAL_PAGES = 16;
/**
 * Pages that a memory may grow to, tried in turn: shared memory is reserved in full when it is made, and phones do not
 * give 4 GiB of addresses. 4 GiB, 2 GiB, 1 GiB, 512 MiB.
 */
const MAXIMA = [65536, 32768, 16384, 8192];

export interface Engine {
  readonly wasm: Exports;
  readonly memory: WebAssembly.Memory;
  /** Threads at work so far: this one and the helpers that have come. */
  threads(): number;
  /** Starts a solve: `begin` of the module, and the helpers set to work. */
  begin(points: number): void;
  /** Sends the helpers home; harmless when called again or without begin. */
  dismiss(): void;
}

/**
 * @param module compiled for plain memory; used when there is no crew.
 * @param crew   helpers, null for none. Its own module is compiled for shared memory.
 */
export function createEngine(
  module: WebAssembly.Module,
  crew: Crew | null,
  progress: (fraction: number, phase: number) => void,
): Engine {
  const helpers = crew ? [...crew.helpers] : [];
  const team = crew && helpers.length > 0 ? crew : null;
  const memory = createMemory(team !== null);
  const instance = new WebAssembly.Instance(team ? team.module : module, {
    env: {
      memory,
      fail: (code: number, detail: number) => {
        throw surfaceFailure(code, detail);
      },
      progress,
    },
  });
  const wasm = instance.exports as unknown as Exports;
  let working = false;
  return {
    wasm,
    memory,
    threads: () => 1 + wasm.helpersArrived(),
    begin(points) {
      wasm.begin(points, helpers.length, team?.patience ?? 0);
      if (!team) return;
      working = true;
      helpers.forEach((helper, i) => {
        helper.post({ module: team.module, memory, state: wasm.stateAt(), scratch: wasm.scratchAt(i + 1) });
      });
      if (team.checkInMs > 0) wasm.awaitHelpers(team.checkInMs / 1000);
    },
    dismiss() {
      if (working) wasm.dismiss();
      working = false;
    },
  };
}

function createMemory(shared: boolean): WebAssembly.Memory {
  for (const maximum of MAXIMA) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
    }
  }
  throw outOfMemory(MAXIMA[MAXIMA.length - 1] * 65536);
}
