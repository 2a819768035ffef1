/**
 * Work over the bricks of a level. Every job reads its arguments from the shared state and writes only to its own
 * bricks, so it may be cut anywhere.
 */
import { divergenceJob } from './divergence';
import { advanceJob, applyJob, turnJob } from './gradient';
import { startJob } from './cascade';
import { smoothJob } from './smooth';
import { forItems } from './team';
import { countJob, writeJob } from './extract';

export const JOB_DIVERGENCE: i32 = 0;
export const JOB_START: i32 = 1;
export const JOB_APPLY: i32 = 2;
export const JOB_ADVANCE: i32 = 3;
export const JOB_TURN: i32 = 4;
export const JOB_COUNT: i32 = 5;
export const JOB_WRITE: i32 = 6;
export const JOB_SMOOTH: i32 = 7;

export function runJob(job: i32, first: i32, last: i32): void {
  switch (job) {
    case JOB_DIVERGENCE: divergenceJob(first, last); break;
    case JOB_START: startJob(first, last); break;
    case JOB_APPLY: applyJob(first, last); break;
    case JOB_ADVANCE: advanceJob(first, last); break;
    case JOB_TURN: turnJob(first, last); break;
    case JOB_COUNT: countJob(first, last); break;
    case JOB_WRITE: writeJob(first, last); break;
    case JOB_SMOOTH: smoothJob(first, last); break;
  }
}

/** Runs a job over bricks 0 .. count, on all threads. */
export function forBricks(job: i32, count: i32): void {
  forItems(job, count);
}
