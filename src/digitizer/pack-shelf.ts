/** The open pack, and the packs in the browser's storage. */
import { StageError } from '../base/errors.ts';
import { detailsOf, type StoredPackSummary } from '../networks/packs/details.ts';
import { downloadPack } from '../networks/packs/download.ts';
import { type ImportedPack, importPack } from '../networks/packs/import.ts';
import { openPackSource, type PackSource } from '../networks/packs/open.ts';
import { listStoredPacks, renameStoredPack, type StoredPack } from '../networks/packs/opfs.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { type PackFileFormat, savePackFile } from '../networks/packs/save-pack.ts';

const summaryOf = ({ key, manifest }: StoredPack): StoredPackSummary => ({ key, ...detailsOf(manifest) });

/** A call for each percent and no more: a pack on its way in reports every tensor and every block of bytes. */
function byPercent(onProgress: (fraction: number) => void): (fraction: number) => void {
  let told = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent <= told) return;
    told = percent;
    onProgress(fraction);
  };
}

export class PackShelf {
  readonly #read: (source: PackSource) => Promise<Pack>;
  #pack: Pack | null = null;
  /** Where the open pack can be read again. */
  #source: PackSource | null = null;
  #download: AbortController | null = null;

  /** @param read opens a pack where it lies. */
  constructor(read: (source: PackSource) => Promise<Pack> = openPackSource) {
    this.#read = read;
  }

  get current(): Pack | null {
    return this.#pack;
  }

  async open(source: PackSource): Promise<Pack> {
    const pack = await this.#read(source);
    this.#pack = pack;
    this.#source = source;
    return pack;
  }

  async import(source: PackSource, onProgress: (fraction: number) => void): Promise<ImportedPack> {
    const imported = await importPack(source, byPercent(onProgress));
    this.#pack = imported.pack;
    this.#source = imported.source;
    return imported;
  }

  /** A download that goes on already is stopped. */
  async download(folder: string, onProgress: (fraction: number) => void): Promise<StoredPackSummary> {
    this.#download?.abort();
    const own = new AbortController();
    this.#download = own;
    return summaryOf(await downloadPack(folder, byPercent(onProgress), own.signal));
  }

  cancelDownload(): void {
    this.#download?.abort();
  }

  async list(): Promise<StoredPackSummary[]> {
    return (await listStoredPacks()).map(summaryOf);
  }

  /** @returns the open pack before and after, where it is the renamed one. */
  async rename(key: string, name: string): Promise<{ before: Pack; now: Pack } | null> {
    await renameStoredPack(key, name);
    const before = this.#pack;
    if (!before || this.#source?.kind !== 'stored' || this.#source.key !== key) return null;
    this.#pack = { ...before, summary: { ...before.summary, name: name.trim() } };
    return { before, now: this.#pack };
  }

  async file(wanted: PackSource | 'current', format: PackFileFormat): Promise<Blob> {
    const source = wanted === 'current' ? this.#source : wanted;
    if (!source) {
      throw new StageError('pack', 'E_INTERNAL', 'No pack is open yet.', {
        fix: 'Wait until the page says that it is ready, or reload it.',
      });
    }
    return savePackFile(source, format, wanted === 'current' ? this.#pack : null);
  }
}
