import { isClaimState, type ClaimState } from '../domain/states';
import type { Columns } from './postgres';

/** A row as JSON. @throws TypeError if there is none */
export function readRow(column: unknown): Columns {
  if (typeof column === 'object' && column !== null) return column as Columns;
  throw new TypeError('The ledger answered without the row that was asked for.');
}

/** What the column holds; `undefined` if it is NULL. */
export function optional<Value>(column: unknown, read: (column: unknown) => Value): Value | undefined {
  return column === null || column === undefined ? undefined : read(column);
}

/** @throws TypeError unless the column is a date that JavaScript can hold; NULL, `infinity` and unparsed dates are none */
export function readDate(column: unknown): Date {
  const date = typeof column === 'string' ? new Date(column) : column;
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date;
  throw new TypeError('The ledger holds a date that cannot be read.');
}

export function readState(column: unknown): ClaimState {
  const state = String(column);
  if (!isClaimState(state)) throw new TypeError('The ledger holds a state that this version does not know.');
  return state;
}

export function readDecision(column: unknown): 'giveUp' | 'cancelled' | 'deadline' {
  if (column === 'giveUp' || column === 'cancelled' || column === 'deadline') return column;
  throw new TypeError('The ledger holds a decision that this version does not know.');
}

/** Deeper than any record, and far below the depth that exhausts the stack here or in the database. */
const MAX_DEPTH = 100;

/** `text` as PostgreSQL can hold it: U+0000 and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * Writes parsed JSON as text that `jsonb` accepts (RFC 8259 allows more than jsonb holds: U+0000, lone surrogates, and
 * nesting without bounds). A value that is nested too deep becomes `null`.
 */
export function storableJson(value: unknown): string {
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
