/** The one engine of a session: opened when first needed, kept while the choice stays, checked once for each pack. */
import { SerialQueue } from '../base/serial-queue.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { checkedEngine, type Engine, type OpenWasmRuntime, openEngine } from './engine.ts';
import type { BackendChoice } from './types.ts';

export class EngineKeeper {
  /** A cancelled run leaves an engine half open: the next waits for it instead of opening a second. */
  readonly #queue = new SerialQueue();
  readonly #openWasm: OpenWasmRuntime | undefined;
  /** Every map made so far is gone. */
  readonly #onGone: () => void;
  #engine: Engine | null = null;
  #choice: BackendChoice | null = null;
  /** The pack whose networks were checked on the current engine. */
  #checked: Pack | null = null;

  constructor(openWasm: OpenWasmRuntime | undefined, onGone: () => void) {
    this.#openWasm = openWasm;
    this.#onGone = onGone;
  }

  get current(): Engine | null {
    return this.#engine;
  }

  /** A lost device or another backend makes every kept map unusable: they are forgotten before one is opened anew. */
  open(choice: BackendChoice): Promise<Engine> {
    return this.#queue.add(() => this.#open(choice));
  }

  async #open(choice: BackendChoice): Promise<Engine> {
    if (this.#engine && this.#choice === choice) return this.#engine;
    this.#onGone();
    this.#engine?.dispose();
    this.#engine = null;
    const opened = await openEngine(choice, this.#openWasm);
    opened.lost.catch(() => {
      if (this.#engine?.kernels !== opened.kernels) return;
      this.#engine = null;
      this.#onGone();
    });
    this.#engine = opened;
    this.#choice = choice;
    this.#checked = null;
    return opened;
  }

  /** Before the first run of a pack: are its networks computed rightly here? @param onOther called when they are not. */
  trusted(choice: BackendChoice, pack: Pack, onOther: (reason: string) => void): Promise<Engine> {
    return this.#queue.add(() => this.#trusted(choice, pack, onOther));
  }

  async #trusted(choice: BackendChoice, pack: Pack, onOther: (reason: string) => void): Promise<Engine> {
    const opened = await this.#open(choice);
    if (this.#checked === pack) return opened;
    // A lost device may leave the check without an answer, and this queue with it.
    const trusted = await Promise.race([checkedEngine(opened, pack, this.#openWasm), opened.lost]);
    if (trusted !== opened) onOther(trusted.machine.reason);
    this.#engine = trusted;
    this.#checked = pack;
    return trusted;
  }

  /** The same weights under another name need no second check. */
  renamed(before: Pack, now: Pack): void {
    if (this.#checked === before) this.#checked = now;
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#engine = null;
  }
}
