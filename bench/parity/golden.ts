/** Reads the recorded outputs of the original for one picture (folder golden/NAME of the reference data). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { type NpyArray, readNpz } from '../../tests/npz.ts';

export interface GoldenMeta {
  readonly crop_top_left_yx: Readonly<Record<string, readonly [number, number]>>;
  readonly crop_size: number;
  readonly parts: Readonly<Record<string, { readonly c64_top_left: readonly [number, number] }>>;
  readonly clouds: Readonly<Record<string, { readonly count: number }>>;
}

export class Golden {
  readonly folder: string;
  readonly meta: GoldenMeta;
  readonly #archives = new Map<string, Record<string, NpyArray>>();

  constructor(folder: string) {
    this.folder = folder;
    this.meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  }

  /** @param name archive and array, for instance `low/normals`. */
  array(name: string): NpyArray {
    const [archive, key] = name.split('/');
    let content = this.#archives.get(archive);
    if (!content) {
      content = readNpz(readFileSync(join(this.folder, `${archive}.npz`)));
      this.#archives.set(archive, content);
    }
    const array = content[key];
    if (!array) throw new Error(`${this.folder} has no ${name}`);
    return array;
  }

  /** 16-bit depth picture as stored: 2048 x 2048, value = depth x 16384. */
  depthPng(side: 'front' | 'back'): Uint16Array {
    return Uint16Array.from(decode(readFileSync(join(this.folder, `depth_${side}.png`))).data);
  }
}
