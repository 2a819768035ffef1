/** Figures in storage and in project files: whole or as before, whatever is cut off, full, damaged or of a newer version. */
import { zipSync } from 'fflate';
import { describe, expect, test, vi } from 'vitest';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { RunReport } from '../digitizer/types.ts';
import { NO_EDITS } from '../geometry/figure-edits.ts';
import { MACHINE, PACK } from './client-test-kit.ts';
import { type ProjectContent, type ProjectFacts, ProjectLibrary } from './library.ts';
import { type MemoryShelf, memoryShelf } from './library-test-kit.ts';
import { isProjectFile, readProjectFile, writeProjectFile } from './project-file.ts';
import { PROJECT_FILE, PROJECT_VERSION } from './project-format.ts';

const FACTS: ProjectFacts = {
  title: 'Anna',
  name: 'anna',
  fileName: 'anna.jpg',
  sampleId: null,
  createdMs: 1000,
  savedMs: 2000,
  options: { mode: 'robust', surfaceDepth: 9 },
  edits: {
    ...NO_EDITS,
    joints: { leftWrist: [700.25, 900.5] },
    boxes: { head: { dx: 3, dy: -4.5, turnRad: 0.1, scale: 1.2 } },
    strokes: [{ kind: 'add', radiusPx: 12, hardness: 0.5, edgeAware: true, points: [1, 2, 3.5, 4] }],
  },
  heightCm: 183.5,
  stopped: null,
};

function mesh(seed: number): SurfaceMesh {
  return {
    positions: Float32Array.from({ length: 12 }, (_, i) => i * 0.1 + seed),
    normals: Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 2 ? 1 : 0)),
    colours: Uint8Array.from({ length: 12 }, (_, i) => i + seed),
    seen: Uint8Array.of(255, 0, 255, 0),
    confidence: Uint8Array.of(1, 2, 3, 4),
    indices: Uint32Array.of(0, 1, 2, 0, 2, 3),
  };
}

const REPORT: RunReport = {
  ...{
    name: 'anna',
    mode: 'robust',
    machine: MACHINE,
    pack: PACK,
    tileSizePx: 512,
    tiles: { run: 1, total: 1 },
  },
  ...{ stages: [], totalMs: 5, peakDeviceBytes: 0, points: 1, vertices: 4, triangles: 2, boundaryEdges: 0 },
  ...{ nonManifoldEdges: 0, components: 1, notices: [], people: null, simplified: null },
  memory: {
    ...{ kernelsPeakBytes: 0, runtimePeakBytes: null, runtimeHeapBytes: null, devicePeakBytes: null },
    surfacePeakBytes: 0,
  },
};

const content = (seed = 1, change: Partial<ProjectContent> = {}): ProjectContent => ({
  photo: new Blob([`photo ${seed}`], { type: 'image/jpeg' }),
  mask: new Blob(['mask']),
  poseJson: '{"pose":1}',
  figure: { mesh: mesh(seed), report: REPORT },
  thumbnail: new Blob(['thumb'], { type: 'image/webp' }),
  ...change,
});

async function shelved() {
  const shelf = memoryShelf();
  const library = new ProjectLibrary(shelf);
  const key = library.newKey();
  await library.keep(key, FACTS, content());
  return { shelf, library, key };
}

/** What is on disk when the page is opened again; the closed page can do nothing more to it. */
function survivorOf({ folders }: MemoryShelf): MemoryShelf {
  const later = memoryShelf();
  for (const [key, files] of folders) later.folders.set(key, new Map(files));
  return later;
}

describe('the library', () => {
  test('gives back what was kept, to the byte', async () => {
    const { library, key } = await shelved();
    const opened = await library.open(key);
    expect(opened.manifest).toMatchObject(FACTS);
    expect(await opened.photo.text()).toBe('photo 1');
    expect(opened.photo.type).toBe('image/jpeg');
    expect(await opened.mask?.text()).toBe('mask');
    expect(opened.poseJson).toBe('{"pose":1}');
    expect(opened.figure).toEqual({ mesh: mesh(1), report: REPORT });
    expect(opened.lost).toBeNull();
  });

  test('a later figure takes the place of the one before, and leaves nothing of it', async () => {
    const { shelf, library, key } = await shelved();
    await library.keep(
      key,
      { ...FACTS, edits: NO_EDITS },
      content(7, { photo: new Blob(['photo 1']), mask: null }),
    );
    expect((await library.open(key)).figure?.mesh).toEqual(mesh(7));
    // project.json, photo, pose, mesh, thumbnail.
    expect([...(shelf.folders.get(key)?.keys() ?? [])]).toHaveLength(5);
  });

  test.each(Array.from({ length: 6 }, (_, i) => i))(
    'closed after %i writes: as it was, or as it became',
    async (writes) => {
      const { shelf, key } = await shelved();
      shelf.closedAfter = writes;
      void new ProjectLibrary(shelf).keep(
        key,
        FACTS,
        content(7, { mask: new Blob(['mask 7']), poseJson: 'pose 7' }),
      );
      // The fifth write is the description; after it only rests are removed.
      const stopped = writes < 5 ? -1 : writes - 5;
      await vi.waitFor(() => expect(shelf.closedAfter).toBeLessThanOrEqual(stopped), {
        timeout: 20_000,
      });
      const later = survivorOf(shelf);
      const { figure, mask, lost } = await new ProjectLibrary(later).open(key);
      expect(lost).toBeNull();
      const seed = (await mask?.text()) === 'mask' ? 1 : 7;
      expect(figure?.mesh).toEqual(mesh(seed));
    },
  );

  test('closed before a new figure had its description: nothing of it stays', async () => {
    const shelf = memoryShelf();
    shelf.closedAfter = 1;
    void new ProjectLibrary(shelf).keep('new', FACTS, content());
    await vi.waitFor(() => expect(shelf.closedAfter).toBeLessThan(0), { timeout: 20_000 });
    shelf.closedAfter = Number.POSITIVE_INFINITY;
    expect(shelf.folders.size).toBe(1);
    expect(await new ProjectLibrary(shelf).list()).toEqual([]);
    expect(shelf.folders.size).toBe(0);
  });

  test.each([0, 1, 2, 3, 4, 5])(
    'full after %i writes: says so, keeps the old one, leaves no rest',
    async (writes) => {
      const { shelf, library, key } = await shelved();
      const before = [...(shelf.folders.get(key)?.keys() ?? [])].sort();
      shelf.writesLeft = writes;
      const later = content(7, {
        photo: new Blob(['photo 7']),
        mask: new Blob(['m7']),
        poseJson: 'p7',
        thumbnail: new Blob(['t7']),
      });
      await expect(library.keep(key, FACTS, later)).rejects.toMatchObject({ code: 'E_STORAGE' });
      expect([...(shelf.folders.get(key)?.keys() ?? [])].sort()).toEqual(before);
      expect((await library.open(key)).figure?.mesh).toEqual(mesh(1));
      await expect(library.keep('other', FACTS, later)).rejects.toMatchObject({ code: 'E_STORAGE' });
      expect(shelf.folders.has('other')).toBe(false);
    },
  );

  test('renamed, listed with its bytes, removed', async () => {
    const { shelf, library, key } = await shelved();
    await library.change(key, { title: 'Anna, again' });
    const [entry] = await library.list();
    const bytes = [...(shelf.folders.get(key)?.values() ?? [])].reduce((sum, blob) => sum + blob.size, 0);
    expect(entry).toMatchObject({ kind: 'whole', key, bytes, manifest: { title: 'Anna, again' } });
    await library.remove(key);
    expect(await library.list()).toEqual([]);
    await expect(library.open(key)).rejects.toMatchObject({ code: 'E_BAD_PROJECT' });
  });

  test('of a newer version or with a broken description: listed with the reason, left as it is', async () => {
    const { shelf, library, key } = await shelved();
    const newer = new Blob([JSON.stringify({ format: 'statuette project', version: PROJECT_VERSION + 1 })]);
    shelf.folders.get(key)?.set(PROJECT_FILE, newer);
    shelf.folders.set('broken', new Map([[PROJECT_FILE, new Blob(['{"format":"statuette pr'])]]));
    const entries = await library.list();
    expect(entries.map((entry) => entry.kind)).toEqual(['unreadable', 'unreadable']);
    const of = (wanted: string) => entries.find((entry) => entry.key === wanted);
    expect(of(key)).toMatchObject({ error: { message: expect.stringContaining('newer Statuette') } });
    expect(of('broken')).toMatchObject({ error: { message: expect.stringContaining('damaged') } });
    expect(shelf.folders.get(key)?.size).toBeGreaterThan(1);
  });

  test.each(['mesh', 'thumbnail'])(
    'without its %s the photo is still there, and what is lost is said',
    async (stem) => {
      const { shelf, library, key } = await shelved();
      const folder = shelf.folders.get(key);
      const name = [...(folder?.keys() ?? [])].find((file) => file.startsWith(stem)) as string;
      folder?.set(name, new Blob(['cut']));
      const { photo, figure, lost } = await library.open(key);
      expect(await photo.text()).toBe('photo 1');
      expect(figure === null).toBe(stem === 'mesh');
      expect(lost?.code ?? null).toBe(stem === 'mesh' ? 'E_BAD_PROJECT' : null);
    },
  );
});

describe('a project file', () => {
  const file = async (
    change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
    name = 'anna.statuette',
  ) => {
    const bytes = new Uint8Array(await (await writeProjectFile(FACTS, content())).arrayBuffer());
    return new File([change(bytes) as Uint8Array<ArrayBuffer>], name);
  };

  test('goes round: a figure to the byte, known by its content whatever its name', async () => {
    for (const name of ['anna.statuette', 'anna.zip', 'anna']) {
      const made = await file(undefined, name);
      expect(await isProjectFile(made)).toBe(true);
      const { manifest, figure, photo, poseJson } = await readProjectFile(made);
      expect(manifest).toMatchObject(FACTS);
      expect(figure).toEqual({ mesh: mesh(1), report: REPORT });
      expect([await photo.text(), poseJson]).toEqual(['photo 1', '{"pose":1}']);
    }
    expect(await isProjectFile(new File([zipSync({ 'pack.json': new Uint8Array(3) })], 'pack.zip'))).toBe(
      false,
    );
    expect(await isProjectFile(new File(['jpeg'], 'me.jpg'))).toBe(false);
  });

  test('the same figure makes the same bytes', async () => {
    expect(await (await file()).arrayBuffer()).toEqual(await (await file()).arrayBuffer());
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['empty', () => new Uint8Array()],
    ['cut off', (bytes) => bytes.slice(0, bytes.length / 2)],
    ['no zip', () => new TextEncoder().encode('hello, I am a letter')],
    ['another zip', () => zipSync({ 'letter.txt': new Uint8Array(5) })],
  ])('%s: refused with a sentence and a fix', async (_, change) => {
    await expect(readProjectFile(await file(change))).rejects.toMatchObject({
      message: expect.stringContaining('anna.statuette'),
      fix: expect.stringMatching(/\w+/),
    });
  });

  test('of a newer version: refused, and what to do is said', async () => {
    const manifest = JSON.stringify({ format: 'statuette project', version: PROJECT_VERSION + 1 });
    const packed = zipSync({ [PROJECT_FILE]: new TextEncoder().encode(manifest) });
    const newer = new File([packed as Uint8Array<ArrayBuffer>], 'anna.statuette');
    await expect(readProjectFile(newer)).rejects.toMatchObject({
      code: 'E_BAD_PROJECT',
      message: expect.stringContaining('newer Statuette'),
      fix: expect.stringMatching(/\w+/),
    });
  });

  test('one byte of the photo changed is noticed; one of the mesh leaves the photo', async () => {
    const flip = (text: string) => (bytes: Uint8Array) => {
      const at = new TextDecoder('latin1').decode(bytes).indexOf(text);
      const out = bytes.slice();
      out[at] ^= 1;
      return out;
    };
    await expect(readProjectFile(await file(flip('photo 1')))).rejects.toMatchObject({
      code: 'E_BAD_PROJECT',
    });
    const coloursAt = String.fromCharCode(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const { figure, lost } = await readProjectFile(await file(flip(coloursAt)));
    expect(figure).toBeNull();
    expect(lost?.message).toContain('mesh');
  });

  test('paths that leave the folder, and names that are none of ours, are refused', async () => {
    const leaving = (name: string) => async () => {
      const manifest = JSON.stringify({ format: 'statuette project', version: 1, photo: { file: name } });
      const packed = zipSync({
        [PROJECT_FILE]: new TextEncoder().encode(manifest),
      }) as Uint8Array<ArrayBuffer>;
      return readProjectFile(new File([packed], 'evil.statuette'));
    };
    for (const name of ['../x.jpg', '/etc/passwd', 'a/b.jpg']) {
      await expect(leaving(name)()).rejects.toMatchObject({ code: 'E_BAD_PROJECT' });
    }
  });
});
