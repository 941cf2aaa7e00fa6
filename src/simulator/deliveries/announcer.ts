import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Agent } from 'undici';
import type { Archive } from '../archive';
import type { NotifyOrder } from '../control/specs';
import type { Journal } from '../journal';
import { attempt, type AttemptOutcome } from './attempt';
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

/** The connections of the deliveries that one reset breaks off. */
class Line {
  readonly agent = new Agent();
  readonly limit = pLimit(ATTEMPTS_AT_ONCE);
}

/** Tells the subscriptions of an archive: at least once within four attempts, concurrently, in no order. */
export class Announcer {
  #line = new Line();

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
      const deliver = () => this.#deliver(this.#line, archiveId, body, subscription);
      return Array.from({ length: announcement.times }, deliver);
    });
    return Promise.all(deliveries);
  }

  /** Breaks off every delivery and begins afresh. */
  async reset(): Promise<void> {
    const previous = this.#line;
    this.#line = new Line();
    await previous.agent.destroy();
  }

  /** Breaks off what is under way and tries nothing again. */
  close(): Promise<void> {
    return this.#line.agent.destroy();
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

  async #deliver(line: Line, archiveId: string, body: string, to: Subscription): Promise<DeliveryOutcome> {
    const { subscriptionId, url } = to;
    for (let number = 1; ; number += 1) {
      const [outcome, startedAt] = await line.limit(async () => {
        const begin = new Date();
        return [await attempt(url, body, line.agent), begin] as const;
      });
      const ms = Date.now() - startedAt.getTime();
      const ids = { subscriptionId, url: shownUrl(url), archiveId };
      const entry = { kind: 'delivery', ...ids, attempt: number, ...outcome, ms } as const;
      if (!line.agent.destroyed) {
        this.journal.write(entry);
        this.subscriptions.report(entry, startedAt);
      }
      if (outcome.acknowledged || number === ATTEMPTS || line.agent.destroyed) {
        return { subscriptionId, attempts: number, ...outcome };
      }
      await pause(FIRST_BACKOFF_MS * 2 ** (number - 1), undefined, { ref: false });
    }
  }
}

/** A callback's URL without what may be secret: the last segment of its path, credentials, query and fragment. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}
