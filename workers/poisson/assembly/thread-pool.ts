/**
 * Threads over shared memory. The leader runs the solve; helpers are further instances of the same module on the same
 * memory that wait for jobs. A job is a loop over items; everybody, the leader too, takes the next items from an
 * atomic counter until none are left: many at first, then fewer and fewer. Which thread does which items never changes the result: every item writes only
 * its own memory, and sums are kept an item and added up in order (gradient.ts).
 *
 * A helper joins an open job by counting itself in (`inside`); the leader closes the job when the counter has run out
 * and waits only for those inside. So a helper that starts late, or is not scheduled, or never comes, costs nothing.
 * A helper that disappears inside a job is detected when the wait exceeds helperTimeoutS and ends the solve with FAIL_HELPER.
 *
 * Control words, in one block of memory, each on its own cache line because several threads write them:
 * round: counts jobs, QUIT ends; inside: OPEN bit and number of helpers inside; next: first item that nobody took;
 * failed: error code of a helper; arrived: helpers that have come so far; joined: times that a helper entered a job.
 * In the build without shared memory there are no helpers, and no atomic instruction runs.
 *
 * After a wait the address is read from the state again, never kept in a local: code of V8's baseline compiler (11.3, Node
 * 20; not that of its optimising one, and not Chromium 156) loses a local that held the address of a wait that was woken. Helpers then looked
 * at another word and slept through all jobs until their nap was over: 200 ms, again and again, one thread for two.
 */
import { FAIL_HELPER, fail, progress } from './host';
import { S, setScratch, setState } from './state';

const ROUND: usize = 0;
const INSIDE: usize = 64;
const NEXT: usize = 128;
const FAILED: usize = 192;
const ARRIVED: usize = 256;
const JOINED: usize = 320;
export const CONTROL_BYTES: u64 = 384;

const QUIT: u32 = 0xffffffff;
const OPEN: u32 = 0x80000000;
/** Nanoseconds without a job after which a helper looks at its messages. */
const NAP: i64 = 200000000;
/** Looks before a thread goes to sleep: jobs follow each other within microseconds, waking takes tens of them. */
const SPINS: i32 = 2000;
/** A thread takes this part of its share of what is left: large pieces first, and nobody waits long for the last one. */
const PIECES: i32 = 6;
/** Parts of a job that reports progress on one thread. */
const PARTS: i32 = 16;

/**
 * What threads share out: a loop over items `first` to `last`: bricks of a level, blocks or slabs of samples, planes of a grid,
 * blocks of vertices. It reads its arguments from the shared state and writes only memory of its own items (or the same
 * value as every other thread: marks), so it may be cut anywhere.
 */
export type Job = (first: i32, last: i32) => void;

/**
 * All instances of the module have the same function table, so that a job goes to other threads as its index there; no file
 * has to know them all.
 */
function runAt(index: i32, first: i32, last: i32): void {
  call_indirect<void>(index, first, last);
}

/** @param control CONTROL_BYTES of zeros. */
export function initThreadPool(control: usize): void {
  S.control = control;
}

/** Waits until all helpers have come, or for `seconds`. Not needed for the result. */
export function awaitHelpers(seconds: f64): void {
  const until = <i64>(seconds * 1e9);
  for (let arrived = helpersArrived(); arrived < S.helpers; arrived = helpersArrived())
    if (atomic.wait<i32>(S.control + ARRIVED, arrived, until) == 2) return;
}

/** Helpers that have come so far. */
export function helpersArrived(): i32 {
  return S.helpers == 0 ? 0 : atomic.load<i32>(S.control, ARRIVED);
}

/** How often a helper has taken part in a job so far. */
export function jobsJoined(): i32 {
  return S.helpers == 0 ? 0 : atomic.load<i32>(S.control, JOINED);
}

/** The leader's progress through the next job: from, to, phase. Not shared: only the leader has one. */
let reportFrom: f64 = 0;
let reportTo: f64 = 0;
let reportPhase: i32 = 0;

/** The next job reports progress between two fractions while it runs. */
export function reportNext(from: f64, to: f64, phase: i32): void {
  reportFrom = from;
  reportTo = to;
  reportPhase = phase;
  progress(from, phase);
}

/** Items 0 .. count of a job, by all threads; returns when all are done. */
export function forItems(job: Job, count: i32): void {
  shareItems(<i32>job.index, count);
  reportTo = 0;
}

function shareItems(job: i32, count: i32): void {
  if (S.helpers == 0 || count < 2) {
    if (reportTo > 0) runInParts(job, count);
    else runAt(job, 0, count);
    return;
  }
  const control = S.control;
  S.job = job;
  S.jobItems = count;
  atomic.store<u32>(control, 0, NEXT);
  atomic.store<u32>(control, OPEN, INSIDE);
  atomic.add<u32>(control, 1, ROUND);
  atomic.notify(control + ROUND, S.helpers);
  takeItems(reportTo > 0);
  // Close. From here on nobody comes in; wait for those who are.
  let inside = atomic.and<u32>(control, ~OPEN, INSIDE) & ~OPEN;
  for (let spin = 0; inside != 0 && spin < SPINS; spin++) inside = atomic.load<u32>(control, INSIDE);
  let waited: f64 = 0;
  while (inside != 0) {
    // In steps of a second, so that a machine that slept does not look like a helper that stopped.
    if (atomic.wait<i32>(S.control + INSIDE, <i32>inside, 1000000000) == 2) {
      waited += 1;
      if (waited >= S.helperTimeoutS) fail(FAIL_HELPER, waited);
    }
    inside = atomic.load<u32>(S.control, INSIDE);
  }
  const failed = atomic.load<i32>(S.control, FAILED);
  if (failed != 0) fail(failed, S.failDetail);
}

/** One thread: a job in parts, with progress between them. */
function runInParts(job: i32, count: i32): void {
  const part = max(1, count / PARTS);
  for (let first = 0; first < count; first += part) {
    runAt(job, first, min(first + part, count));
    reportDone(min(first + part, count), count);
  }
}

function reportDone(done: i32, count: i32): void {
  progress(reportFrom + ((reportTo - reportFrom) * <f64>done) / <f64>count, reportPhase);
}

function takeItems(report: bool): void {
  const control = S.control,
    count = S.jobItems,
    job = S.job;
  let first = atomic.load<i32>(control, NEXT);
  while (first < count) {
    const end = first + max(1, (count - first) / ((S.helpers + 1) * PIECES));
    const found = atomic.cmpxchg<i32>(control, first, end, NEXT);
    if (found == first) {
      runAt(job, first, end);
      if (report) reportDone(first, count);
      first = atomic.load<i32>(control, NEXT);
    } else first = found;
  }
}

/** A new helper says that it is there. */
export function arrive(state: usize, scratch: usize): void {
  setState(state);
  setScratch(scratch);
  atomic.add<i32>(S.control, 1, ARRIVED);
  atomic.notify(S.control + ARRIVED, 1);
}

/**
 * A helper's life: jobs until the leader stops the pool (returns true) or nothing happens for NAP (returns false; to
 * be called again). A thread that never leaves WebAssembly cannot be ended by everybody: Chromium ends a worker's own
 * workers only when they look at their messages.
 */
export function help(): bool {
  let seen: u32 = 0,
    round: u32 = 0;
  while (round != QUIT) {
    const control = S.control;
    round = atomic.load<u32>(control, ROUND);
    for (let spin = 0; round == seen && spin < SPINS; spin++) round = atomic.load<u32>(control, ROUND);
    if (round == seen) {
      if (atomic.wait<i32>(control + ROUND, <i32>seen, NAP) == 2) return false;
    } else if (round != QUIT) {
      seen = round;
      if (enter()) {
        // The job cannot change while this helper is inside, but it may have since the look at the round.
        seen = atomic.load<u32>(control, ROUND);
        takeItems(false);
        leave();
      }
    }
  }
  return true;
}

/** Counts this helper in, unless the job is closed. */
function enter(): bool {
  const control = S.control;
  let inside = atomic.load<u32>(control, INSIDE);
  while (inside & OPEN) {
    const before = atomic.cmpxchg<u32>(control, inside, inside + 1, INSIDE);
    if (before == inside) {
      atomic.add<u32>(control, 1, JOINED);
      return true;
    }
    inside = before;
  }
  return false;
}

function leave(): void {
  if (atomic.sub<u32>(S.control, 1, INSIDE) == 1) atomic.notify(S.control + INSIDE, 1);
}

/** For a helper whose job ended with an error: tells the leader and counts it out. */
export function helperFailed(code: i32, detail: f64): void {
  S.failDetail = detail;
  atomic.cmpxchg<i32>(S.control, 0, code, FAILED);
  leave();
}

/** The leader stops all helpers; after that they must not touch the memory's jobs any more. */
export function stopHelpers(): void {
  if (S.helpers == 0) return;
  atomic.store<u32>(S.control, QUIT, ROUND);
  atomic.notify(S.control + ROUND, -1);
}
