import type { TenantConfig } from '../config/load-config';
import type { EndpointName } from '../config/tenant-schema';
import { unless } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';
import type { DeliveryReport } from '../domain/subscriptions';
import type { AnswerLimit } from './answer-limit';
import { discard, notUnderstood, readBytes, refusal, type Ask, type Question } from './ask';
import { decode } from './json';
import {
  readRegistered,
  readReports,
  readSubscriptions,
  type PlatformSubscription,
} from './read-subscriptions';

/** Statuses that say that there is no such endpoint, or no such subscription. */
const NOT_THERE = [404, 405, 410, 501];
/** Statuses that say that the platform refuses the request itself. */
const UNWANTED = [400, 409, 422];

/** What a person can do instead if a platform lacks the endpoint. */
const BY_HAND = {
  register:
    "register `{gateway.publicUrl}/callbacks/flexperto/{secret}` in the platform's administration, with a secret of `openssl rand -hex 32`, and give the secret to the gateway in the tenant's callbackSecrets",
  subscriptions: "look at the subscriptions in the platform's administration",
  subscription: "delete the subscription in the platform's administration",
  reports: "ask the platform's support how deliveries end, and watch the gateway's own metrics",
} as const satisfies Partial<Record<EndpointName, string>>;

type AddressOf = (endpoint: EndpointName, values?: Readonly<Record<string, string>>) => string;

/**
 * The tenant's subscriptions on the platform. Every administrator sees and can delete all of them, so some may not be ours.
 *
 * Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected`, or `SubscriptionsUnsupported` with what a
 * person can do if the platform lacks the endpoint.
 */
export function createSubscriptions(
  tenant: TenantConfig,
  ask: Ask,
  inTime: AnswerLimit,
  addressOf: AddressOf,
) {
  /** @returns the body, or a status that concerns the endpoint or the request @throws the failure for any other status */
  function text(question: Question, signal: AbortSignal): Promise<string | number> {
    return inTime(question.what, signal, (limited) => textOf(question, limited));
  }

  async function textOf(question: Question, signal: AbortSignal): Promise<string | number> {
    const answer = await ask(question, signal);
    const { statusCode, elsewhere } = answer;
    if (statusCode >= 200 && statusCode < 300) return decode(await readBytes(question.what, answer, signal));
    await discard(answer, signal);
    const isRefused = question.method === 'POST' && UNWANTED.includes(statusCode);
    if (!elsewhere && (NOT_THERE.includes(statusCode) || isRefused)) return statusCode;
    throw refusal(question.what, answer);
  }

  async function list(signal: AbortSignal): Promise<PlatformSubscription[]> {
    const what = 'the list of subscriptions';
    const url = addressOf('subscriptions');
    const body = await text({ what, method: 'GET', url }, signal);
    if (typeof body === 'number') throw unsupported('subscriptions', what, body);
    return readSubscriptions(body) ?? notAList(what);
  }

  /** Whether a 404 means that the subscription is gone. If the list cannot show that, the endpoint may be missing. */
  async function isGone(subscriptionId: string, signal: AbortSignal): Promise<boolean> {
    const listed = await unless(['SubscriptionsUnsupported'], list(signal));
    return listed?.every((one) => one.subscriptionId !== subscriptionId) ?? false;
  }

  return {
    /**
     * Registers a callback for the tenant's topic.
     * @returns the subscription's id; `undefined` if the answer does not contain it
     * @throws `SubscriptionRefused` if the platform refuses it
     */
    async register(callback: string, signal: AbortSignal): Promise<string | undefined> {
      const what = 'the registration of the callback';
      const url = addressOf('register');
      const body = JSON.stringify(registrationOf(tenant, callback));
      const answer = await text({ what, method: 'POST', url, body }, signal);
      if (typeof answer === 'string') return readRegistered(answer);
      if (NOT_THERE.includes(answer)) throw unsupported('register', what, answer);
      throw new ArchivistError('SubscriptionRefused', `The platform refused (${answer}) ${what}.`);
    },

    listSubscriptions: list,

    /** The latest attempts to deliver to it. @throws `SubscriptionUnknown` */
    async reports(subscriptionId: string, signal: AbortSignal): Promise<DeliveryReport[]> {
      const what = `the reports of subscription ${subscriptionId}`;
      const url = addressOf('reports', { subscriptionId });
      const body = await text({ what, method: 'GET', url }, signal);
      if (typeof body === 'string') return readReports(body) ?? notAList(what);
      if (await isGone(subscriptionId, signal))
        throw new ArchivistError(
          'SubscriptionUnknown',
          `The platform has no subscription ${subscriptionId}.`,
        );
      throw unsupported('reports', what, body);
    },

    /** Ends a subscription. If the list shows that it is gone already, that is no error. */
    async deleteSubscription(subscriptionId: string, signal: AbortSignal): Promise<void> {
      const what = `the deletion of subscription ${subscriptionId}`;
      const url = addressOf('subscription', { subscriptionId });
      const status = await text({ what, method: 'DELETE', url }, signal);
      if (typeof status === 'string' || (await isGone(subscriptionId, signal))) return;
      throw unsupported('subscription', what, status);
    },
  };
}

/** The newer version of the guide has an audience, the older one has none: the path shows which one applies. */
function registrationOf({ topic, endpoints }: TenantConfig, url: string): object {
  const isOlder = endpoints.register.includes('/subscriptions/subscriptions/');
  return isOlder ? { topic, url } : { topic, audience: '*', url };
}

function notAList(what: string): never {
  throw notUnderstood(what, 'is no list');
}

/** Says that the platform lacks an endpoint, which key may be wrong, and what to do by hand. `what` names what was asked for. */
function unsupported(endpoint: keyof typeof BY_HAND, what: string, status: number): ArchivistError {
  return new ArchivistError(
    'SubscriptionsUnsupported',
    `The platform has no endpoint for ${what} (${status}). Its path may be another one: set the tenant's endpoints.${endpoint}. If there is none, ${BY_HAND[endpoint]}.`,
  );
}
