/** Positions of a file, from `start` to before `end`. */
export interface Positions {
  readonly start: number;
  readonly end: number;
}

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/i;

/**
 * Reads a header `Range` (RFC 9110 §14.2). One that is malformed, of another unit or for several ranges is ignored, as a server may:
 * then the whole file is meant.
 */
export function requestedRange(
  header: string | undefined,
  size: number,
): Positions | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '' && Number(last) === 0) return 'unsatisfiable';
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/**
 * Whether a range may be given: the client has seen this very ETag, or names none. Strong comparison (RFC 9110 §13.1.5): a weak ETag never
 * holds, and neither does a date, for the platform gives none.
 */
export function ifRangeHolds(header: string | string[] | undefined, etag: string): boolean {
  return header === undefined || header === etag;
}

export function contentRange({ start, end }: Positions, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}
