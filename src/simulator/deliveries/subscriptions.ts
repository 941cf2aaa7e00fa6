import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../refusal';

/** The topic of an available archive, and as one published example of the guide misspells it. */
const ARCHIVE_TOPICS: readonly string[] = [
  'communication.archives.archive.available',
  'communciation.archives.archive.available',
];

/** A topic that the guide names besides; nothing is ever announced under it here. */
const OTHER_TOPIC = 'communication.conferences.conference.close';

/** What an administrator registers. */
export const webhook = z.object({
  topic: z.enum([...ARCHIVE_TOPICS, OTHER_TOPIC]),
  audience: z.string().default('*'),
  url: z.url({ protocol: /^https?$/ }),
});

type Webhook = Readonly<z.output<typeof webhook>>;

/** A registered webhook. */
export interface Subscription extends Webhook {
  readonly subscriptionId: string;
}

/** What became of one attempt to deliver a notification. The real platform's fields are unknown. */
export interface Report {
  readonly archiveId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly accepted: boolean;
  readonly statusCode: number | null;
  readonly error: string | null;
}

/** "The 50 latest delivery attempts of your subscription" (guide). */
const REPORTS_KEPT = 50;

/** The webhooks of the tenant, and what became of the deliveries to each. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #reports = new Map<string, Report[]>();

  add(added: Webhook): Subscription {
    const subscription = { subscriptionId: randomBytes(12).toString('hex'), ...added };
    this.#byId.set(subscription.subscriptionId, subscription);
    this.#reports.set(subscription.subscriptionId, []);
    return subscription;
  }

  all(): readonly Subscription[] {
    return [...this.#byId.values()];
  }

  /** Those that want to hear of archives. */
  ofArchives(): readonly Subscription[] {
    return this.all().filter(({ topic }) => ARCHIVE_TOPICS.includes(topic));
  }

  /** Ends a subscription. Deliveries under way are still retried, as the guide says. @throws Refusal 404 */
  delete(subscriptionId: string): void {
    if (!this.#byId.delete(subscriptionId)) throw noSuchSubscription();
    this.#reports.delete(subscriptionId);
  }

  /** The latest attempts, newest first. @throws Refusal 404 */
  reports(subscriptionId: string): readonly Report[] {
    const reports = this.#reports.get(subscriptionId);
    if (!reports) throw noSuchSubscription();
    return reports.toReversed();
  }

  report(subscriptionId: string, report: Report): void {
    const reports = this.#reports.get(subscriptionId) ?? [];
    reports.push(report);
    if (reports.length > REPORTS_KEPT) reports.shift();
  }

  clear(): void {
    this.#byId.clear();
    this.#reports.clear();
  }
}

function noSuchSubscription(): Refusal {
  return new Refusal(404, 'There is no such subscription.');
}
