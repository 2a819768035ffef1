/** The tools of an expert in a real browser with a scripted client: the figure's, the maps', a point explained, panels folded. */
import './tokens.css';
import './base.css';
import axe from 'axe-core';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { planarMap, type RgbaImage } from '../base/images.ts';
import type { PointReport } from '../client/digitizer-api.ts';
import type { PartReport, PictureRequest } from '../digitizer/types.ts';
import { STAGE_IDS } from '../digitizer/types.ts';
import { CANVAS_SIZE, CROP_SIZES, KIND_OF_PART, PART_IDS, type PartId } from '../geometry/body.ts';
import { canvasFromCloud } from '../geometry/camera.ts';
import { type App as AppCore, createApp } from '../store/app-store.ts';
import { quietPreferences, scriptedClient } from '../store/client-test-kit.ts';
import { shownState } from '../store/figure.ts';
import { App } from './app.tsx';
import { AppProvider } from './app-context.tsx';

let host: HTMLDivElement;
let root: Root;
let app: AppCore;
let script: ReturnType<typeof scriptedClient>;

const find = (id: string) => host.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const see = (id: string) =>
  vi.waitFor(
    () => {
      const element = find(id);
      if (!element) throw new Error(`${id} is not on the page`);
      return element;
    },
    { timeout: 20_000 },
  );
const click = async (id: string) => userEvent.click(await see(id));
const state = () => shownState(app.store.getState());
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

/** A normal that leans by degrees to the right, as the networks code it for a flat slope. */
function leaning(width: number, height: number, deg: number): RgbaImage {
  const rad = (deg * Math.PI) / 180;
  const data = new Uint8ClampedArray(width * height * 4);
  const rgb = [127.5 - 127.5 * Math.sin(rad), 127.5, 127.5 + 127.5 * Math.cos(rad), 255];
  for (let i = 0; i < data.length; i += 4) data.set(rgb, i);
  return { width, height, data };
}

/** Every part upright, one beside the other, the arms over each other. */
const REPORTS = PART_IDS.map((part, i): PartReport => {
  const { width, height } = CROP_SIZES[KIND_OF_PART[part]];
  const [x, y] = [300 + 100 * i, 500 + 40 * i];
  return {
    ...{ part, confidence: 0.9, estimated: false, scale: 1 },
    corners: [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ],
  } as unknown as PartReport;
});

async function pixelsOf(request: PictureRequest): Promise<RgbaImage> {
  if ('part' in request) {
    const { width, height } = CROP_SIZES[KIND_OF_PART[request.part]];
    if (request.kind === 'partWeight') {
      return { width, height, data: new Uint8ClampedArray(width * height * 4).fill(128) };
    }
    return leaning(width, height, 0);
  }
  if (request.kind === 'coarseNormals') return leaning(256, 256, 20);
  return leaning(2048, 2048, 0);
}

const POINT: PointReport = {
  ...{ row: 700, column: 900, photo: [412, 333], colour: [10, 20, 30], matte: 1 },
  parts: [{ part: 'leftForearm', weight: 0.8, front: [0, 0, 1], back: [0, 0, -1] }],
  coarse: null,
  merged: { front: [0, 0, 1], back: [0, 0, -1] },
  turnedDeg: null,
  depth: { frontPx: 1000, backPx: 1060 },
  mmPerPx: 1,
} as unknown as PointReport;

async function finished() {
  await see('drop-zone');
  const data = new DataTransfer();
  data.items.add(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  host.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  await soon(() => expect(script.runs).toHaveLength(1));
  for (const stage of STAGE_IDS) {
    script.runs[0].emit({
      kind: 'stage',
      stage,
      state: { kind: 'done', elapsedMs: 9, detail: 'fine', cached: false },
    });
  }
  script.runs[0].finish();
  await see('model-canvas');
}

beforeEach(async () => {
  await page.viewport(1280, 900);
  script = scriptedClient();
  script.client.picture.mockImplementation(() => createImageBitmap(new ImageData(8, 8)));
  script.client.pixels.mockImplementation(pixelsOf as never);
  script.client.partReports.mockImplementation((async () => REPORTS) as never);
  script.client.explain.mockImplementation((async (row: number, column: number) => ({
    ...POINT,
    row,
    column,
  })) as never);
  script.client.map.mockImplementation((async (name: string) => {
    const side = name === 'coarse_depth' ? 256 : 2048;
    const map = planarMap([2, side, side]);
    map.data.fill(name === 'coarse_depth' ? 1.9 : 2, 0, side * side).fill(2.2, side * side);
    return map;
  }) as never);
  app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: vi.fn(),
    nowMs: () => performance.now(),
    preferences: quietPreferences(),
  });
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
  root.render(
    <AppProvider app={app}>
      <App />
    </AppProvider>,
  );
});

afterEach(async () => {
  root.unmount();
  host.remove();
  app.dispose();
  await page.viewport(414, 896);
});

describe('the figure', () => {
  test('tools by their buttons and by keys, with what they need; the height is a field', async () => {
    await finished();
    expect(find('tool-compare')).toBeNull();
    await click('tool-section');
    await see('section-grip');
    await click('section-x');
    expect(state().section).toMatchObject({ axis: 'x' });
    find('section-grip')?.focus();
    const { at } = state().section!;
    await userEvent.keyboard('{ArrowRight}{PageUp}');
    expect(state().section?.at).toBeCloseTo(Math.min(1, at + 0.11));
    expect(find('section-grip')?.getAttribute('aria-valuenow')).toBe(String(Math.round((at + 0.11) * 100)));
    await click('section-flip');
    expect(state().section?.flipped).toBe(true);

    find('model-canvas')?.focus();
    await userEvent.keyboard('x');
    await soon(() => expect(find('section-grip')).toBeNull());
    await userEvent.keyboard('mg');
    expect(state().measuring).toEqual([]);
    expect(state().ground.grid).toBe(true);
    expect((await see('measure-words')).textContent).toContain('from where');
    state().measurePoint([0, 0, 0]);
    state().measurePoint([0, 0.25, 0]);
    // The scripted mesh is one unit tall: 170 cm.
    await soon(() => expect(find('ruler-length')?.textContent).toBe('42.5 cm, 425 mm'));
    const height = (await see('height-cm')) as HTMLInputElement;
    await userEvent.fill(height, '200');
    await userEvent.keyboard('{Enter}');
    await soon(() => expect(find('ruler-length')?.textContent).toBe('50.0 cm, 500 mm'));
    // Letters in a field are letters.
    height.focus();
    await userEvent.keyboard('m');
    expect(state().measuring).toHaveLength(2);
  });

  test('matcaps, background, exposure; the photo’s own angle', async () => {
    await finished();
    await click('shading-matcap');
    await click('matcap-bronze');
    expect(state().matcap).toBe('bronze');
    await click('backdrop-white');
    expect(find('model-canvas')?.parentElement?.dataset.backdrop).toBe('white');
    await see('exposure');
    await click('shading-confidence');
    await soon(() => expect(find('exposure')).toBeNull());
    const { serial } = state().camera;
    await click('camera-photo');
    expect(state().camera).toEqual({ pose: 'photo', serial: serial + 1 });
  });

  test('before and now: after a second run, with a seam that keys move', async () => {
    await finished();
    void state().rerun();
    await soon(() => expect(script.runs).toHaveLength(2));
    script.runs[1].finish();
    await click('tool-compare');
    const seam = await see('seam');
    expect(seam.getAttribute('role')).toBe('slider');
    seam.focus();
    await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(state().seam).toBeCloseTo(0.46);
    await userEvent.keyboard('{Home}');
    expect(state().seam).toBe(0);
  });
});

describe('the maps', () => {
  test('coarse against a part’s normals: the angle between them, with a scale, and the value under the pointer', async () => {
    await finished();
    await click('view-maps');
    await click('question-parts');
    const legend = await see('heat-legend');
    // 20 degrees in the coarse normals, none in the part's; coarse ones are stored flatter by their own scale.
    expect(legend.textContent).toContain('What they differ by');
    expect(legend.textContent).toMatch(/\d° and more/);
    expect(state().maps).toMatchObject({ mode: 'difference', right: { map: 'partNormals' } });
    state().setPointer({ x: REPORTS[1].corners[0][0] + 50, y: REPORTS[1].corners[0][1] + 50 });
    await soon(() => expect(find('heat-legend')?.textContent).toMatch(/here \d+\.\d°/));
    state().setPointer({ x: 10, y: 10 });
    await soon(() => expect(find('heat-legend')?.textContent).not.toContain('here'));
  });

  test('parts over each other differ by nothing here; parts that do not touch say so', async () => {
    await finished();
    await click('view-maps');
    const pair = (left: PartId, right: PartId) =>
      state().setMaps({
        left: { map: 'partNormals', side: 'front', part: left },
        right: { map: 'partNormals', side: 'front', part: right },
        mode: 'difference',
      });
    pair('upperBody', 'leftUpperArm');
    await soon(() => expect(find('heat-legend')?.textContent).toContain('95 % under 0.0°'));
    pair('head', 'rightFoot');
    await soon(() => expect(host.textContent).toContain('These two share no pixel.'));
  });

  test('depth over the range of the figure, thickness, and how far coarse and fine depth are apart', async () => {
    await finished();
    await click('view-maps');
    state().setMaps({ right: null, left: { map: 'depth', side: 'front' } });
    await soon(() => expect(find('heat-legend')?.textContent).toMatch(/Before the middle plane/));
    await click('map-left-thickness');
    // 0.2 x 512 px.
    await soon(() => expect(find('heat-legend')?.textContent).toMatch(/half of it under \d+ mm/));
    await click('question-depth');
    await soon(() => expect(find('heat-legend')?.textContent).toMatch(/95 % under \d+ mm/));
    await click('map-left-overlap');
    await click('compare-wipe');
    await soon(() => expect(find('heat-legend')?.textContent).toContain('Parts that have a say'));
    await click('compare-blend');
    await see('blend');
    await click('map-left-relit');
    await soon(() => expect(host.querySelector('[aria-label="Light direction"]')).not.toBeNull());
  });
});

describe('one place in all panes', () => {
  test('a look and a pointer go from the maps to the parts and back', async () => {
    await finished();
    await click('view-maps');
    const map = await see('map-canvas');
    map.focus();
    await userEvent.keyboard('+++');
    const { look } = state();
    expect(look?.height).toBeLessThan(2048);
    await click('view-parts');
    await see('pane-crop');
    expect(state().look).toEqual(look);
    find('parts-photo')?.focus();
    await userEvent.keyboard('0');
    expect(state().look).toBeNull();
  });

  test('a click into a part’s pane, Enter on a map: all is said about the point, and can be copied', async () => {
    await finished();
    await click('view-parts');
    await click('part-upperBody');
    const pane = await see('pane-front-normal');
    await soon(() => expect(pane.getBoundingClientRect().width).toBeGreaterThan(60));
    pane.focus();
    await userEvent.keyboard('{Enter}');
    const words = await see('explained');
    await soon(() => expect(words.textContent).toContain('412, 333'));
    expect(words.textContent).toContain('Left forearm');
    // The middle of the upper body's crop, on the canvas.
    const [[x, y], , [right, bottom]] = REPORTS[PART_IDS.indexOf('upperBody')].corners;
    const at = state().explained?.at;
    expect(Math.abs((at?.row ?? 0) - (y + bottom) / 2)).toBeLessThanOrEqual(1);
    expect(Math.abs((at?.column ?? 0) - (x + right) / 2)).toBeLessThanOrEqual(1);
    // The part that has most to say is the chosen one now, in every view.
    expect(state().part).toBe('leftForearm');
    const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await click('explain-copy');
    expect(copied.mock.calls[0][0]).toContain('Pixel in the photo: 412, 333');
    expect(find('explain-copy')?.textContent).toBe('Copied');
    copied.mockRestore();
    await click('view-model');
    await see('pin');
  });

  test('a click on the mesh itself: the point under it is explained, its part is the chosen one in every view', async () => {
    await finished();
    await click('shading-parts');
    await click('camera-front');
    const canvas = await vi.waitFor(() => {
      const drawn = find('model-canvas')?.querySelector('canvas');
      if (!drawn?.width) throw new Error('nothing is drawn');
      return drawn;
    });
    const { left, top, width, height } = canvas.getBoundingClientRect();
    /** Beside the middle of the scripted triangle's box, inside the triangle. */
    const at = { clientX: left + width / 2 - height / 12, clientY: top + height / 2 + height / 12 };
    const press = (kind: string, place = at) =>
      canvas.dispatchEvent(
        new PointerEvent(kind, { ...place, bubbles: true, button: 0, pointerId: 1, isPrimary: true }),
      );
    // A drag turns the figure and picks nothing; a click beside it neither.
    press('pointerdown');
    press('pointerup', { clientX: at.clientX + 30, clientY: at.clientY });
    const beside = { clientX: left + 4, clientY: top + 4 };
    press('pointerdown', beside);
    press('pointerup', beside);
    expect(script.client.explain).not.toHaveBeenCalled();
    await soon(() => {
      press('pointerdown');
      press('pointerup');
      expect(script.client.explain).toHaveBeenCalled();
    });
    await soon(() => expect(find('explained')?.textContent).toContain('Left forearm'));
    const { explained, part } = state();
    expect(part).toBe('leftForearm');
    const [x, y, z] = explained?.point ?? [0, 0, 9];
    expect([x > 0, y > 0, x + y < 1, Math.abs(z) < 1e-6]).toEqual([true, true, true, true]);
    const [column, row] = canvasFromCloud([x, y, z], CANVAS_SIZE).map(Math.round);
    expect(script.client.explain.mock.lastCall).toEqual([row, column]);
    await see('pin');
    await soon(() => expect(find('shading-legend')?.textContent).toContain('Left forearm'));
    await click('view-parts');
    expect((await see('part-leftForearm')).ariaChecked).toBe('true');
  });

  test('the figure in the colours of its parts, and the chosen one’s name', async () => {
    await finished();
    await click('shading-parts');
    await soon(() => expect(find('shading-legend')?.textContent).toContain('Upper body'));
    state().selectPart('leftFoot');
    await soon(() => expect(find('shading-legend')?.textContent).toContain('Left foot'));
  });
});

describe('hands of a photo editor', () => {
  test('V, J, P choose the tool; X and the brackets are the brush’s; Space moves the picture; Ctrl S saves', async () => {
    await finished();
    await click('view-photo');
    const canvas = await see('photo-canvas');
    await soon(() => expect(canvas.getBoundingClientRect().width).toBeGreaterThan(200));
    canvas.focus();
    await userEvent.keyboard('j');
    expect(state().tool).toBe('joints');
    await userEvent.keyboard('p');
    expect(state()).toMatchObject({ tool: 'paint', overlays: { matte: true } });
    const { radiusPx, kind } = state().brush;
    await userEvent.keyboard(']');
    expect(state().brush.radiusPx).toBeGreaterThan(radiusPx);
    await userEvent.keyboard('[[[[');
    expect(state().brush.radiusPx).toBeLessThan(radiusPx);
    state().setBrush({ hardness: 0.5 });
    await userEvent.keyboard('}');
    expect(state().brush.hardness).toBe(0.75);
    await userEvent.keyboard('{{');
    expect(state().brush.hardness).toBe(0.5);
    await userEvent.keyboard('x');
    expect(state().brush.kind).not.toBe(kind);
    // With the brush in hand the brackets fold nothing.
    expect(find('fold-inspector')?.ariaExpanded).toBe('true');

    const { left, top, width, height } = canvas.getBoundingClientRect();
    const drag = (button: number) => {
      const press = (type: string, by: number) =>
        canvas.dispatchEvent(
          new PointerEvent(type, {
            ...{
              bubbles: true,
              cancelable: true,
              pointerId: 1,
              pointerType: 'mouse',
              isPrimary: true,
              button,
            },
            ...{ clientX: left + width / 2 + by, clientY: top + height / 2 + by },
          }),
        );
      press('pointerdown', 0);
      press('pointermove', 20);
      press('pointermove', 40);
      const drawn = state().draft;
      press('pointerup', 40);
      return drawn;
    };
    state().setLook({ x: 1024, y: 1024, height: 700 });
    await soon(() => expect(canvas.parentElement?.textContent).toContain('%'));
    const before = state().look;
    expect(drag(1), 'the middle button paints nothing').toBeNull();
    expect(state().look).not.toEqual(before);
    await userEvent.keyboard('{ >}');
    await soon(() => expect(canvas.style.cursor).toBe(''));
    expect(drag(0), 'with Space nothing is painted').toBeNull();
    await userEvent.keyboard('{/ }');
    await soon(() => expect(canvas.style.cursor).toBe('none'));
    expect(state().history.done).toHaveLength(0);
    expect(drag(0)?.strokes).toHaveLength(1);
    await soon(() => expect(state().history.done).toHaveLength(1));
    await userEvent.keyboard('v');
    expect(state().tool).toBe('look');
    await userEvent.keyboard('{Control>}s{/Control}');
    expect((await see('save-glb')).closest('[role="menu"]')).not.toBeNull();
  });
});

test('two fingers zoom and move a picture; a stroke that one of them began is given up', async () => {
  await finished();
  await click('view-photo');
  await click('tool-paint');
  const canvas = await see('photo-canvas');
  await soon(() => expect(canvas.getBoundingClientRect().width).toBeGreaterThan(200));
  const { left, top, width, height } = canvas.getBoundingClientRect();
  // No such fingers touch the screen: they cannot be captured.
  canvas.setPointerCapture = () => {};
  const finger = (pointerId: number, type: string, x: number, y = 0) =>
    canvas.dispatchEvent(
      new PointerEvent(type, {
        ...{
          bubbles: true,
          cancelable: true,
          pointerId,
          pointerType: 'touch',
          button: type === 'pointermove' ? -1 : 0,
        },
        ...{ clientX: left + width / 2 + x, clientY: top + height / 2 + y },
      }),
    );
  finger(1, 'pointerdown', -40);
  finger(1, 'pointermove', -50);
  expect(state().draft?.strokes).toHaveLength(1);
  finger(2, 'pointerdown', 50);
  expect(state().draft).toBeNull();
  finger(1, 'pointermove', -100);
  await soon(() => expect(state().look?.height).toBeLessThan(2048));
  finger(2, 'pointermove', 100);
  await soon(() => expect(state().look?.height).toBeLessThan(1200));
  const zoomed = state().look!;
  // Both to the right and down: the picture goes along.
  for (let i = 1; i <= 4; i++) {
    finger(1, 'pointermove', -100 + 10 * i, 10 * i);
    finger(2, 'pointermove', 100 + 10 * i, 10 * i);
    await new Promise(requestAnimationFrame);
  }
  await soon(() => expect(state().look?.x).toBeLessThan(zoomed.x - 5));
  expect(state().look?.y).toBeLessThan(zoomed.y - 5);
  expect(Math.abs(state().look!.height / zoomed.height - 1)).toBeLessThan(0.1);
  finger(1, 'pointerup', -60, 40);
  finger(2, 'pointerup', 140, 40);
  expect(state().history.done).toHaveLength(0);
});

describe('the panels', () => {
  test('fold by buttons and keys; in a middling window the stages fold by themselves', async () => {
    await finished();
    const fold = await see('fold-inspector');
    expect(fold.ariaExpanded).toBe('true');
    await userEvent.click(fold);
    await soon(() => expect(find('shading-colour')).toBeNull());
    expect(find('fold-inspector')).toBe(document.activeElement);
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard(']');
    await see('shading-colour');
    const widthOf = (id: string) => find(id)?.getBoundingClientRect().width ?? 0;
    expect(widthOf('stage-photo')).toBeGreaterThan(150);
    await page.viewport(1024, 768);
    await soon(() => expect(widthOf('stage-photo')).toBeLessThan(60));
    // Its words are still read out.
    expect(find('stage-photo')?.textContent).toContain('Photo');
    await userEvent.keyboard('[[');
    await soon(() => expect(widthOf('stage-photo')).toBeGreaterThan(150));
  });

  test('at 200 % zoom of a small desk the view keeps its room and nothing lies beside the page', async () => {
    const zoomed = [
      [640, 400],
      [720, 450],
    ] as const;
    await see('drop-zone');
    for (const [width, height] of zoomed) {
      await page.viewport(width, height);
      expect(document.documentElement.scrollWidth, 'first page').toBeLessThanOrEqual(width);
    }
    await click('shortcuts-button');
    const list = (await see('shortcuts')).getBoundingClientRect();
    expect([list.left >= 0, list.right <= 720, list.bottom <= 450]).toEqual([true, true, true]);
    await userEvent.keyboard('{Escape}');
    await page.viewport(1280, 900);
    await finished();
    for (const [width, height] of zoomed) {
      await page.viewport(width, height);
      for (const view of ['model', 'maps', 'parts', 'photo']) {
        await click(`view-${view}`);
        await soon(() => expect(find(`view-${view}`)?.ariaSelected).toBe('true'));
        expect(document.documentElement.scrollWidth, view).toBeLessThanOrEqual(width);
        const panel = host.querySelector('#view-panel')?.getBoundingClientRect();
        expect(panel?.height, `${view} at ${width}`).toBeGreaterThan(height * 0.4);
      }
    }
  });
});

describe('no axe finding of any weight', () => {
  test.each(['dark', 'light'] as const)('in the tools of the figure and of the maps, %s', async (theme) => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = 'en';
    await finished();
    const clean = async (what: string) => {
      const { violations } = await axe.run(host, { rules: { region: { enabled: false } } });
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
      );
      expect(found, what).toEqual([]);
    };
    for (const tool of ['measure', 'section', 'grid']) await click(`tool-${tool}`);
    await click('shading-matcap');
    await see('section-grip');
    await clean('the figure with its tools');
    for (const [width, height] of [
      [1024, 768],
      [390, 844],
    ]) {
      await page.viewport(width, height);
      await clean(`the figure at ${width}`);
    }
    await page.viewport(1280, 900);
    await click('view-maps');
    for (const question of ['parts', 'overlap', 'depth']) {
      await click(`question-${question}`);
      await see('heat-legend');
      await clean(`the maps, ${question}`);
    }
    await click('compare-blend');
    await clean('blended maps');
    await click('view-parts');
    await see('pane-weight');
    await clean('the parts');
    await click('fold-inspector');
    await click('fold-rail');
    await clean('folded');
    await click('fold-inspector');
    (await see('pane-front-normal')).focus();
    await userEvent.keyboard('{Enter}');
    await see('explain-copy');
    await clean('a point explained');
    await click('view-photo');
    await click('tool-joints');
    await clean('editing joints');
    await click('tool-paint');
    await clean('painting');
    void state().edit('Nose moved', (edits) => ({ ...edits, joints: { nose: [1, 1] } }));
    await soon(() => expect(script.runs).toHaveLength(2));
    await see('history');
    await clean('a run with the list of changes');
    script.runs[1].finish();
    await click('view-model');
    await click('tool-compare');
    await see('seam');
    await clean('before and now');
    state().showProblem(new Error('It broke.'), 'surface');
    await see('error-banner');
    await clean('a message');
    await click('save-button');
    await see('save-glb');
    await clean('the menu of files');
    await click('open-print');
    await soon(() => expect(find('print-preview')?.dataset.state).toBe('ready'));
    await clean('print');
  });

  test('fingers have 44 px, on a phone', async () => {
    await finished();
    for (const tool of ['measure', 'section']) await click(`tool-${tool}`);
    await page.viewport(390, 844);
    await see('section-grip');
    const small = [...host.querySelectorAll<HTMLElement>('#view-panel button, #view-panel [role="slider"]')]
      .map((element) => ({
        name: element.textContent || element.ariaLabel,
        box: element.getBoundingClientRect(),
      }))
      .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 30));
    expect(small).toEqual([]);
  });
});
