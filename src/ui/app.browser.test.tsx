/** The page in a real browser with a scripted client: first page, a run, an error, cancel, keys and roles. */
import './tokens.css';
import './base.css';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { StageError } from '../base/errors.ts';
import { type RunEvent, STAGE_IDS, type StageId } from '../digitizer/types.ts';
import { type App as AppCore, createApp } from '../store/app-store.ts';
import { quietPreferences, scriptedClient } from '../store/client-test-kit.ts';
import { figureOf } from '../store/figure.ts';
import { App } from './app.tsx';
import { AppProvider } from './app-context.tsx';

let host: HTMLDivElement;
let root: Root;
let app: AppCore;
let script: ReturnType<typeof scriptedClient>;
const saveFile = vi.fn();

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
const done = (stage: StageId): RunEvent => ({
  kind: 'stage',
  stage,
  state: { kind: 'done', elapsedMs: 1234, detail: 'fine', cached: false },
});
const drop = (...files: File[]) => {
  const data = new DataTransfer();
  for (const file of files) data.items.add(file);
  host.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
};
const photo = () => new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' });

async function running() {
  await see('drop-zone');
  drop(photo());
  await see('stage-photo');
  await vi.waitFor(() => expect(script.runs).toHaveLength(1));
  return script.runs[0];
}

beforeEach(() => {
  script = scriptedClient();
  const blank = () => createImageBitmap(new ImageData(8, 8));
  script.client.picture.mockImplementation(blank);
  app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => {
      const sample = {
        id: 'one',
        title: 'Blue overalls',
        photo: 'a.jpg',
        thumbnail: 'a.webp',
        background: 'black',
      };
      return new Blob([JSON.stringify([sample])]);
    },
    saveFile,
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

afterEach(() => {
  root.unmount();
  host.remove();
  app.dispose();
});

describe('the first page', () => {
  test('offers drop, file, samples, and says what will do the work', async () => {
    await see('drop-zone');
    await see('file-input');
    void app.store.getState().startSession();
    void app.store.getState().loadSamples();
    const sample = await see('sample-one');
    expect(sample.querySelector('img')?.alt).toContain('Blue overalls');
    await vi.waitFor(() => expect(find('machine-line')?.dataset.state).toBe('ready'));
    const line = find('machine-line')?.textContent ?? '';
    expect(line).toContain('WebAssembly, 2 threads');
    expect(line).toContain('no WebGPU in this browser');
    expect(line).toContain('Nothing is sent');
  });

  test('a wrong drop is answered with a sentence and a fix; the page stays', async () => {
    await see('drop-zone');
    drop(new File(['%PDF'], 'letter.pdf', { type: 'application/pdf' }));
    const banner = await see('error-banner');
    expect(banner.closest('[role="alert"]')).not.toBeNull();
    expect(banner.textContent).toContain('letter.pdf');
    expect(find('error-fix')?.textContent).toContain('JPEG');
    expect(find('drop-zone')).not.toBeNull();
    await userEvent.click(banner.querySelector('button[aria-label]')!);
    await vi.waitFor(() => expect(find('error-banner')).toBeNull());
  });

  test('a pasted photo opens the studio', async () => {
    await see('drop-zone');
    const data = new DataTransfer();
    data.items.add(photo());
    host.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
    await see('stage-photo');
    expect(figureOf(app.store.getState()).input?.name).toBe('me');
  });
});

describe('the studio', () => {
  test('shows every stage with its state, and saves when the figure is there', async () => {
    const run = await running();
    for (const id of STAGE_IDS) expect(find(`stage-${id}`)?.dataset.state).toBe('waiting');
    expect(find('save-button')).toHaveProperty('disabled', true);
    run.emit({ kind: 'stage', stage: 'coarse', state: { kind: 'running', fraction: 0.5, note: 'half way' } });
    await vi.waitFor(() => expect(find('stage-coarse')?.dataset.state).toBe('running'));
    expect(find('stage-coarse')?.querySelector('progress')?.value).toBe(0.5);
    expect(host.querySelector('[role="status"]')?.textContent).toContain('Coarse shape');
    for (const id of STAGE_IDS) run.emit(done(id));
    run.emit({ kind: 'notice', stage: 'pose', text: 'The left foot is a guess.' });
    run.finish();
    await see('model-canvas');
    expect(find('stage-surface')?.textContent).toContain('1.2 s');
    expect(find('notice-list')?.textContent).toContain('The left foot is a guess.');
    await userEvent.click(find('save-button')!);
    await userEvent.click(await see('save-glb'));
    await vi.waitFor(() => expect(saveFile).toHaveBeenCalledWith(expect.any(Blob), 'me.glb'));
  });

  describe('of the finished figure, beside its inspector', () => {
    beforeEach(() => page.viewport(1280, 900));
    afterEach(() => page.viewport(414, 896));

    test('fewer triangles: chosen in the inspector or in the menu, busy is said, cancel keeps the mesh', async () => {
      const run = await running();
      for (const id of STAGE_IDS) run.emit(done(id));
      run.finish();
      await see('model-canvas');
      const size = (id: string) => find(`mesh-size-${id}`);
      const chosen = () => ['full', '200k', '50k', '10k'].filter((id) => size(id)?.ariaChecked === 'true');
      expect(chosen()).toEqual(['full']);
      for (const [id, use] of Object.entries({
        full: 'print',
        '200k': 'render',
        '50k': 'web',
        '10k': 'game',
      })) {
        expect(size(id)?.textContent).toContain(use);
      }

      await userEvent.click(size('50k')!);
      const line = await see('simplify-line');
      expect(line.textContent).toContain('50');
      expect(chosen()).toEqual(['50k']);
      await userEvent.click(find('cancel-simplify')!);
      await vi.waitFor(() => expect(find('simplify-line')).toBeNull());
      expect(chosen()).toEqual(['full']);
      expect(find('error-banner')).toBeNull();

      await userEvent.click(find('save-button')!);
      const item = await see('save-size-10k');
      expect(item.getAttribute('role')).toBe('menuitemradio');
      await userEvent.click(item);
      expect(find('save-size-10k')?.ariaChecked).toBe('true');
      // The menu stays open: the file can be asked for at once, and waits.
      await userEvent.click(find('save-glb')!);
      saveFile.mockClear();
      script.simplifications[1].finish();
      await vi.waitFor(() => expect(saveFile).toHaveBeenCalledTimes(1));
      expect(script.client.exportFile).toHaveBeenLastCalledWith(
        'glb',
        10_000,
        expect.objectContaining({ up: 'y' }),
        expect.any(Function),
      );
      expect(chosen()).toEqual(['10k']);
      expect(host.textContent).toContain('9,998 of 380,000');

      let fail = (_: StageError) => {};
      script.client.exportFile.mockImplementation((format, _triangles, _options, onEvent) => {
        // The open menu works out the sizes of the others.
        if (format !== 'texturedGlb') return Promise.resolve(new Blob(['glb']));
        onEvent?.({ kind: 'progress', fraction: 0.4, note: 'filling the atlas' });
        return new Promise((_resolve, reject) => {
          fail = reject;
        });
      });
      saveFile.mockClear();
      await userEvent.click(find('save-button')!);
      await userEvent.click(await see('save-textured-glb'));
      const saving = await see('saving-line');
      expect(saving.textContent).toContain('filling the atlas');
      expect(saving.textContent).toContain('40 %');
      script.client.cancelExport.mockClear();
      await userEvent.click(find('cancel-save')!);
      expect(script.client.cancelExport).toHaveBeenCalledOnce();
      fail(new StageError('export', 'E_CANCELLED', 'Cancelled.', { fix: '' }));
      await vi.waitFor(() => expect(find('saving-line')).toBeNull());
      expect([saveFile.mock.calls.length, find('error-banner')]).toEqual([0, null]);

      await userEvent.click(size('200k')!);
      await see('simplify-line');
      script.simplifications[2].fail(
        new StageError('surface', 'E_MEMORY', 'There is not enough memory.', { fix: 'Close other tabs.' }),
      );
      await see('error-banner');
      expect(find('error-fix')?.textContent).toBe('Close other tabs.');
      expect(chosen()).toEqual(['10k']);
    });

    test('confidence is a shading of the figure, with a legend in words and one sentence on what it is', async () => {
      const run = await running();
      for (const id of STAGE_IDS) run.emit(done(id));
      run.finish();
      const canvas = await see('model-canvas');
      expect(find('shading-legend')).toBeNull();
      await userEvent.click(find('shading-confidence')!);
      const legend = await see('shading-legend');
      expect([...legend.querySelectorAll('p > span')].map((word) => word.textContent)).toEqual([
        'filled in',
        'guessed',
        'measured',
      ]);
      expect(canvas.dataset.shading).toBe('confidence');
      expect(canvas.ariaLabel).toContain('confidence');
      expect(host.textContent).toContain('How far each spot can be believed');
      await userEvent.click(find('shading-clay')!);
      await vi.waitFor(() => expect(find('shading-legend')).toBeNull());
    });
  });

  test('an error keeps what was computed and says what to do', async () => {
    const run = await running();
    run.emit(done('photo'));
    run.fail(
      new StageError('pose', 'E_NO_PERSON', 'Nobody is in this photo.', { fix: 'Choose another photo.' }),
    );
    await see('error-banner');
    expect(find('error-fix')?.textContent).toBe('Choose another photo.');
    expect(find('stage-photo')?.dataset.state).toBe('done');
    expect(find('stage-pose')?.dataset.state).toBe('failed');
    await userEvent.click(await see('rerun'));
    await vi.waitFor(() => expect(script.runs).toHaveLength(2));
    expect(find('error-banner')).toBeNull();
  });

  test('cancel is one click and leaves a way on', async () => {
    await running();
    await userEvent.click(await see('cancel'));
    await see('rerun');
    expect(find('cancel')).toBeNull();
    expect(find('error-banner')).toBeNull();
  });

  test('views are tabs: one tab stop, arrow keys move', async () => {
    const run = await running();
    for (const id of STAGE_IDS) run.emit(done(id));
    const tab = await see('view-photo');
    await userEvent.click(tab);
    expect(tab.getAttribute('role')).toBe('tab');
    expect(tab.getAttribute('aria-selected')).toBe('true');
    expect(host.querySelectorAll('[role="tab"][tabindex="0"]')).toHaveLength(1);
    await userEvent.keyboard('{ArrowRight}');
    await vi.waitFor(() => expect(find('view-parts')?.getAttribute('aria-selected')).toBe('true'));
    expect(document.activeElement).toBe(find('view-parts'));
    expect(app.store.getState().view).toBe('parts');
  });
});
