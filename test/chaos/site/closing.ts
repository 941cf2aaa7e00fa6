/** What must be ended, in the reverse of the order in which it was begun. */
export class Closing {
  readonly #ends: (() => unknown)[] = [];
  #closed: Promise<void> | undefined;

  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Ends everything, once, however often it is called. */
  all(): Promise<void> {
    return (this.#closed ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
  }
}
