/** Line charts as SVG: panels side by side, logarithmic axes, one colour a series, labels at the lines' ends. */

export interface Series {
  readonly label: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Ticks of the x axis; logarithmic when `logX`. */
  readonly xTicks: readonly number[];
  readonly logX: boolean;
  readonly series: readonly Series[];
}

const WIDTH = 400;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 84;
const TOP = 44;
const BOTTOM = 48;
const TEXT = '#26323f';
const GRID = '#dde3ea';

const short = (value: number) => (value >= 1e4 ? `${value / 1e6} M` : String(Number(value.toPrecision(3))));

/** 1, 2, 5 times powers of ten that span the values; the ends lie outside them. */
function niceTicks(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = -4; power < 7; power++) for (const step of [1, 2, 5]) all.push(step * 10 ** power);
  const first = all.findLastIndex((tick) => tick <= low * 1.0001);
  const last = all.findIndex((tick) => tick >= high * 0.9999);
  return all.slice(first, last + 1);
}

function drawPanel(panel: Panel, at: readonly [number, number]): string {
  const values = panel.series.flatMap((s) => s.points.map(([, y]) => y));
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const place = (value: number, low: number, high: number, log: boolean) =>
    log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const [x0, x1] = [panel.xTicks[0], panel.xTicks[panel.xTicks.length - 1]];
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const px = (x: number) => LEFT + place(x, x0, x1, panel.logX) * (right - LEFT);
  const py = (y: number) => bottom - place(y, ticks[0], ticks[ticks.length - 1], true) * (bottom - TOP);
  const out: string[] = [`<g transform="translate(${at[0]} ${at[1]})">`];
  const text = (x: number, y: number, anchor: string, content: string, more = '') =>
    out.push(
      `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>${content}</text>`,
    );
  text(LEFT, 20, 'start', panel.title, ' font-weight="600" font-size="13"');
  for (const tick of ticks) {
    const y = py(tick).toFixed(1);
    out.push(`<path d="M${LEFT} ${y}H${right}" stroke="${GRID}"/>`);
    text(LEFT - 8, py(tick) + 4, 'end', String(Number(tick.toPrecision(3))));
  }
  for (const tick of panel.xTicks) {
    out.push(`<path d="M${px(tick).toFixed(1)} ${bottom}v5" stroke="${TEXT}"/>`);
    text(px(tick), bottom + 19, 'middle', short(tick));
  }
  out.push(`<path d="M${LEFT} ${bottom}H${right}" stroke="${TEXT}"/>`);
  text((LEFT + right) / 2, HEIGHT - 8, 'middle', panel.xLabel);
  text(LEFT, 36, 'start', panel.yLabel, ' fill="#5b6b7c"');
  // Labels keep 13 px from each other.
  const ends = panel.series
    .map((s) => ({ s, y: py(s.points[s.points.length - 1][1]) }))
    .sort((a, b) => a.y - b.y);
  for (let k = 1; k < ends.length; k++) ends[k].y = Math.max(ends[k].y, ends[k - 1].y + 13);
  for (const { s, y } of ends) {
    const line = s.points
      .map(([a, b], k) => `${k ? 'L' : 'M'}${px(a).toFixed(1)} ${py(b).toFixed(1)}`)
      .join('');
    const dash = s.dashed ? ' stroke-dasharray="5 4"' : '';
    out.push(`<path d="${line}" fill="none" stroke="${s.colour}" stroke-width="2"${dash}/>`);
    for (const [a, b] of s.points) {
      out.push(`<circle cx="${px(a).toFixed(1)}" cy="${py(b).toFixed(1)}" r="3" fill="${s.colour}"/>`);
    }
    const lastX = px(s.points[s.points.length - 1][0]);
    text(lastX + 8, y + 4, 'start', s.label, ` style="fill:${s.colour}"`);
  }
  out.push('</g>');
  return out.join('\n');
}

/** @returns the whole SVG, panels in rows of two. */
export function drawPanels(panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / 2);
  const size = [WIDTH * Math.min(2, panels.length) + 20, HEIGHT * rows + 20];
  const body = panels.map((panel, k) => drawPanel(panel, [10 + (k % 2) * WIDTH, 10 + (k >> 1) * HEIGHT]));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size[0]} ${size[1]}" width="${size[0]}" height="${size[1]}" font-family="system-ui, sans-serif" font-size="11" fill="${TEXT}">
<title>Growth of the surface solver with points and depth</title>
<rect width="100%" height="100%" fill="#fff"/>
${body.join('\n')}
</svg>
`;
}
