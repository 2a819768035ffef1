/**
 * The matting networks of a session: the visitor's own, kept in the browser, and the one that comes with the starter pack.
 * Each is opened when a photo first needs it, on the processor, anew for each runtime, and stays open for the next photo.
 */
import { StageError } from '../base/errors.ts';
import type { RgbaImage } from '../base/images.ts';
import type { SquareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import { askMatteNetwork } from '../intake/matte-answer.ts';
import type { CropAlpha } from '../intake/matte-network.ts';
import { visitorMatting } from '../intake/visitor-matting.ts';
import { fetchOptionalNetwork, type OptionalNetwork } from '../networks/matting/optional-network.ts';
import {
  describeMatting,
  type MattingSummary,
  removeStoredMatting,
  storedMatting,
  storeMatting,
} from '../networks/matting/stored-matting.ts';
import type { PreparedGraph } from '../networks/prepared-graph.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';

type Which = 'own' | 'pack';

interface Opened {
  readonly key: string;
  readonly runtime: Pick<NetworkRuntime, 'openGraph'>;
  readonly graph: Promise<PreparedGraph>;
}

export interface MattingImport {
  readonly summary: MattingSummary;
  /** false: the browser stores nothing for this page, it serves until the page is closed. */
  readonly kept: boolean;
}

const SHOWN: Readonly<Record<Which, string>> = { own: 'Your matting network', pack: 'The matte network' };

export class MattingShelf {
  #own: { readonly summary: MattingSummary; readonly file: File } | null = null;
  #restored: Promise<void> | null = null;
  #pack: OptionalNetwork | null = null;
  readonly #opened = new Map<Which, Opened>();

  /** Finds what was kept; once. Never rejects. */
  restore(): Promise<void> {
    this.#restored ??= storedMatting()
      .catch(() => null)
      .then((found) => {
        this.#own ??= found;
      });
    return this.#restored;
  }

  /** The pack's network; null: it has none, or it is not used unless asked for. */
  setPackNetwork(network: OptionalNetwork | null): void {
    this.#pack = network;
  }

  get own(): MattingSummary | null {
    return this.#own?.summary ?? null;
  }

  get ownKey(): string {
    return this.#own?.summary.key ?? '';
  }

  get packKey(): string {
    return this.#pack?.sha256 ?? '';
  }

  /**
   * Takes a network of the visitor's own from now on.
   *
   * @throws StageError E_BAD_PACK when it is no matting network, E_DEVICE when the runtime cannot open it; what was there
   *   before stays.
   */
  async import(file: File, runtime: Pick<NetworkRuntime, 'openGraph'>): Promise<MattingImport> {
    await this.restore();
    const summary = await describeMatting(file);
    const graph = await this.#openOwn(file, runtime);
    await this.#close('own');
    this.#own = { summary, file };
    this.#opened.set('own', { key: summary.key, runtime, graph: Promise.resolve(graph) });
    return { summary, kept: await storeMatting(file, summary) };
  }

  async remove(): Promise<void> {
    await this.restore();
    this.#own = null;
    await this.#close('own');
    await removeStoredMatting();
  }

  /**
   * What a network says of the person.
   *
   * @param detected null: nobody was found; the pack's network is not asked then.
   */
  async cutOut(
    which: Which,
    photo: RgbaImage,
    mapping: SquareMapping,
    detected: EstimatedPose | null,
    runtime: Pick<NetworkRuntime, 'openGraph'>,
  ): Promise<CropAlpha | null> {
    if (which === 'own') {
      const summary = this.own;
      if (!summary) return null;
      return visitorMatting(photo, mapping, detected, summary, async (values, dims) => {
        const results = await this.#run('own', runtime, values, dims);
        return results[summary.output];
      });
    }
    if (!this.#pack || !detected?.mask) return null;
    return askMatteNetwork(photo, detected, async (input, dims) => {
      const { alpha } = await this.#run('pack', runtime, input, dims);
      return alpha;
    });
  }

  async #run(
    which: Which,
    runtime: Pick<NetworkRuntime, 'openGraph'>,
    values: Float32Array<ArrayBuffer>,
    dims: readonly number[],
  ) {
    await this.#forgetLost(which);
    const graph = this.#graph(which, runtime);
    try {
      return await (await graph).run(values, dims);
    } catch (thrown) {
      // Its runtime was given up since: opened anew the next time.
      if (this.#opened.get(which)?.graph === graph) this.#opened.delete(which);
      throw thrown;
    }
  }

  /** The worker of an open graph may have been ended, with a run that nobody waited for: that is no failure. */
  async #forgetLost(which: Which): Promise<void> {
    const kept = this.#opened.get(which);
    const graph = await kept?.graph.catch(() => null);
    if (graph?.isLost() && this.#opened.get(which) === kept) this.#opened.delete(which);
  }

  #graph(which: Which, runtime: Pick<NetworkRuntime, 'openGraph'>): Promise<PreparedGraph> {
    const key = which === 'own' ? this.ownKey : this.packKey;
    const known = this.#opened.get(which);
    if (known?.key === key && known.runtime === runtime) return known.graph;
    const graph = which === 'own' ? this.#openOwn(this.#own?.file ?? null, runtime) : this.#openPack(runtime);
    this.#opened.set(which, { key, runtime, graph });
    graph.catch(() => {
      if (this.#opened.get(which)?.graph === graph) this.#opened.delete(which);
    });
    return graph;
  }

  async #openOwn(file: File | null, runtime: Pick<NetworkRuntime, 'openGraph'>): Promise<PreparedGraph> {
    const bytes = await file?.arrayBuffer().catch(() => null);
    if (!bytes) {
      throw new StageError('matte', 'E_BAD_PACK', 'Your matting network can no longer be read.', {
        fix: 'Drop its .onnx file again, or remove it under Model packs.',
      });
    }
    return runtime.openGraph(new Uint8Array(bytes), SHOWN.own);
  }

  async #openPack(runtime: Pick<NetworkRuntime, 'openGraph'>): Promise<PreparedGraph> {
    if (!this.#pack) throw new Error('the pack has no matte network');
    return runtime.openGraph(await fetchOptionalNetwork(this.#pack, SHOWN.pack), SHOWN.pack);
  }

  async #close(which: Which): Promise<void> {
    const opened = this.#opened.get(which);
    this.#opened.delete(which);
    await opened?.graph.then((graph) => graph.dispose()).catch(() => {});
  }
}
