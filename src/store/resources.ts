/**
 * Where everything heavy lives that the store only names: bitmaps, meshes, pixel arrays, files.
 * The store keeps ids (plain strings); whoever puts a thing in releases it, and releasing frees what can be freed.
 */

import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';

interface ResourceKinds {
  bitmap: ImageBitmap;
  pixels: RgbaImage;
  map: PlanarMap;
  mesh: SurfaceMesh;
  keypoints: Float64Array<ArrayBuffer>;
  file: Blob;
}
export type ResourceKind = keyof ResourceKinds;
export type ResourceId<K extends ResourceKind = ResourceKind> = `${K}:${number}`;

export class ResourceRegistry {
  #next = 1;
  readonly #held = new Map<string, ResourceKinds[ResourceKind]>();

  /** Takes ownership of the value; the caller uses the id from here on. */
  put<K extends ResourceKind>(kind: K, value: ResourceKinds[K]): ResourceId<K> {
    const id: ResourceId<K> = `${kind}:${this.#next++}`;
    this.#held.set(id, value);
    return id;
  }

  /** The value, still owned here; undefined once it was released. */
  get<K extends ResourceKind>(id: ResourceId<K> | null | undefined): ResourceKinds[K] | undefined {
    return id ? (this.#held.get(id) as ResourceKinds[K] | undefined) : undefined;
  }

  /** Frees one thing; twice is harmless. */
  release(id: ResourceId | null | undefined): void {
    if (!id) return;
    const value = this.#held.get(id);
    this.#held.delete(id);
    if (value && 'close' in value) value.close();
  }

  releaseAll(): void {
    for (const id of [...this.#held.keys()]) this.release(id as ResourceId);
  }

  get size(): number {
    return this.#held.size;
  }
}
