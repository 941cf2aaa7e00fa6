import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Agent, request, type Dispatcher } from 'undici';
import { errorCode } from '../../domain/error-code';
import type { Archive } from '../archive';
import type { NotifyOrder } from '../control/specs';
import { GATEWAY_ANSWERS, type AttemptOutcome, type Journal } from '../journal';
import type { Subscription, Subscriptions } from './subscriptions';

/** How the delivery of one notification to one subscription ended. */
export interface DeliveryOutcome extends AttemptOutcome {
  readonly subscriptionId: string;
  readonly attempts: number;
}

/** "up to 4 delivery attempts with an exponential backoff of 100ms" (guide) */
const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 100;

/** "A Webhook has to be responded to within 3 seconds" (guide). */
const LIMIT_MS = 3000;

/** Attempts under way at a time; the 3 seconds of one that waits for its turn have not begun. */
const ATTEMPTS_AT_ONCE = 256;

/** Tells the subscriptions of an archive: at least once within four attempts, concurrently, in no order. */
export class Announcer {
  readonly #limit = pLimit(ATTEMPTS_AT_ONCE);
  /** The connections of the deliveries that the next reset breaks off. */
  #agent = new Agent();

  constructor(
    private readonly journal: Journal,
    private readonly subscriptions: Subscriptions,
    private readonly tenant: string,
  ) {}

  /** Resolves when every delivery has been acknowledged or given up. Without subscriptions there is none. */
  announce(archive: Archive, announcement: NotifyOrder): Promise<readonly DeliveryOutcome[]> {
    const archiveId = announcement.archiveId ?? archive.archiveId;
    const deliveries = this.subscriptions.ofArchives().flatMap((subscription) => {
      const body = JSON.stringify(this.#notification(archive, announcement, subscription));
      const deliver = () => this.#deliver(this.#agent, archiveId, body, subscription);
      return Array.from({ length: announcement.times }, deliver);
    });
    return Promise.all(deliveries);
  }

  /** Breaks off every delivery and begins afresh. */
  async reset(): Promise<void> {
    const previous = this.#agent;
    this.#agent = new Agent();
    await previous.destroy();
  }

  /** Breaks off what is under way and tries nothing again. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** What is sent to a callback, as the guide gives it, forged if the announcement says so. */
  #notification(archive: Archive, announcement: NotifyOrder, { audience, topic }: Subscription) {
    const { archiveId = archive.archiveId, conferenceId = archive.conferenceId } = announcement;
    const { conferenceMeta: meta = archive.conference } = announcement;
    return {
      data: { archive_id: archiveId, archive_subject: { conference_id: conferenceId, meta } },
      meta: { audience, tenant: this.tenant, topic },
    };
  }

  async #deliver(agent: Agent, archiveId: string, body: string, to: Subscription): Promise<DeliveryOutcome> {
    const { subscriptionId, url } = to;
    for (let number = 1; ; number += 1) {
      let begin = 0;
      const outcome = await this.#limit(() => {
        begin = Date.now();
        return attempt(url, body, agent);
      });
      const ids = { subscriptionId, url: shownUrl(url), archiveId };
      const entry = {
        kind: 'delivery',
        ...ids,
        attempt: number,
        ...outcome,
        ms: Date.now() - begin,
      } as const;
      if (!agent.destroyed) this.journal.write(entry);
      if (outcome.acknowledged || number === ATTEMPTS || agent.destroyed)
        return { subscriptionId, attempts: number, ...outcome };
      await pause(FIRST_BACKOFF_MS * 2 ** (number - 1), undefined, { ref: false });
    }
  }
}

/** A callback's URL without what may be secret: the last segment of its path, credentials, query and fragment. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}

/** Sends one notification once. Redirects are not followed. Never throws. */
async function attempt(url: string, body: string, dispatcher: Dispatcher): Promise<AttemptOutcome> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await request(url, { method: 'POST', headers, body, dispatcher, signal });
    const { statusCode } = response;
    const answer = await gatewayAnswer(response.body);
    // "a status code that is greater than 199 and smaller than 399" (guide)
    return { acknowledged: 199 < statusCode && statusCode < 399, statusCode, ...(answer && { answer }) };
  } catch (error) {
    return { acknowledged: false, error: signal.aborted ? 'Timeout' : errorCode(error) };
  }
}

/** The field `status` of an answer; `undefined` unless it is one that a gateway gives. */
async function gatewayAnswer(body: Dispatcher.ResponseData['body']): Promise<AttemptOutcome['answer']> {
  const answer: unknown = await body.json().catch(() => undefined);
  return GATEWAY_ANSWERS.find((known) => known === (answer as { status?: unknown } | undefined)?.status);
}
