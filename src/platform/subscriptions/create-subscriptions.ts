import type { TenantConfig } from '../../config/load-config';
import { ArchivistError } from '../../domain/failures';
import { refusal } from '../answer';
import type { Answer, Ask, Question } from '../ask';
import { discard, readText } from '../body';
import type { PlatformSubscription, PlatformSubscriptions } from './platform-subscriptions';
import { readReports } from './read-reports';
import { readRegistered, readSubscriptions } from './read-subscriptions';
import { unsupported, type SubscriptionEndpoint } from './unsupported';

/** Statuses that say that there is no such endpoint, or no such subscription. */
const NOT_THERE = [404, 405, 410, 501];
/** Statuses that say that the request itself is not wanted. */
const UNWANTED = [400, 409, 422];

type AddressOf = (endpoint: SubscriptionEndpoint, values: Readonly<Record<string, string>>) => string;

/** The subscriptions of one tenant's platform, over HTTP. */
export function createSubscriptions(
  tenant: TenantConfig,
  ask: Ask,
  addressOf: AddressOf,
): PlatformSubscriptions {
  const json = { accept: 'application/json' };

  /** @returns the body, or a status that says that there is nothing, or that it is not wanted */
  async function text(question: Question, signal: AbortSignal): Promise<string | number> {
    const answer = await ask(question, signal);
    if (answer.statusCode >= 200 && answer.statusCode < 300)
      return await readText(question.what, answer, signal);
    return await statusOf(question, answer, signal);
  }

  async function list(signal: AbortSignal): Promise<PlatformSubscription[]> {
    const what = 'the list of subscriptions';
    const url = addressOf('subscriptions', {});
    const body = await text({ what, method: 'GET', url, headers: json }, signal);
    if (typeof body === 'number') throw unsupported('subscriptions', what, body);
    return readSubscriptions(body) ?? notAList(what);
  }

  /** Whether a 404 means the subscription. Where the list cannot tell, it may be the endpoint. */
  async function isGone(subscriptionId: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await list(signal)).every((listed) => listed.subscriptionId !== subscriptionId);
    } catch (error) {
      if (error instanceof ArchivistError && error.type === 'SubscriptionsUnsupported') return false;
      throw error;
    }
  }

  return {
    async register(callback, signal) {
      const what = 'the registration of the callback';
      const url = addressOf('register', {});
      const headers = { ...json, 'content-type': 'application/json' };
      const body = JSON.stringify(registrationOf(tenant, callback));
      const answer = await text({ what, method: 'POST', url, headers, body }, signal);
      if (typeof answer === 'string') return readRegistered(answer);
      if (NOT_THERE.includes(answer)) throw unsupported('register', what, answer);
      throw new ArchivistError('SubscriptionRefused', `The platform refused (${answer}) ${what}.`);
    },

    listSubscriptions: list,

    async reports(subscriptionId, signal) {
      const what = `the reports of subscription ${subscriptionId}`;
      const url = addressOf('reports', { subscriptionId });
      const body = await text({ what, method: 'GET', url, headers: json }, signal);
      if (typeof body === 'string') return readReports(body) ?? notAList(what);
      if (await isGone(subscriptionId, signal))
        throw new ArchivistError(
          'SubscriptionUnknown',
          `The platform has no subscription ${subscriptionId}.`,
        );
      throw unsupported('reports', what, body);
    },

    async deleteSubscription(subscriptionId, signal) {
      const what = `the deletion of subscription ${subscriptionId}`;
      const url = addressOf('subscription', { subscriptionId });
      const status = await text({ what, method: 'DELETE', url, headers: json }, signal);
      if (typeof status === 'string' || (await isGone(subscriptionId, signal))) return;
      throw unsupported('subscription', what, status);
    },
  };
}

/** @returns the status where it says something of the endpoint or the request. @throws what any other one means */
async function statusOf(question: Question, answer: Answer, signal: AbortSignal): Promise<number> {
  await discard(answer, signal);
  signal.throwIfAborted();
  const { statusCode, elsewhere } = answer;
  const isRefused = question.method === 'POST' && UNWANTED.includes(statusCode);
  if (!elsewhere && (NOT_THERE.includes(statusCode) || isRefused)) return statusCode;
  throw refusal(question.what, answer);
}

/** The newer version of the guide has an audience, the older one has none: the path tells which it is. */
function registrationOf({ topic, endpoints }: TenantConfig, url: string): object {
  const isOlder = endpoints.register.includes('/subscriptions/subscriptions/');
  return isOlder ? { topic, url } : { topic, audience: '*', url };
}

function notAList(what: string): never {
  throw new ArchivistError('PlatformUnavailable', `The answer for ${what} is no list.`);
}
