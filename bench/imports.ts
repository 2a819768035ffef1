/**
 * The house in figures: `npm run bench -- imports`. Files and lines of each room (without tests), its imports from rooms
 * below and above, and circles of imports. tests/rooms.test.ts checks what must be 0.
 */
import { arrowsOf, circlesOf, ROOMS, roomOf, sourceFiles, upward } from '../tests/import-graph.ts';

const files = sourceFiles();
const arrows = arrowsOf(files);
const row = (cells: readonly (string | number)[]) =>
  console.log(
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(8))).join(''),
  );

row(['room', 'files', 'lines', 'longest', 'within', 'down', 'up']);
for (const [room, name] of ROOMS.entries()) {
  const own = files.filter((file) => file.room === room);
  const out = arrows.filter(({ from }) => roomOf(from) === room);
  row([
    name,
    own.length,
    own.reduce((sum, { lines }) => sum + lines, 0),
    Math.max(...own.map(({ lines }) => lines)),
    out.filter(({ to }) => roomOf(to) === room).length,
    out.filter(({ to }) => roomOf(to) > room).length,
    upward(out).length,
  ]);
}
row([
  'all',
  files.length,
  files.reduce((sum, { lines }) => sum + lines, 0),
  Math.max(...files.map(({ lines }) => lines)),
  '',
  arrows.filter(({ from, to }) => roomOf(to) > roomOf(from)).length,
  upward(arrows).length,
]);

const between = arrows.map(({ from, to }) => [ROOMS[roomOf(from)], ROOMS[roomOf(to)]] as const);
const running = arrows.filter(({ typeOnly }) => !typeOnly);
const named = (circles: readonly string[][]) =>
  `${circles.length}${circles.map((circle) => `\n  ${circle.join(', ')}`).join('')}`;
console.log(`\ncircles between rooms: ${named(circlesOf(between.filter(([from, to]) => from !== to)))}`);
console.log(`circles of files, types erased: ${named(circlesOf(running.map(({ from, to }) => [from, to])))}`);
console.log(
  `circles of files, types included: ${named(circlesOf(arrows.map(({ from, to }) => [from, to])))}`,
);
