import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isArchiveTopic, TOPICS } from '../../domain/topics';
import type { DeliveryEntry, Journal, JournalEntry } from '../journal';
import { Refusal } from '../refusal';

/** A topic that the guide names besides; nothing is ever announced under it here. */
const OTHER_TOPIC = 'communication.conferences.conference.close';

export const webhook = z.object({
  topic: z.enum([...TOPICS, OTHER_TOPIC]),
  audience: z.string().default('*'),
  url: z.url({ protocol: /^https?$/ }),
});

type Webhook = Readonly<z.output<typeof webhook>>;

export interface Subscription extends Webhook {
  readonly subscriptionId: string;
}

/** "The 50 latest delivery attempts of your subscription" (guide). */
const REPORTS_KEPT = 50;

/** The webhooks of the tenant, and what became of the deliveries to each, by the journal. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();

  constructor(private readonly journal: Journal) {}

  add(added: Webhook): Subscription {
    const subscription = { subscriptionId: randomBytes(12).toString('hex'), ...added };
    this.#byId.set(subscription.subscriptionId, subscription);
    return subscription;
  }

  all(): readonly Subscription[] {
    return [...this.#byId.values()];
  }

  /** Those that want to hear of archives. */
  ofArchives(): readonly Subscription[] {
    return this.all().filter(({ topic }) => isArchiveTopic(topic));
  }

  /** Ends a subscription. Deliveries under way are still retried, as the guide says. @throws Refusal 404 */
  delete(subscriptionId: string): void {
    if (!this.#byId.delete(subscriptionId)) throw new Refusal(404, 'There is no such subscription.');
  }

  /** The latest attempts, newest first. @throws Refusal 404 */
  reports(subscriptionId: string): readonly Report[] {
    if (!this.#byId.has(subscriptionId)) throw new Refusal(404, 'There is no such subscription.');
    return this.journal.latestDeliveries(subscriptionId, REPORTS_KEPT).map(reportOf);
  }

  clear(): void {
    this.#byId.clear();
  }
}

/** What became of one attempt to deliver a notification. The real platform's fields are unknown. */
type Report = ReturnType<typeof reportOf>;

function reportOf({ archiveId, attempt, at, ms, ...entry }: JournalEntry & DeliveryEntry) {
  const { acknowledged: accepted, statusCode = null, error = null } = entry;
  const startedAt = new Date(Date.parse(at) - ms).toISOString();
  return { archiveId, attempt, startedAt, durationMs: ms, accepted, statusCode, error };
}
