/** Which of a range of numbers hang together, while pairs of them are joined one by one (union-find with path halving). */
export class DisjointSets {
  readonly #parent: Uint32Array;

  constructor(count: number) {
    this.#parent = Uint32Array.from({ length: count }, (_, i) => i);
  }

  /** The same number for all of a set. */
  rootOf(member: number): number {
    const parent = this.#parent;
    let at = member;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /** @returns whether they were apart before. */
  join(a: number, b: number): boolean {
    const [from, to] = [this.rootOf(a), this.rootOf(b)];
    this.#parent[from] = to;
    return from !== to;
  }
}
