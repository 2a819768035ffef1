/** Tasks one after the other, first in first out; a failed task rejects its caller and never blocks the next. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the task once all tasks before it have ended, in whatever way. */
  add<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
