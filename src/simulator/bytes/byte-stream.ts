import { Readable } from 'node:stream';
import type { ByteSource } from './byte-source';

const CHUNK_BYTES = 256 * 1024;

/** Streams the bytes of a source from `start` to before `end`, made as they are asked for and never ahead of that. */
export class ByteStream extends Readable {
  #position: number;

  constructor(
    readonly source: ByteSource,
    readonly start: number,
    readonly end: number,
  ) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#position = start;
  }

  /** Bytes handed over so far. */
  get bytesHandedOver(): number {
    return this.#position - this.start - this.readableLength;
  }

  override _read(): void {
    const length = Math.min(CHUNK_BYTES, this.end - this.#position);
    if (length <= 0) {
      this.push(null);
      return;
    }
    const chunk = this.source.read(this.#position, length);
    this.#position += length;
    this.push(chunk);
  }
}
