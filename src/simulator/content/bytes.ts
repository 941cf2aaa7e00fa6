import { createCipheriv, createHash } from 'node:crypto';

/**
 * Bytes that exist by position only: any range can be read without what is before it, and reading the same range
 * twice gives the same bytes.
 */
export interface ByteSource {
  readonly length: number;
  /** The bytes from `offset` on, `length` of them; the range must lie inside the source. */
  read(offset: number, length: number): Buffer;
}

/** Large enough to be fast, and read in well under a millisecond. */
const SLICE_BYTES = 256 * 1024;

const BLOCK = 16;
const ZEROS = Buffer.alloc(1024 * 1024);

export function inMemory(bytes: Buffer): ByteSource {
  return { length: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The bytes of a source from `start` to before `end`. */
export function excerpt(source: ByteSource, start: number, end: number): ByteSource {
  return { length: end - start, read: (offset, length) => source.read(start + offset, length) };
}

/** One source after the other, read as if they were one. */
export function concatenation(...parts: readonly ByteSource[]): ByteSource {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const read = (offset: number, wanted: number): Buffer => {
    const pieces: Buffer[] = [];
    let start = 0;
    for (const part of parts) {
      const from = Math.max(offset - start, 0);
      const to = Math.min(offset + wanted - start, part.length);
      if (from < to) pieces.push(part.read(from, to - from));
      start += part.length;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  };
  return { length, read };
}

/** The source with the lowest bit of the byte at `position` flipped. */
export function flippedBit(source: ByteSource, position: number): ByteSource {
  const wrong = Buffer.from([source.read(position, 1).readUInt8() ^ 1]);
  const after = excerpt(source, position + 1, source.length);
  return concatenation(excerpt(source, 0, position), inMemory(wrong), after);
}

/**
 * Bulk that does not compress and costs nothing to keep: the AES-128-CTR keystream of a key made from `seed`. Any offset
 * is reached at once by setting the counter (NIST SP 800-38A, section 6.5).
 */
export function keystream(seed: string, length: number): ByteSource {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return {
    length,
    read(offset, wanted) {
      const skipped = offset % BLOCK;
      const counter = Buffer.alloc(BLOCK);
      counter.writeBigUInt64BE(BigInt((offset - skipped) / BLOCK), 8);
      const cipher = createCipheriv('aes-128-ctr', key, counter);
      const end = skipped + wanted;
      return cipher.update(end > ZEROS.length ? Buffer.alloc(end) : ZEROS.subarray(0, end)).subarray(skipped);
    },
  };
}

/** Gives a whole source in order, in slices of `size` bytes. */
export function* slices(source: ByteSource, size = SLICE_BYTES): Generator<Buffer> {
  for (let offset = 0; offset < source.length; offset += size) {
    yield source.read(offset, Math.min(size, source.length - offset));
  }
}
