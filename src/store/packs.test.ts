/** Packs in the store: import, list, use, rename, remove, save, and failures that leave everything as it was. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import { importPack } from '../networks/packs/import.ts';
import type { PackSource } from '../networks/packs/open.ts';
import { createApp } from './app-store.ts';
import { PACK, quietPreferences, scriptedClient, storedPack } from './client-test-kit.ts';
import { shownState } from './figure.ts';
import { offersOf } from './packs-slice.ts';
import { createPreferences, memoryStorage } from './preferences.ts';

const STARTER = readFileSync(resolve(import.meta.dirname, '../../public/packs/starter/pack.json'), 'utf8');

/** A server with or without packs beside the starter; null: one that has no list of them. */
const server = (catalogue: string | null) => async (path: string) => {
  if (!path.endsWith('catalogue.json')) return new Blob([STARTER]);
  if (catalogue === null) throw new Error('404');
  return new Blob([catalogue]);
};

async function setUp(preferences = quietPreferences(), catalogue: string | null = null) {
  const script = scriptedClient();
  const saved: string[] = [];
  const fetchOwn = vi.fn(server(catalogue));
  const app = createApp({
    createClient: () => script.client,
    fetchOwn,
    saveFile: (_, name) => saved.push(name),
    nowMs: () => 0,
    preferences,
  });
  const state = () => shownState(app.store.getState());
  await state().startSession();
  return { ...script, app, state, saved, preferences, fetchOwn };
}

/** The page again in the same browser. */
async function reload(preferences: ReturnType<typeof quietPreferences>, start?: () => Promise<never>) {
  const script = scriptedClient();
  if (start) script.client.start.mockImplementationOnce(start);
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob([STARTER]),
    saveFile: () => {},
    nowMs: () => 0,
    preferences,
  });
  await app.store.getState().startSession();
  return { ...script, state: () => shownState(app.store.getState()) };
}

const zip = () => new File(['zip'], 'mine.zip');

describe('packs', () => {
  test('opening the dialog lists the starter with its accuracy, and what is stored', async () => {
    const { state, stored } = await setUp();
    stored.push(storedPack('a', 'A'));
    await state().loadPacks();
    expect(state().starterPack).toMatchObject({ id: 'starter', precision: 'i8' });
    expect(state().starterPack?.accuracy.length).toBeGreaterThan(0);
    expect(state().storedPacks?.map((pack) => pack.key)).toEqual(['a']);
    expect(state().packInUse).toBe('starter');
  });

  test('an import tells how far it is, is listed and in use', async () => {
    const { state, app } = await setUp();
    const fractions: (number | null)[] = [];
    app.store.subscribe((s) => fractions.push(s.packProgress));
    await state().addPack([zip()]);
    expect(fractions).toContain(0.5);
    expect(state()).toMatchObject({ packProgress: null, openingWeights: null, packInUse: 'key-1' });
    expect(state().session).toMatchObject({ pack: { name: 'Mine 1' } });
    expect(state().storedPacks).toHaveLength(1);
  });

  test('a failed import leaves the list and the open pack', async () => {
    const { state, client } = await setUp();
    await state().addPack([zip()]);
    const before = state();
    client.importPack.mockRejectedValueOnce(
      new StageError('pack', 'E_BAD_PACK', 'The file is not a readable zip.', { fix: 'Drop a zip.' }),
    );
    await state().addPack([zip()]);
    expect(state().problem?.code).toBe('E_BAD_PACK');
    expect({ ...state(), problem: null }).toEqual({ ...before, problem: null });
  });

  test.each([
    [
      'ckpt.pth.tar',
      '<!DOCTYPE html><title>Google Drive - Virus scan warning</title>',
      'The file is a web page (“Google Drive - Virus scan warning”), saved in place of the checkpoint.',
      /"Download anyway"/,
    ],
    [
      'ckpt.pth',
      'version https://git-lfs.github.com/spec/v1\nsize 934000000\n',
      'The file is a Git LFS pointer for 934,000,000 bytes of weights, not the weights themselves.',
      /git lfs pull/,
    ],
    [
      'ckpt.zip',
      'PK\u0003\u0004 and no more',
      /^The file starts like a zip but has no zip directory/,
      /again/,
    ],
    ['ckpt.tar.gz', '7z\u00bc', /^The file is text|neither a zip nor a pickle/, /as it was downloaded/],
  ])('what the reader says of %s stands in the banner word for word', async (name, text, message, fix) => {
    const { state, client } = await setUp();
    client.importPack.mockImplementationOnce(async (source) => importPack(source as PackSource) as never);
    await state().openFiles([new File([text], name)]);
    expect(state().problem).toMatchObject({ stage: 'checkpoint', code: 'E_BAD_CHECKPOINT' });
    if (typeof message === 'string') expect(state().problem?.message).toBe(message);
    else expect(state().problem?.message).toMatch(message);
    expect(state().problem?.fix).toMatch(fix);
    expect(state().packInUse).toBe('starter');
  });

  test('what was chosen in a file is said beside the list of packs', async () => {
    const { state, client } = await setUp();
    const pack = storedPack('key-9', 'Nine');
    client.importPack.mockResolvedValueOnce({
      ...{ pack, details: pack, key: 'key-9', notKept: null },
      notes: ['The file is a zip archive: ckpt.pth in it was read.'],
    });
    await state().addPack([zip()]);
    expect(state().packNote).toBe('The file is a zip archive: ckpt.pth in it was read.');
  });

  test('a file whose name says nothing is read as a checkpoint', async () => {
    const { state, client } = await setUp();
    await state().addPack([new File(['x'], 'weights')]);
    expect(client.importPack.mock.calls[0][0]).toMatchObject({ kind: 'checkpoint' });
  });

  test('a pack that cannot be kept serves until the page is closed, and that is said', async () => {
    const { state, client, saved } = await setUp();
    client.importPack.mockResolvedValueOnce({
      pack: { ...PACK, name: 'Fleeting' },
      details: storedPack('', 'Fleeting'),
      key: null,
      notKept: 'The disk is full.',
      notes: [],
    });
    await state().addPack([zip()]);
    expect(state()).toMatchObject({
      packInUse: 'current',
      packNote: 'The disk is full.',
      unkeptPack: { name: 'Fleeting' },
    });
    await state().savePack('current', 'zip');
    expect(saved).toEqual(['Fleeting.zip']);
    await state().usePack('starter');
    expect(state()).toMatchObject({ packInUse: 'starter', unkeptPack: null });
  });

  test('use opens a stored pack where it lies, and an open photo runs again', async () => {
    const { state, stored, client, runs } = await setUp();
    stored.push(storedPack('a', 'A'));
    await state().loadPacks();
    void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
    await expect.poll(() => runs.length).toBe(1);
    runs[0].finish();
    await expect.poll(() => state().run.kind).toBe('done');
    await state().usePack('a');
    expect(client.start).toHaveBeenLastCalledWith(expect.anything(), { kind: 'stored', key: 'a' });
    expect(client.importPack).not.toHaveBeenCalled();
    await expect.poll(() => runs.length).toBe(2);
    const starts = client.start.mock.calls.length;
    await state().usePack('a');
    expect(client.start).toHaveBeenCalledTimes(starts);
  });

  test('the pack in use takes its new name; a refused name is said', async () => {
    const { state, client } = await setUp();
    await state().addPack([zip()]);
    await state().renamePack('key-1', ' Better ');
    expect(state().session).toMatchObject({ pack: { name: 'Better' } });
    client.renamePack.mockRejectedValueOnce(
      new StageError('pack', 'E_BAD_PACK', 'A pack needs a name.', { fix: 'Give it one.' }),
    );
    await state().renamePack('key-1', '');
    expect(state().problem?.message).toBe('A pack needs a name.');
    expect(state().session).toMatchObject({ pack: { name: 'Better' } });
  });

  test('removing the pack in use brings the starter back; another one leaves it alone', async () => {
    const { state, stored, client } = await setUp();
    stored.push(storedPack('a', 'A'));
    await state().addPack([zip()]);
    await state().removePack('a');
    expect(state().packInUse).toBe('key-1');
    await state().removePack('key-1');
    expect(client.start).toHaveBeenLastCalledWith(expect.anything(), { kind: 'url', url: 'packs/starter/' });
    expect(state()).toMatchObject({ packInUse: 'starter', storedPacks: [] });
  });

  test('files are named after the pack; the starter can be saved too', async () => {
    const { state, stored, client, saved } = await setUp();
    stored.push(storedPack('a', 'Full model / f32'));
    await state().loadPacks();
    await state().savePack('a', 'zip');
    await state().savePack('a', 'onnx');
    await state().savePack('starter', 'zip');
    expect(saved).toEqual(['Full-model-f32.zip', 'Full-model-f32-onnx.zip', 'Starter.zip']);
    expect(client.packFile).toHaveBeenLastCalledWith('starter', 'zip');
  });

  test('a browser that refuses storage is named; the starter stays', async () => {
    const { state, client } = await setUp();
    client.packs.mockRejectedValueOnce(
      new StageError('pack', 'E_BAD_PACK', 'This browser cannot store packs for this page.', { fix: '' }),
    );
    await state().loadPacks();
    expect(state()).toMatchObject({
      storedPacks: [],
      packNote: 'This browser cannot store packs for this page.',
      starterPack: { id: 'starter' },
    });
  });
});

describe('what the page remembers', () => {
  const gone = () =>
    Promise.reject(new StageError('pack', 'E_BAD_PACK', 'There is no stored pack key-1.', { fix: '' }));

  test('the pack in use comes back with the page; the starter is the plain start', async () => {
    const first = await setUp();
    expect(first.client.start.mock.lastCall).toHaveLength(1);
    await first.state().addPack([zip()]);
    const second = await reload(first.preferences);
    expect(second.client.start).toHaveBeenLastCalledWith(expect.anything(), { kind: 'stored', key: 'key-1' });
    expect(second.state()).toMatchObject({ packInUse: 'key-1', problem: null, openingWeights: null });
    await second.state().usePack('starter');
    const third = await reload(first.preferences);
    expect(third.state().packInUse).toBe('starter');
    expect(third.client.start.mock.lastCall).toHaveLength(1);
  });

  test('a pack that is gone is named, under its last name, and forgotten; the starter serves', async () => {
    const first = await setUp();
    await first.state().addPack([zip()]);
    await first.state().renamePack('key-1', 'Better');
    const second = await reload(first.preferences, gone);
    expect(second.state()).toMatchObject({ packInUse: 'starter', session: { kind: 'ready' } });
    expect(second.state().problem?.message).toBe('The pack “Better” is no longer in this browser.');
    expect(second.state().problem?.fix).toContain('starter');
    expect(first.preferences.pack()).toBeNull();
  });

  test('a device that fails is no reason to forget the pack', async () => {
    const first = await setUp();
    await first.state().addPack([zip()]);
    const lost = () =>
      Promise.reject(new StageError('device', 'E_DEVICE', 'The graphics device was lost.', { fix: '' }));
    const second = await reload(first.preferences, lost);
    expect(second.state().session.kind).toBe('failed');
    expect(await second.state().startSession()).toBe(true);
    expect(second.state().packInUse).toBe('key-1');
  });

  test('a pack that could not be kept is not remembered', async () => {
    const first = await setUp();
    first.client.importPack.mockResolvedValueOnce({
      pack: PACK,
      details: storedPack('', 'Fleeting'),
      key: null,
      notKept: 'The disk is full.',
      notes: [],
    });
    await first.state().addPack([zip()]);
    expect(first.preferences.pack()).toBeNull();
  });

  test('the mode holds until the tab is closed', async () => {
    const first = await setUp();
    expect(first.state().options.mode).toBe('robust');
    await first.state().setOptions({ mode: 'reference' });
    expect((await reload(first.preferences)).state().options.mode).toBe('reference');
    await first.state().setOptions({ surfaceDepth: 8 });
    expect(first.preferences.mode()).toBe('reference');
  });

  test('what is not ours, of another version or refused is as if it were not there', () => {
    const kept = memoryStorage();
    const preferences = createPreferences(
      () => kept,
      () => {
        throw new Error('SecurityError');
      },
    );
    for (const text of ['{', '7', '{"version":2,"key":"a","name":"A"}', '{"version":1,"key":7,"name":"A"}']) {
      kept.setItem('statuette.pack', text);
      expect(preferences.pack(), text).toBeNull();
    }
    preferences.setMode('reference');
    expect(preferences.mode()).toBeNull();
  });
});

describe('packs that the server has beside the starter', () => {
  const catalogue = (...packs: object[]) => JSON.stringify({ version: 1, packs });
  const LARGE = {
    ...JSON.parse(STARTER),
    id: 'starter-large',
    name: 'Starter large',
    files: [{ name: 'weights.safetensors', bytes: 41_000_000, sha256: 'large' }],
  };
  const kept = (key = 'starter-large-1') => ({ ...storedPack(key, 'Starter large'), weightsSha256: 'large' });

  async function withOffer() {
    const all = await setUp(quietPreferences(), catalogue(LARGE));
    all.state().setPacksOpen(true);
    await expect.poll(() => offersOf(all.state()).length).toBe(1);
    return { ...all, offers: () => offersOf(all.state()).map(({ id }) => id) };
  }

  test('the list is read when packs are looked at, once, and not at start', async () => {
    const { state, fetchOwn, offers } = await withOffer();
    expect(fetchOwn.mock.calls.map(([path]) => path)).toEqual([
      'packs/starter/pack.json',
      'packs/catalogue.json',
    ]);
    await state().loadPacks();
    expect(fetchOwn).toHaveBeenCalledTimes(2);
    expect(offers()).toEqual(['starter-large']);
    expect((await setUp(quietPreferences(), catalogue(LARGE))).fetchOwn).not.toHaveBeenCalled();
  });

  test.each([
    ['no list', null],
    ['an empty list', catalogue()],
    ['something else', '<!doctype html>'],
  ])('%s: nothing is offered, nothing is wrong', async (_, list) => {
    const { state } = await setUp(quietPreferences(), list);
    await state().loadPacks();
    expect(offersOf(state())).toEqual([]);
    expect(state()).toMatchObject({ problem: null, packNote: null, starterPack: { id: 'starter' } });
  });

  test('a download tells how far it is, is kept, and takes the place of its offer; the starter stays in use', async () => {
    const { state, downloads, offers } = await withOffer();
    const done = state().downloadPack('starter-large');
    expect(await state().downloadPack('starter-large')).toBeNull();
    expect(downloads.map(({ url }) => url)).toEqual(['packs/starter-large/']);
    downloads[0].progress(0.25);
    expect(state().packDownload).toEqual({ kind: 'running', packId: 'starter-large', fraction: 0.25 });
    downloads[0].finish(kept());
    expect(await done).toBe('starter-large-1');
    expect(state()).toMatchObject({ packDownload: null, packInUse: 'starter', problem: null });
    expect(offers()).toEqual([]);
    await state().usePack('starter-large-1');
    expect(state().packInUse).toBe('starter-large-1');
    await state().removePack('starter-large-1');
    expect(state().packInUse).toBe('starter');
    expect(offers()).toEqual(['starter-large']);
  });

  test('renamed it is still the same pack; other weights of the server are offered again', async () => {
    const { state, stored, offers } = await withOffer();
    stored.push({ ...kept(), name: 'Mine', id: 'mine' });
    await state().loadPacks();
    expect(offers()).toEqual([]);
    stored[0] = { ...stored[0], weightsSha256: 'older' };
    await state().loadPacks();
    expect(offers()).toEqual(['starter-large']);
  });

  test('cancelled: the offer is back, and what still comes in changes nothing', async () => {
    const { state, downloads, client, offers } = await withOffer();
    const done = state().downloadPack('starter-large');
    const cancelling = state().cancelDownload();
    expect(state().packDownload?.kind).toBe('cancelling');
    expect(await done).toBeNull();
    await cancelling;
    downloads[0].progress(0.5);
    expect(state()).toMatchObject({ packDownload: null, problem: null });
    expect(offers()).toEqual(['starter-large']);
    await state().cancelDownload();
    expect(client.cancelDownload).toHaveBeenCalledTimes(1);
  });

  test('a failure is said on the card, or on the page once the dialog is closed; the next try begins anew', async () => {
    const { state, downloads } = await withOffer();
    const failure = new StageError('pack', 'E_DOWNLOAD', 'The server did not answer.', { fix: 'Connect.' });
    const first = state().downloadPack('starter-large');
    downloads[0].fail(failure);
    expect(await first).toBeNull();
    expect(state().packDownload).toMatchObject({
      kind: 'failed',
      error: { code: 'E_DOWNLOAD', fix: 'Connect.' },
    });
    expect(state().problem).toBeNull();
    const second = state().downloadPack('starter-large');
    expect(state().packDownload).toMatchObject({ kind: 'running', fraction: 0 });
    state().setPacksOpen(false);
    downloads[1].fail(failure);
    await second;
    expect(state().problem?.message).toBe('The server did not answer.');
  });
});

describe('while a photo runs', () => {
  async function whileRunning() {
    const all = await setUp();
    all.stored.push(storedPack('a', 'A'));
    await all.state().loadPacks();
    void all.state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
    await expect.poll(() => all.runs.length).toBe(1);
    return all;
  }

  test('an import leaves the run alone; when both are done the photo runs again', async () => {
    const { state, client, runs } = await whileRunning();
    // The worker does one thing after the other.
    let release = () => {};
    const free = new Promise<void>((resolve) => {
      release = resolve;
    });
    const details = storedPack('b', 'B');
    client.importPack.mockImplementationOnce(async () => {
      await free;
      return { pack: details, details, key: 'b', notKept: null, notes: [] };
    });
    const added = state().addPack([zip()]);
    await expect.poll(() => client.importPack.mock.calls.length).toBe(1);
    expect(client.cancel).not.toHaveBeenCalled();
    expect(state()).toMatchObject({ run: { kind: 'running' }, openingWeights: 'mine.zip', packProgress: 0 });
    runs[0].finish();
    await expect.poll(() => state().run.kind).toBe('done');
    release();
    await added;
    expect(state()).toMatchObject({ packInUse: 'b', openingWeights: null });
    await expect.poll(() => runs.length).toBe(2);
  });

  test('a bad file dropped meanwhile costs nothing but its sentence', async () => {
    const { state, client, runs } = await whileRunning();
    client.importPack.mockRejectedValueOnce(
      new StageError('pack', 'E_BAD_PACK', 'The file is not a readable zip.', { fix: 'Drop a zip.' }),
    );
    await state().addPack([zip()]);
    expect(state()).toMatchObject({ run: { kind: 'running' }, problem: { code: 'E_BAD_PACK' } });
    runs[0].finish();
    await expect.poll(() => state().run.kind).toBe('done');
    expect(runs).toHaveLength(1);
  });

  test('choosing another pack starts the photo again with it at once', async () => {
    const { state, client, runs } = await whileRunning();
    await state().usePack('a');
    expect(client.cancel).toHaveBeenCalledTimes(1);
    expect(state().packInUse).toBe('a');
    await expect.poll(() => runs.length).toBe(2);
  });
});
