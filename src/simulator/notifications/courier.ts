import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { concurrencyLimit } from '../concurrency-limit';
import type { Journal } from '../journal/journal';
import { attempt, type Attempt, type AttemptOutcome } from './attempt';
import type { Notification } from './notification';
import { shownUrl } from './shown-url';
import type { Subscription, Subscriptions } from './subscriptions';

/** How the delivery of one notification to one subscription ended. */
export interface DeliveryOutcome extends AttemptOutcome {
  readonly subscriptionId: string;
  readonly attempts: number;
}

/** "up to 4 delivery attempts with an exponential backoff of 100ms" (guide) */
const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 100;

/** Attempts under way at a time; the 3 seconds of one that waits for its turn have not begun. */
const ATTEMPTS_AT_ONCE = 256;

/** Delivers notifications: at least once within four attempts, concurrently, in no order. */
export class Courier {
  readonly #journal: Journal;
  readonly #subscriptions: Subscriptions;
  readonly #agent = new Agent();
  readonly #limited = concurrencyLimit(ATTEMPTS_AT_ONCE);
  #closed = false;

  constructor(journal: Journal, subscriptions: Subscriptions) {
    this.#journal = journal;
    this.#subscriptions = subscriptions;
  }

  async deliver(notification: Notification, subscription: Subscription): Promise<DeliveryOutcome> {
    const body = JSON.stringify(notification);
    for (let number = 1; ; number += 1) {
      const made = await this.#limited(() => attempt(subscription.url, body, this.#agent));
      if (!this.#closed) this.#record(notification, subscription, number, made);
      if (made.outcome.acknowledged || number === ATTEMPTS || this.#closed) {
        return { subscriptionId: subscription.subscriptionId, attempts: number, ...made.outcome };
      }
      await pause(FIRST_BACKOFF_MS * 2 ** (number - 1), undefined, { ref: false });
    }
  }

  /** Breaks off what is under way and tries nothing again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#agent.destroy();
  }

  #record(
    { data: { archive_id: archiveId } }: Notification,
    { subscriptionId, url }: Subscription,
    number: number,
    { outcome, startedAt, ms }: Attempt,
  ): void {
    this.#journal.write({
      kind: 'delivery',
      subscriptionId,
      url: shownUrl(url),
      archiveId,
      attempt: number,
      ...outcome,
      ms,
    });
    this.#subscriptions.report(subscriptionId, {
      archiveId,
      attempt: number,
      startedAt: startedAt.toISOString(),
      durationMs: ms,
      accepted: outcome.acknowledged,
      statusCode: outcome.statusCode ?? null,
      error: outcome.error ?? null,
    });
  }
}
