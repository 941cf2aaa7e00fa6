import { z } from 'zod';
import { isArchiveId } from '../../domain/ids';
import type { DeliveryReport } from '../../domain/subscriptions';
import { findArray, parseJson } from './read-subscriptions';

/** Where a value may be. The guide says what reports are for, and not what they look like. */
const NAMES = {
  archiveId: ['archiveId', 'archive_id'],
  attempt: ['attempt', 'attemptNumber', 'attempts'],
  at: ['startedAt', 'createdAt', 'timestamp', 'sentAt', 'date', 'at'],
  durationMs: ['durationMs', 'duration', 'ms'],
  statusCode: ['statusCode', 'responseStatusCode', 'httpStatus', 'status'],
  error: ['error', 'errorCode', 'code', 'reason'],
  accepted: ['accepted', 'acknowledged', 'success', 'successful', 'delivered'],
} as const;

/** Where the notification may be within a report. */
const NESTED = ['payload', 'notification', 'body', 'data', 'response', 'result'] as const;

const record = z.record(z.string(), z.unknown());

/** Reads delivery reports, as far as they can be understood. @returns `undefined` where they are no list */
export function readReports(body: string): DeliveryReport[] | undefined {
  return findArray(parseJson(body))?.flatMap((each) => {
    const { data } = record.safeParse(each);
    return data ? [reportIn(data)] : [];
  });
}

function reportIn(report: Fields): DeliveryReport {
  const fields = [report, ...nestedIn(report, 2)];
  const find = <Value>(name: keyof typeof NAMES, pick: (value: unknown) => Value | undefined) =>
    first(fields, NAMES[name], pick);
  const statusCode = find('statusCode', wholeNumber);
  const error = find('error', label);
  const accepted = find('accepted', (value) => (typeof value === 'boolean' ? value : undefined));
  return {
    ...defined(
      'archiveId',
      find('archiveId', (value) => (isArchiveId(value) ? value : undefined)),
    ),
    ...defined('attempt', find('attempt', wholeNumber)),
    ...defined('at', find('at', isoTime)),
    ...defined('durationMs', find('durationMs', wholeNumber)),
    ...defined('statusCode', statusCode),
    ...defined('error', error),
    failed: !(accepted ?? (statusCode === undefined ? error === undefined : isAccepted(statusCode))),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function nestedIn(fields: Fields, depth: number): Fields[] {
  if (depth === 0) return [];
  return NESTED.flatMap((name) => {
    const { data } = record.safeParse(fields[name]);
    return data ? [data, ...nestedIn(data, depth - 1)] : [];
  });
}

function first<Value>(
  fields: readonly Fields[],
  names: readonly string[],
  pick: (value: unknown) => Value | undefined,
): Value | undefined {
  for (const each of fields) {
    for (const name of names) {
      const value = pick(each[name]);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** "a status code that is greater than 199 and smaller than 399" (guide) */
function isAccepted(statusCode: number): boolean {
  return 199 < statusCode && statusCode < 399;
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.round(number) : undefined;
}

/** A sentence may quote a URL, and with it a secret: only what is one word is shown. */
function label(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(value) ? value : 'error';
}

function isoTime(value: unknown): string | undefined {
  const time = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function defined<Name extends keyof DeliveryReport>(
  name: Name,
  value: DeliveryReport[Name] | undefined,
): { readonly [Key in Name]?: DeliveryReport[Key] } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: DeliveryReport[Key] };
}
