/** Bytes from `from` to before `to`. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Which bytes of a file are there: extents in order that do not touch. */
export class Extents {
  #extents: readonly Extent[];

  constructor(extents: readonly Extent[] = []) {
    this.#extents = extents;
  }

  get all(): readonly Extent[] {
    return this.#extents;
  }

  get bytes(): number {
    return this.#extents.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  /** Position after the last byte. */
  get end(): number {
    return this.#extents.at(-1)?.to ?? 0;
  }

  /** Position after the last byte before which none is missing. */
  get prefix(): number {
    const [first] = this.#extents;
    return first?.from === 0 ? first.to : 0;
  }

  copy(): Extents {
    return new Extents(this.#extents);
  }

  add(added: Extent): void {
    if (added.from >= added.to) return;
    const apart = this.#extents.filter(({ from, to }) => to < added.from || from > added.to);
    const touching = this.#extents.filter((extent) => !apart.includes(extent));
    const from = Math.min(added.from, ...touching.map((extent) => extent.from));
    const to = Math.max(added.to, ...touching.map((extent) => extent.to));
    this.#extents = [...apart, { from, to }].sort((one, other) => one.from - other.from);
  }

  /** What is missing of a file of `length` bytes. */
  gaps(length: number): readonly Extent[] {
    const starts = [0, ...this.#extents.map(({ to }) => to)];
    const ends = [...this.#extents.map(({ from }) => from), length];
    return starts
      .map((from, index) => ({ from, to: Math.min(ends[index] ?? length, length) }))
      .filter(({ from, to }) => from < to);
  }
}
