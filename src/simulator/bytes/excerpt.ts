import type { ByteSource } from './byte-source';

/** The bytes of a source from `start` to before `end`. */
export function excerpt(source: ByteSource, start: number, end: number): ByteSource {
  return { length: end - start, read: (offset, length) => source.read(start + offset, length) };
}
