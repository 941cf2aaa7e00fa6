/**
 * Bytes that exist by position only: any range can be read without what is before it, and reading the same range
 * twice gives the same bytes.
 */
export interface ByteSource {
  readonly length: number;
  /** The bytes from `offset` on, `length` of them; the range must lie inside the source. */
  read(offset: number, length: number): Buffer;
}

/** The bytes of a buffer. */
export function inMemory(bytes: Buffer): ByteSource {
  return {
    length: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
