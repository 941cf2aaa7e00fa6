import type { ByteSource } from './byte-source';

/** One source after the other, read as if they were one. */
export function concatenation(parts: readonly ByteSource[]): ByteSource {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return { length, read: (offset, wanted) => readAcross(parts, offset, wanted) };
}

function readAcross(parts: readonly ByteSource[], offset: number, wanted: number): Buffer {
  const pieces: Buffer[] = [];
  const end = offset + wanted;
  let start = 0;
  for (const part of parts) {
    const from = Math.max(offset, start);
    const to = Math.min(end, start + part.length);
    if (from < to) pieces.push(part.read(from - start, to - from));
    start += part.length;
    if (start >= end) break;
  }
  const [only] = pieces;
  return only && pieces.length === 1 ? only : Buffer.concat(pieces);
}
