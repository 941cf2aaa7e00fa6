import type { Source } from '../archive-store';
import type { Extent, Extents } from './extents';
import { writeNote, type ReadBack, type Writer } from './transfer-note';

/** So much, or what comes in so many milliseconds, is asked for again after a death of this process. */
const NOTE_EVERY_BYTES = 8 * 1024 * 1024;
const NOTE_EVERY_MS = 1_000;

/** Where a copy stands, and to whom it belongs. */
export interface CopyState {
  readonly directory: string;
  readonly source: Source;
  readonly received: Extents;
  readonly durable: Extents;
  /** The running boot. */
  readonly boot: string;
  /** This process. */
  readonly writer: Writer;
}

/** Knows which bytes of a copy are there, and notes it beside the copy now and then, so that another attempt can go on. */
export class ResumePoint {
  readonly received: Extents;
  durable: Extents;
  #noting: Promise<void> | undefined;
  #notedBytes = 0;
  #notedAt = 0;

  constructor(private readonly state: CopyState) {
    this.received = state.received.copy();
    this.durable = state.durable.copy();
  }

  add(extent: Extent): void {
    this.received.add(extent);
    const isDue =
      this.received.bytes - this.#notedBytes >= NOTE_EVERY_BYTES ||
      Date.now() - this.#notedAt >= NOTE_EVERY_MS;
    if (this.#noting !== undefined || !isDue) return;
    // An old note has some bytes asked for again; that is all.
    this.#noting = this.note({ writer: this.state.writer })
      .catch(() => undefined)
      .finally(() => (this.#noting = undefined));
  }

  /** Notes for the last time, that nobody writes any more. */
  async close(readBack?: ReadBack): Promise<void> {
    await this.#noting;
    await this.note({ readBack });
  }

  async note(said: { readonly writer?: Writer; readonly readBack?: ReadBack | undefined }): Promise<void> {
    this.#notedBytes = this.received.bytes;
    this.#notedAt = Date.now();
    const { directory, source, boot } = this.state;
    await writeNote(directory, {
      version: 1,
      ...source,
      received: this.received.all,
      durable: this.durable.all,
      boot,
      ...said,
    });
  }
}
