/**
 * What the threads of a team can be set to (team.ts). Every job reads its arguments from the shared state and does items
 * `first` to `last`: bricks of a level, blocks or slabs of samples, planes of a grid, blocks of vertices. It writes only memory of its own
 * items (or the same value as everybody else: marks), so it may be cut anywhere.
 */
import { divergenceJob } from './divergence';
import { followJob, startJob } from './cascade';
import { advanceJob, applyJob, turnJob } from './gradient';
import { moveClustersJob, normalSlabsJob, offsetsJob } from './denoise';
import { countJob, verticesJob } from './extract';
import { trianglesJob } from './triangles';
import { smoothJob } from './smooth';
import { fillJob } from './memory';
import { cameraAreasJob } from './samples';
import { densityAreasJob, densityJob } from './density';
import { countSlabsJob, placeSlabsJob, reachJob } from './bins';
import { markJob, splatEvenJob, splatOddJob } from './splat';
import { countClustersJob, markClustersJob, mergeClustersJob, packClustersJob, sumSlabsJob } from './clusters';
import { colourSlabsJob, colourVerticesJob, indexClustersJob, meanColoursJob } from './colours';
import { gatherRestrictedJob, restrictJob } from './restrict';
import { countScreensJob, writeScreensJob } from './screening';
import { interpolateJob, isoJob, markMissingJob } from './surface';
import { normaliseJob, outwardJob, surveyJob } from './intake';
import { countEdgesJob, countRunsJob, flattenJob, joinJob, numberPiecesJob, openTrianglesJob, placeEdgesJob, selfJob, tallyEdgesJob, writeRunsJob } from './pieces';
import { cubeBlocksJob, cubeCountJob, cubePlaceJob, supportJob } from './support';
import { blurColumnsJob, blurRowsJob, coverJob, holdJob, mapSamplesJob } from './silhouette';
import {
  rootAdvanceJob, rootEvenJob, rootOddJob, rootProductJob, rootStartJob, rootTurnJob, rootXyJob, rootZJob,
} from './root-solve';
import { forItems } from './team';

export const JOB_DIVERGENCE: i32 = 0;
export const JOB_START: i32 = 1;
export const JOB_APPLY: i32 = 2;
export const JOB_ADVANCE: i32 = 3;
export const JOB_TURN: i32 = 4;
export const JOB_COUNT: i32 = 5;
export const JOB_VERTICES: i32 = 6;
export const JOB_SMOOTH: i32 = 7;
export const JOB_FILL: i32 = 8;
export const JOB_CAMERA_AREAS: i32 = 9;
export const JOB_DENSITY: i32 = 10;
export const JOB_DENSITY_AREAS: i32 = 11;
export const JOB_BLOCK_SLABS: i32 = 12;
export const JOB_COUNT_SLABS: i32 = 13;
export const JOB_PLACE_SLABS: i32 = 14;
export const JOB_MARK_SAMPLES: i32 = 15;
export const JOB_SPLAT_EVEN: i32 = 16;
export const JOB_SPLAT_ODD: i32 = 17;
export const JOB_SUM_SLABS: i32 = 18;
export const JOB_COUNT_CLUSTERS: i32 = 19;
export const JOB_PACK_CLUSTERS: i32 = 20;
export const JOB_MARK_CLUSTERS: i32 = 21;
export const JOB_MERGE_CLUSTERS: i32 = 22;
export const JOB_INDEX_CLUSTERS: i32 = 23;
export const JOB_COLOUR_SLABS: i32 = 24;
export const JOB_MEAN_COLOURS: i32 = 25;
export const JOB_COLOUR_VERTICES: i32 = 26;
export const JOB_RESTRICT: i32 = 27;
export const JOB_GATHER_RESTRICTED: i32 = 28;
export const JOB_COUNT_SCREENS: i32 = 29;
export const JOB_WRITE_SCREENS: i32 = 30;
export const JOB_FOLLOW: i32 = 31;
export const JOB_ISO: i32 = 32;
export const JOB_MARK_MISSING: i32 = 33;
export const JOB_INTERPOLATE: i32 = 34;
export const JOB_SURVEY: i32 = 35;
export const JOB_NORMALISE: i32 = 36;
export const JOB_OUTWARD: i32 = 37;
export const JOB_SELF: i32 = 38;
export const JOB_JOIN: i32 = 39;
export const JOB_FLATTEN: i32 = 40;
export const JOB_NUMBER_PIECES: i32 = 41;
export const JOB_COUNT_RUNS: i32 = 42;
export const JOB_WRITE_RUNS: i32 = 43;
export const JOB_COUNT_EDGES: i32 = 44;
export const JOB_PLACE_EDGES: i32 = 45;
export const JOB_TALLY_EDGES: i32 = 46;
export const JOB_OPEN_TRIANGLES: i32 = 47;
export const JOB_CUBE_BLOCKS: i32 = 48;
export const JOB_CUBE_COUNT: i32 = 49;
export const JOB_CUBE_PLACE: i32 = 50;
export const JOB_SUPPORT: i32 = 51;
export const JOB_MAP_SAMPLES: i32 = 52;
export const JOB_BLUR_ROWS: i32 = 53;
export const JOB_HOLD: i32 = 54;
export const JOB_BLUR_COLUMNS: i32 = 55;
export const JOB_TRIANGLES: i32 = 56;
export const JOB_NORMAL_SLABS: i32 = 60;
export const JOB_OFFSETS: i32 = 61;
export const JOB_MOVE_CLUSTERS: i32 = 62;
export const JOB_COVER: i32 = 63;
export const JOB_ROOT_START: i32 = 64;
export const JOB_ROOT_PRODUCT: i32 = 65;
export const JOB_ROOT_ADVANCE: i32 = 66;
export const JOB_ROOT_TURN: i32 = 67;
export const JOB_ROOT_XY: i32 = 68;
export const JOB_ROOT_Z: i32 = 69;
export const JOB_ROOT_EVEN: i32 = 70;
export const JOB_ROOT_ODD: i32 = 71;

export function runJob(job: i32, first: i32, last: i32): void {
  switch (job) {
    case JOB_DIVERGENCE: divergenceJob(first, last); break;
    case JOB_START: startJob(first, last); break;
    case JOB_APPLY: applyJob(first, last); break;
    case JOB_ADVANCE: advanceJob(first, last); break;
    case JOB_TURN: turnJob(first, last); break;
    case JOB_COUNT: countJob(first, last); break;
    case JOB_VERTICES: verticesJob(first, last); break;
    case JOB_SMOOTH: smoothJob(first, last); break;
    case JOB_FILL: fillJob(first, last); break;
    case JOB_CAMERA_AREAS: cameraAreasJob(first, last); break;
    case JOB_DENSITY: densityJob(first, last); break;
    case JOB_DENSITY_AREAS: densityAreasJob(first, last); break;
    case JOB_BLOCK_SLABS: reachJob(first, last); break;
    case JOB_COUNT_SLABS: countSlabsJob(first, last); break;
    case JOB_PLACE_SLABS: placeSlabsJob(first, last); break;
    case JOB_MARK_SAMPLES: markJob(first, last); break;
    case JOB_SPLAT_EVEN: splatEvenJob(first, last); break;
    case JOB_SPLAT_ODD: splatOddJob(first, last); break;
    case JOB_SUM_SLABS: sumSlabsJob(first, last); break;
    case JOB_COUNT_CLUSTERS: countClustersJob(first, last); break;
    case JOB_PACK_CLUSTERS: packClustersJob(first, last); break;
    case JOB_MARK_CLUSTERS: markClustersJob(first, last); break;
    case JOB_MERGE_CLUSTERS: mergeClustersJob(first, last); break;
    case JOB_INDEX_CLUSTERS: indexClustersJob(first, last); break;
    case JOB_COLOUR_SLABS: colourSlabsJob(first, last); break;
    case JOB_MEAN_COLOURS: meanColoursJob(first, last); break;
    case JOB_COLOUR_VERTICES: colourVerticesJob(first, last); break;
    case JOB_RESTRICT: restrictJob(first, last); break;
    case JOB_GATHER_RESTRICTED: gatherRestrictedJob(first, last); break;
    case JOB_COUNT_SCREENS: countScreensJob(first, last); break;
    case JOB_WRITE_SCREENS: writeScreensJob(first, last); break;
    case JOB_FOLLOW: followJob(first, last); break;
    case JOB_ISO: isoJob(first, last); break;
    case JOB_MARK_MISSING: markMissingJob(first, last); break;
    case JOB_NORMAL_SLABS: normalSlabsJob(first, last); break;
    case JOB_OFFSETS: offsetsJob(first, last); break;
    case JOB_MOVE_CLUSTERS: moveClustersJob(first, last); break;
    case JOB_COVER: coverJob(first, last); break;
    case JOB_TRIANGLES: trianglesJob(first, last); break;
    case JOB_INTERPOLATE: interpolateJob(first, last); break;
    case JOB_SURVEY: surveyJob(first, last); break;
    case JOB_NORMALISE: normaliseJob(first, last); break;
    case JOB_OUTWARD: outwardJob(first, last); break;
    case JOB_SELF: selfJob(first, last); break;
    case JOB_JOIN: joinJob(first, last); break;
    case JOB_FLATTEN: flattenJob(first, last); break;
    case JOB_NUMBER_PIECES: numberPiecesJob(first, last); break;
    case JOB_COUNT_RUNS: countRunsJob(first, last); break;
    case JOB_WRITE_RUNS: writeRunsJob(first, last); break;
    case JOB_COUNT_EDGES: countEdgesJob(first, last); break;
    case JOB_PLACE_EDGES: placeEdgesJob(first, last); break;
    case JOB_TALLY_EDGES: tallyEdgesJob(first, last); break;
    case JOB_OPEN_TRIANGLES: openTrianglesJob(first, last); break;
    case JOB_CUBE_BLOCKS: cubeBlocksJob(first, last); break;
    case JOB_CUBE_COUNT: cubeCountJob(first, last); break;
    case JOB_CUBE_PLACE: cubePlaceJob(first, last); break;
    case JOB_SUPPORT: supportJob(first, last); break;
    case JOB_MAP_SAMPLES: mapSamplesJob(first, last); break;
    case JOB_BLUR_ROWS: blurRowsJob(first, last); break;
    case JOB_BLUR_COLUMNS: blurColumnsJob(first, last); break;
    case JOB_HOLD: holdJob(first, last); break;
    case JOB_ROOT_START: rootStartJob(first, last); break;
    case JOB_ROOT_PRODUCT: rootProductJob(first, last); break;
    case JOB_ROOT_ADVANCE: rootAdvanceJob(first, last); break;
    case JOB_ROOT_TURN: rootTurnJob(first, last); break;
    case JOB_ROOT_XY: rootXyJob(first, last); break;
    case JOB_ROOT_Z: rootZJob(first, last); break;
    case JOB_ROOT_EVEN: rootEvenJob(first, last); break;
    case JOB_ROOT_ODD: rootOddJob(first, last); break;
  }
}

/** Runs a job over bricks 0 .. count, on all threads. */
export function forBricks(job: i32, count: i32): void {
  forItems(job, count);
}
