/**
 * Meshes with fewer triangles, each made once: kept beside the surface they were made of, and gone with it. Two who ask
 * for the same count wait for the same work.
 */
import type { SurfaceMesh } from '../base/mesh.ts';
import type { SimplifiedMesh } from './types.ts';

/** Makes one; the mesh stays the caller's. */
export type MeshSimplifier = (
  mesh: SurfaceMesh,
  triangles: number,
  signal: AbortSignal,
) => Promise<SimplifiedMesh>;

export class SimplifiedMeshes {
  readonly #simplify: MeshSimplifier;
  readonly #made = new WeakMap<SurfaceMesh, Map<number, Promise<SimplifiedMesh>>>();
  /** Stops the one that is being made, and forgets it. */
  #stop: (() => void) | null = null;

  constructor(simplify: MeshSimplifier) {
    this.#simplify = simplify;
  }

  /**
   * @param triangles most triangles wanted. A new count stops the one that is still being made.
   * @returns the mesh; it belongs to this cache.
   * @throws StageError of the simplifier; E_CANCELLED after cancel(). The next call tries again.
   */
  get(surface: SurfaceMesh, triangles: number): Promise<SimplifiedMesh> {
    const made = this.#made.get(surface) ?? new Map<number, Promise<SimplifiedMesh>>();
    this.#made.set(surface, made);
    const known = made.get(triangles);
    if (known) return known;
    this.cancel();
    const abort = new AbortController();
    const work = this.#simplify(surface, triangles, abort.signal);
    made.set(triangles, work);
    const forget = () => {
      if (made.get(triangles) === work) made.delete(triangles);
    };
    const stop = () => {
      forget();
      abort.abort();
    };
    this.#stop = stop;
    work.catch(forget).finally(() => {
      if (this.#stop === stop) this.#stop = null;
    });
    return work;
  }

  /** Stops the one that is being made; those that are ready stay. */
  cancel(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
