import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isArchiveTopic, TOPICS } from '../../domain/topics';
import type { DeliveryEntry } from '../journal';
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

/** What became of one attempt to deliver a notification. The real platform's fields are unknown. */
type Report = Readonly<Record<string, string | number | boolean | null>>;

/** The webhooks of the tenant, and what became of the deliveries to each. */
export class Subscriptions {
  readonly #byId = new Map<string, { readonly subscription: Subscription; readonly reports: Report[] }>();

  add(added: Webhook): Subscription {
    const subscription = { subscriptionId: randomBytes(12).toString('hex'), ...added };
    this.#byId.set(subscription.subscriptionId, { subscription, reports: [] });
    return subscription;
  }

  all(): readonly Subscription[] {
    return [...this.#byId.values()].map(({ subscription }) => subscription);
  }

  /** Those that want to hear of archives. */
  ofArchives(): readonly Subscription[] {
    return this.all().filter(({ topic }) => isArchiveTopic(topic));
  }

  /** Ends a subscription. Deliveries under way are still retried, as the guide says. @throws Refusal 404 */
  delete(subscriptionId: string): void {
    this.reports(subscriptionId);
    this.#byId.delete(subscriptionId);
  }

  /** The latest attempts, newest first. @throws Refusal 404 */
  reports(subscriptionId: string): readonly Report[] {
    const found = this.#byId.get(subscriptionId);
    if (!found) throw new Refusal(404, 'There is no such subscription.');
    return found.reports.toReversed();
  }

  report({ subscriptionId, archiveId, attempt, ms, ...entry }: DeliveryEntry, startedAt: Date): void {
    const reports = this.#byId.get(subscriptionId)?.reports ?? [];
    const { acknowledged: accepted, statusCode = null, error = null } = entry;
    const begin = startedAt.toISOString();
    reports.push({ archiveId, attempt, startedAt: begin, durationMs: ms, accepted, statusCode, error });
    if (reports.length > REPORTS_KEPT) reports.shift();
  }

  clear(): void {
    this.#byId.clear();
  }
}
