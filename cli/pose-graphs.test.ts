/** The pose graphs as they are served: there for every name, packed, and the same from the cache. */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { GRAPH_SIDE } from '../src/intake/pose/pose-graphs.ts';
import { convertPoseGraph, POSE_GRAPH_NAMES, servedPoseGraph } from './pose-graphs.ts';

test('there is one for every graph that the pose finder runs', () => {
  expect([...POSE_GRAPH_NAMES].sort()).toEqual(Object.keys(GRAPH_SIDE).sort());
});

test('what is served is the converted graph, packed', () => {
  const first = servedPoseGraph('face');
  expect(Buffer.compare(gunzipSync(first), convertPoseGraph('face'))).toBe(0);
  expect(Buffer.compare(servedPoseGraph('face'), first)).toBe(0);
});

test('together they are small enough for a first visit', () => {
  const bytes = POSE_GRAPH_NAMES.reduce((sum, name) => sum + servedPoseGraph(name).length, 0);
  expect(bytes).toBeLessThan(13.5e6);
});
