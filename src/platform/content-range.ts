/** The bytes that a 206 answer brings, and of how many: `end` is the position after the last. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly totalBytes: number;
}

/**
 * Reads `Content-Range: bytes 5-9/20` (RFC 9110 §14.4).
 * @returns `undefined` for anything else, an unknown total (`*`) and impossible positions included
 */
export function parseContentRange(header: unknown): ContentRange | undefined {
  const [, first, last, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/i.exec(text(header)) ?? [];
  if (total === undefined) return undefined;
  const range = { start: Number(first), end: Number(last) + 1, totalBytes: Number(total) };
  return range.start < range.end && range.end <= range.totalBytes ? range : undefined;
}

/** Reads what a 416 answer says of the length: the number after `*` and a slash. */
export function parseUnsatisfied(header: unknown): number | undefined {
  const [, total] = /^bytes \*\/(\d{1,16})$/i.exec(text(header)) ?? [];
  return total === undefined ? undefined : Number(total);
}

/** An entity tag that compares byte for byte (RFC 9110 §8.8.3); a weak one, `W/"…"`, does not. */
export function strongTag(header: unknown): string | undefined {
  return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(text(header)) ? text(header) : undefined;
}

function text(header: unknown): string {
  return typeof header === 'string' ? header.trim() : '';
}
