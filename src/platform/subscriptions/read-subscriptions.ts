import { z } from 'zod';
import { isSubscriptionId } from '../../domain/subscriptions';
import type { PlatformSubscription } from './platform-subscriptions';

/** An id becomes part of a URL, and is kept and shown. */
const identifier = z
  .union([z.string().refine(isSubscriptionId), z.int().transform(String)])
  .nullish()
  .catch(undefined);
const text = z.string().nullish().catch(undefined);

/** The guide does not show a subscription: whatever else it has is left alone. */
const subscription = z.looseObject({
  subscriptionId: identifier,
  id: identifier,
  url: text,
  callbackUrl: text,
  topic: text,
});

/** Reads the answer to a registration. @returns the new subscription's id; `undefined` where there is none */
export function readRegistered(body: string): string | undefined {
  const answer = parseJson(body);
  return [answer, ...valuesOf(answer)].map(readOne).find((read) => read !== undefined)?.subscriptionId;
}

/** Reads the list: a bare array, or one that an object holds. @returns `undefined` where it is neither */
export function readSubscriptions(body: string): PlatformSubscription[] | undefined {
  return findArray(parseJson(body))?.flatMap((each) => readOne(each) ?? []);
}

function readOne(value: unknown): PlatformSubscription | undefined {
  const { data } = subscription.safeParse(value);
  const subscriptionId = data?.subscriptionId ?? data?.id;
  if (typeof subscriptionId !== 'string') return undefined;
  const [url, topic] = [data?.url ?? data?.callbackUrl, data?.topic];
  return {
    subscriptionId,
    ...(typeof url === 'string' && { url }),
    ...(typeof topic === 'string' && { topic }),
  };
}

/** The outermost array, at most two objects deep: `[…]`, `{"subscriptions": […]}`, `{"data": {"items": […]}}`. */
export function findArray(value: unknown, depth = 2): readonly unknown[] | undefined {
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

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
