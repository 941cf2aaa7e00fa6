import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Archive } from '../archive';
import { concurrencyLimit } from '../concurrency-limit';
import type { Journal } from '../journal';
import { attempt, type Attempt, type AttemptOutcome } from './attempt';
import type { Subscription, Subscriptions } from './subscriptions';

/** What a notification says that is not so, and how often it is sent. */
export interface Announcement {
  /** Identical deliveries to every subscription, all at once. */
  readonly times: number;
  readonly archiveId?: string | undefined;
  readonly conferenceId?: string | undefined;
  /** In place of the data of the archive's conference. */
  readonly conferenceMeta?: Readonly<Record<string, unknown>> | undefined;
}

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

/** Connections of deliveries, which a reset breaks off. */
class Line {
  readonly agent = new Agent();
  readonly limited = concurrencyLimit(ATTEMPTS_AT_ONCE);
  isClosed = false;

  async close(): Promise<void> {
    this.isClosed = true;
    await this.agent.destroy();
  }
}

/** Tells the subscriptions of an archive: at least once within four attempts, concurrently, in no order. */
export class Announcer {
  readonly #journal: Journal;
  readonly #subscriptions: Subscriptions;
  readonly #tenant: string;
  #line = new Line();

  constructor(journal: Journal, subscriptions: Subscriptions, tenant: string) {
    this.#journal = journal;
    this.#subscriptions = subscriptions;
    this.#tenant = tenant;
  }

  /** Resolves when every delivery has been acknowledged or given up. Without subscriptions there is none. */
  announce(archive: Archive, announcement: Announcement): Promise<readonly DeliveryOutcome[]> {
    const archiveId = announcement.archiveId ?? archive.archiveId;
    const deliveries = this.#subscriptions.ofArchives().flatMap((subscription) => {
      const body = JSON.stringify(this.#notification(archive, announcement, subscription));
      const copies = Array.from({ length: announcement.times }, () => body);
      return copies.map((copy) => this.#deliver(this.#line, archiveId, copy, subscription));
    });
    return Promise.all(deliveries);
  }

  /** Breaks off every delivery and begins afresh. */
  async reset(): Promise<void> {
    const previous = this.#line;
    this.#line = new Line();
    await previous.close();
  }

  /** Breaks off what is under way and tries nothing again. */
  close(): Promise<void> {
    return this.#line.close();
  }

  /** What is sent to a callback, as the guide gives it, forged if the announcement says so. */
  #notification(archive: Archive, announcement: Announcement, { audience, topic }: Subscription) {
    const { archiveId, conferenceId, conferenceMeta } = announcement;
    const subject = {
      conference_id: conferenceId ?? archive.conferenceId,
      meta: conferenceMeta ?? archive.conference,
    };
    return {
      data: { archive_id: archiveId ?? archive.archiveId, archive_subject: subject },
      meta: { audience, tenant: this.#tenant, topic },
    };
  }

  async #deliver(
    line: Line,
    archiveId: string,
    body: string,
    subscription: Subscription,
  ): Promise<DeliveryOutcome> {
    for (let number = 1; ; number += 1) {
      const made = await line.limited(() => attempt(subscription.url, body, line.agent));
      if (!line.isClosed) this.#record(archiveId, subscription, number, made);
      if (made.outcome.acknowledged || number === ATTEMPTS || line.isClosed) {
        return { subscriptionId: subscription.subscriptionId, attempts: number, ...made.outcome };
      }
      await pause(FIRST_BACKOFF_MS * 2 ** (number - 1), undefined, { ref: false });
    }
  }

  #record(archiveId: string, { subscriptionId, url }: Subscription, number: number, made: Attempt): void {
    const { outcome, startedAt, ms } = made;
    const entry = { kind: 'delivery', subscriptionId, url: shownUrl(url), archiveId } as const;
    this.#journal.write({ ...entry, attempt: number, ...outcome, ms });
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

/** A callback's URL without what may be secret: the last segment of its path, credentials, query and fragment. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}
