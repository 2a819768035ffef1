import { expect, test } from 'vitest';
import { loadManifold } from '../print/manifold.ts';
import { VoxelGraph } from './voxel-graph.ts';
import { voxelSolid } from './voxel-solid.ts';

/** Two blocks of 1 x 2 x 1 side by side, `gap` apart, on a common foot or not. */
async function blocks(gap: number, foot: boolean) {
  const { Manifold } = await loadManifold();
  // Odd places: nothing lies on the middles of cells.
  const parts = [Manifold.cube([1, 2, 1]).translate([0.013, 0.2, 0.007])];
  parts.push(Manifold.cube([1, 2, 1]).translate([1.013 + gap, 0.2, 0.007]));
  if (foot) parts.push(Manifold.cube([2 + gap, 0.4, 1]).translate([0.013, 0, 0.007]));
  const { vertProperties, triVerts } = Manifold.union(parts).getMesh();
  // 20 cells of 0.11 (0.1 without a foot): the gap below is a quarter of one.
  return new VoxelGraph(voxelSolid(Float32Array.from(vertProperties), Uint32Array.from(triVerts), 20));
}

/** Steps from the left block's top to the right one's. */
function across(graph: VoxelGraph): number {
  const [left, right] = [graph.at([0.9, 2.1, 0.5]), graph.at([1.15, 2.1, 0.5])];
  return graph.distancesFrom([left])[right];
}

test('a gap of a quarter of a cell keeps its sides apart, and the way goes round by what joins them', async () => {
  expect(across(await blocks(0, false))).toBeLessThan(4);
  expect(across(await blocks(0.025, false))).toBe(Number.POSITIVE_INFINITY);
  // Down to the foot, which is 0.4 high, and up again: twice 1.7 at least.
  expect(across(await blocks(0.025, true))).toBeGreaterThan((2 * 1.6) / 0.11);
  expect(across(await blocks(0, true))).toBeLessThan(4);
});

test('cells are what lies inside, and all of it', async () => {
  const { solid, list } = await blocks(0, false);
  expect(list.length * solid.cell ** 3).toBeGreaterThan(4 * 0.9);
  expect(list.length * solid.cell ** 3).toBeLessThan(4 * 1.1);
});
