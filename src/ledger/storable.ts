/** Deeper than any record goes, and far from what exhausts the stack here or in the database. */
const MAX_DEPTH = 100;

/** `text` as PostgreSQL can hold it: U+0000 and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * JSON text that `jsonb` takes without fail, from JSON text that it may refuse (RFC 8259 allows more than jsonb holds:
 * U+0000, lone surrogates, numbers and nesting without bounds). What is nested too deep becomes `null`.
 * `undefined` if `source` is not JSON.
 */
export function storableJson(source: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return undefined;
  }
  return JSON.stringify(storable(value, MAX_DEPTH));
}

function storable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storable(item, depth - 1)]),
  );
}
