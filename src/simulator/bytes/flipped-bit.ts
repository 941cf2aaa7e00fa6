import type { ByteSource } from './byte-source';

/** A source of which one bit, the lowest of the byte at `position`, is wrong. */
export function flippedBit(source: ByteSource, position: number): ByteSource {
  return {
    length: source.length,
    read(offset, length) {
      const bytes = source.read(offset, length);
      const index = position - offset;
      if (index < 0 || index >= length) return bytes;
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
      return copy;
    },
  };
}
