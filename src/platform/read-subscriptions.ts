import { z } from 'zod';
import { isArchiveId } from '../domain/ids';
import { isSubscriptionId, type DeliveryReport } from '../domain/subscriptions';
import { parseJson } from './json';

/** A subscription in the platform's list. */
export interface PlatformSubscription {
  readonly subscriptionId: string;
  /** Contains the secret: never show or log it. */
  readonly url?: string | undefined;
  readonly topic?: string | undefined;
}

/** An id becomes part of a URL, and is stored and shown. */
const identifier = z
  .union([z.string().refine(isSubscriptionId), z.int().transform(String)])
  .optional()
  .catch(undefined);
const text = z.string().optional().catch(undefined);

/** The guide does not show a subscription: other fields are ignored. */
const subscription = z.looseObject({
  subscriptionId: identifier,
  id: identifier,
  url: text,
  callbackUrl: text,
  topic: text,
});

/** Parses the answer to a registration. @returns the new subscription's id; `undefined` if there is none */
export function readRegistered(body: string): string | undefined {
  const answer = parseJson(body);
  return [answer, ...valuesOf(answer)].map(readOne).find((read) => read !== undefined)?.subscriptionId;
}

/** Parses the list: a bare array, or one inside an object. @returns `undefined` if it is neither */
export function readSubscriptions(body: string): PlatformSubscription[] | undefined {
  return findArray(parseJson(body))?.flatMap((each) => readOne(each) ?? []);
}

function readOne(value: unknown): PlatformSubscription | undefined {
  const { data } = subscription.safeParse(value);
  const subscriptionId = data?.subscriptionId ?? data?.id;
  if (subscriptionId === undefined) return undefined;
  return { subscriptionId, url: data?.url ?? data?.callbackUrl, topic: data?.topic };
}

/** The outermost array, at most two objects deep: `[…]`, `{"subscriptions": […]}`, `{"data": {"items": […]}}`. */
function findArray(value: unknown, depth = 2): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (depth === 0) return undefined;
  for (const inner of valuesOf(value)) {
    const found = findArray(inner, depth - 1);
    if (found) return found;
  }
  return undefined;
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** The possible names of a value. The guide says what reports are for, but not what they look like. */
const NAMES = {
  archiveId: ['archiveId', 'archive_id'],
  attempt: ['attempt', 'attemptNumber', 'attempts'],
  at: ['startedAt', 'createdAt', 'timestamp', 'sentAt', 'date', 'at'],
  durationMs: ['durationMs', 'duration', 'ms'],
  statusCode: ['statusCode', 'responseStatusCode', 'httpStatus', 'status'],
  error: ['error', 'errorCode', 'code', 'reason'],
  accepted: ['accepted', 'acknowledged', 'success', 'successful', 'delivered'],
} as const;

/** The possible names of the notification within a report. */
const NESTED = ['payload', 'notification', 'body', 'data', 'response', 'result'] as const;

const record = z.record(z.string(), z.unknown());

/** Parses delivery reports, as far as possible. @returns `undefined` if they are no list */
export function readReports(body: string): DeliveryReport[] | undefined {
  return findArray(parseJson(body))?.flatMap((each) => {
    const fields = fieldsIn(each, 2);
    return fields.length > 0 ? [reportIn(fields)] : [];
  });
}

function reportIn(fields: readonly Fields[]): DeliveryReport {
  const find = <Value>(name: keyof typeof NAMES, pick: (value: unknown) => Value | undefined) => {
    const picked = fields.flatMap((each) => NAMES[name].map((key) => pick(each[key])));
    return picked.find((value) => value !== undefined);
  };
  const statusCode = find('statusCode', wholeNumber);
  const error = find('error', label);
  const accepted = find('accepted', (value) => (typeof value === 'boolean' ? value : undefined));
  return {
    archiveId: find('archiveId', (value) => (isArchiveId(value) ? value : undefined)),
    attempt: find('attempt', wholeNumber),
    at: find('at', isoTime),
    durationMs: find('durationMs', wholeNumber),
    statusCode,
    error,
    failed: !(accepted ?? (statusCode === undefined ? error === undefined : isAccepted(statusCode))),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** An object's fields, and those of the objects within it, `depth` levels deep. */
function fieldsIn(value: unknown, depth: number): Fields[] {
  const { data } = record.safeParse(value);
  if (data === undefined) return [];
  return depth === 0 ? [data] : [data, ...NESTED.flatMap((name) => fieldsIn(data[name], depth - 1))];
}

/** "a status code that is greater than 199 and smaller than 399" (guide) */
function isAccepted(statusCode: number): boolean {
  return 199 < statusCode && statusCode < 399;
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.round(number) : undefined;
}

/** A sentence may quote a URL, and with it a secret: only a single word is shown. */
function label(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(value) ? value : 'error';
}

function isoTime(value: unknown): string | undefined {
  const time = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
