/** bench/surface.json as bench/surface.md and bench/surface-growth.svg. */
import { drawPanels, type Panel, type Series } from './plot.ts';
import { type Group, median, type Part, pairRatio, type Sample, samplesOf } from './rows.ts';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const of = (samples: readonly Sample[], value: (s: Sample) => number) => median(samples.map(value));
const times = (ratio: number | undefined) =>
  ratio === undefined ? '' : `${ratio.toFixed(ratio < 10 ? 2 : 1)} x`;

/** Solvers of a group: ours first, then in the order in which they ran. */
const solversOf = (group: Group) => [...new Set(['ours', ...group.samples.map((s) => s.who)])];
const threadsOf = (group: Group) => [...new Set(group.samples.map((s) => s.threads))].sort((a, b) => a - b);

function speedRows(group: Group) {
  return solversOf(group).flatMap((who) =>
    threadsOf(group).flatMap((threads) => {
      const samples = samplesOf(group, who, threads);
      if (samples.length === 0) return [];
      const ratio = who === 'ours' ? null : pairRatio(group, who, threads);
      const scaling = who === 'ours' && threads > 1 ? pairRatio(group, who, threads, 1) : null;
      const solver = samples[0].solverMb === undefined ? '' : of(samples, (s) => s.solverMb ?? 0).toFixed(0);
      return [
        [
          group.cloud,
          group.depth,
          who,
          threads,
          samples.length,
          of(samples, (s) => s.wallS).toFixed(2),
          of(samples, (s) => s.cpuS).toFixed(2),
          scaling ? `${(1 / scaling.wall).toFixed(2)} x faster than 1` : times(ratio?.wall),
          times(ratio?.cpu),
          solver,
          of(samples, (s) => s.processMb).toFixed(0),
        ],
      ];
    }),
  );
}

function errorRows(group: Group) {
  const reference = group.meshes.find((m) => m.who.startsWith('open3d'))?.errors;
  return group.meshes.flatMap(({ who, errors, vertices, boundary, nonManifold, pieces }) => {
    if (!errors) return [];
    const share = (value: number, other: number | undefined) =>
      other === undefined || who.startsWith('open3d') ? '' : ` (${(value / other).toFixed(2)})`;
    return [
      [
        group.cloud,
        group.depth,
        who,
        vertices,
        `${errors.visibleMm.mean.toFixed(4)} / ${errors.visibleMm.p95.toFixed(3)}${share(errors.visibleMm.mean, reference?.visibleMm.mean)}`,
        `${errors.normalDeg.mean.toFixed(3)} / ${errors.normalDeg.p95.toFixed(2)}${share(errors.normalDeg.mean, reference?.normalDeg.mean)}`,
        `${errors.gapMm.mean.toFixed(2)} / ${errors.gapMm.p95.toFixed(1)}${share(errors.gapMm.mean, reference?.gapMm.mean)}`,
        errors.gapByAreaMm === undefined
          ? ''
          : `${errors.gapByAreaMm.toFixed(2)}${share(errors.gapByAreaMm, reference?.gapByAreaMm)}`,
        errors.outsideSilhouette,
        `${boundary} / ${nonManifold}`,
        pieces,
      ],
    ];
  });
}

function plainRows(groups: readonly Group[]) {
  return groups.flatMap((group) =>
    threadsOf(group).map((threads) => {
      const samples = samplesOf(group, 'ours', threads);
      const mesh = group.meshes[0];
      return [
        group.cloud,
        group.points,
        group.depth,
        threads,
        of(samples, (s) => s.wallS).toFixed(2),
        of(samples, (s) => s.cpuS).toFixed(2),
        of(samples, (s) => s.solverMb ?? 0).toFixed(0),
        of(samples, (s) => s.processMb).toFixed(0),
        mesh.triangles,
        `${mesh.boundary} / ${mesh.nonManifold}`,
        mesh.pieces,
      ];
    }),
  );
}

const PLAIN_HEAD = [
  'cloud',
  'points',
  'depth',
  'threads',
  'wall s',
  'CPU s',
  'solver MB',
  'process MB',
  'triangles',
  'boundary / non-manifold edges',
  'pieces',
];

/** Growth with points (depth 10) and with depth (the clean cloud): seconds and MB. */
export function growthPlot(groups: readonly Group[]): string | null {
  const byPoints = groups.filter((g) => g.part === 'growth' && g.cloud.startsWith('spread'));
  const byDepth = groups.filter((g) => g.part === 'growth' && g.cloud === 'clean');
  if (byPoints.length < 2 || byDepth.length < 2) return null;
  const line = (
    from: readonly Group[],
    threads: number,
    x: (g: Group) => number,
    y: (s: Sample) => number,
  ): Series['points'] =>
    [...from]
      .sort((a, b) => x(a) - x(b))
      .filter((g) => samplesOf(g, 'ours', threads).length > 0)
      .map((g) => [x(g), of(samplesOf(g, 'ours', threads), y)] as const);
  const panel = (from: readonly Group[], points: boolean): Panel[] => {
    const x = (g: Group) => (points ? g.points : g.depth);
    const axis = {
      xLabel: points ? 'points' : 'depth (2^depth cells a side)',
      xTicks: [...new Set(from.map(x))].sort((a, b) => a - b),
      logX: points,
    };
    const name = points ? 'Depth 10, more points' : '1.38 M points, deeper';
    const [one, two, grey] = ['#b4552d', '#2d6cb4', '#5b6b7c'];
    return [
      {
        ...axis,
        title: `${name}: time`,
        yLabel: 'seconds',
        series: [
          { label: '1 thread', colour: one, points: line(from, 1, x, (s) => s.wallS) },
          { label: '2 threads', colour: two, points: line(from, 2, x, (s) => s.wallS) },
          { label: '1, CPU', colour: grey, dashed: true, points: line(from, 1, x, (s) => s.cpuS) },
        ],
      },
      {
        ...axis,
        title: `${name}: memory`,
        yLabel: 'MB',
        series: [
          { label: 'solver', colour: one, points: line(from, 1, x, (s) => s.solverMb ?? 0) },
          { label: 'process', colour: grey, dashed: true, points: line(from, 1, x, (s) => s.processMb) },
        ],
      },
    ];
  };
  return drawPanels([...panel(byPoints, true), ...panel(byDepth, false)]);
}

/** What some group has and another lacks: peers that were given up or stopped. */
function missingRuns(groups: readonly Group[]): string {
  const peers = [...new Set(groups.flatMap((g) => g.samples.map((s) => s.who)))];
  const threads = [...new Set(groups.flatMap(threadsOf))];
  const missing = groups.flatMap((group) =>
    peers.flatMap((who) =>
      threads
        .filter((count) => samplesOf(group, who, count).length === 0)
        .map((count) => `${who} with ${count} thread(s) on ${group.cloud} at depth ${group.depth}`),
    ),
  );
  return missing.length > 0 ? `\nNot measured, given up or stopped: ${missing.join('; ')}.\n` : '';
}

/** Says so when errors of ours are younger than the times beside them. */
function remeasured(groups: readonly Group[]): string {
  const younger = groups.filter((g) => g.part === 'table' && g.errorsMeasured);
  if (younger.length === 0) return '';
  const when = [...new Set(younger.map((g) => g.errorsMeasured))].sort().at(-1);
  return `\nThe errors of ours were measured again (${when}, \`--parts errors\`) after a change to the solver that costs no time.`;
}

export function report(groups: readonly Group[]): string {
  const part = (name: Part) => groups.filter((g) => g.part === name);
  const loads = groups.flatMap((g) => g.samples.map((s) => s.load));
  const machines = [...new Set(groups.map((g) => g.machine))].join('; ');
  const days = [...new Set(groups.map((g) => g.measured.slice(0, 10)))].sort().join(', ');
  return `# Surface: ours and the peers

Made by \`npm run bench -- surface\` (${days}; ${machines}); every run is in \`surface.json\`. Each run is a process of its
own. A peer's run comes right after one of ours with the same threads on the same cloud, and "peer / ours" is the median
of the ratios of such pairs; seconds and MB are medians over the runs. The load of the machine before the runs was
${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} on its cores: wall seconds suffer from that, and two threads
most of all (where their wall seconds are near their CPU seconds, there was one core for both); CPU seconds suffer less. "Solver MB": WebAssembly memory and result;
"process MB": the most the whole process had, its reading of the file and Node or Python included.
Ours is warm (bench/surface/ours-once.ts). Peers: Open3D with its defaults, PyMeshLab without its pre-clean; both are
PoissonRecon with degree-1 elements.

## Time and memory
${table(['cloud', 'depth', 'who', 'threads', 'runs', 'wall s', 'CPU s', 'wall: peer / ours', 'CPU: peer / ours', 'solver MB', 'process MB'], part('table').flatMap(speedRows))}
${missingRuns(part('table'))}
## Errors
Against the analytic person (surface/person.ts) of 1.8 m: mean / 95th percentile, in brackets the mean as a share of
Open3D's. "Gap": what no sample saw; over its vertices, and over its area (a peer's octree has few
vertices there). "Outside": vertices that project more than 2 px outside the silhouette. The mesh does not
depend on the number of threads.${remeasured(groups)}

${table(['cloud', 'depth', 'who', 'vertices', 'visible mm', 'normals deg', 'gap mm', 'gap mm by area', 'outside', 'boundary / non-manifold edges', 'pieces'], part('table').flatMap(errorRows))}

## Growth
Points: spread evenly over the person's surface, areas from the density, depth 10. Depth: the clean cloud.

![Growth with points and depth](surface-growth.svg)

${table(PLAIN_HEAD, plainRows(part('growth')))}

## Real runs
Clouds of the whole product on three photos with the starter pack (robust mode). There is no ground truth for them.

${part('runs').length > 0 ? table(PLAIN_HEAD, plainRows(part('runs'))) : 'Skipped: the photos are not part of the repository.'}
`;
}
