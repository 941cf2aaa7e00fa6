import { randomBytes } from 'node:crypto';
import { Refusal } from '../refusal';
import type { Report } from './report';
import { isArchiveTopic, type Topic } from './topics';

/** What an administrator registers. */
export interface Webhook {
  readonly topic: Topic;
  readonly audience: string;
  readonly url: string;
}

/** A registered webhook. */
export interface Subscription extends Webhook {
  readonly subscriptionId: string;
}

/** "The 50 latest delivery attempts of your subscription" (guide). */
const REPORTS_KEPT = 50;

/** The webhooks of the tenant, and what became of the deliveries to each. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #reports = new Map<string, Report[]>();

  add(webhook: Webhook): Subscription {
    const subscription = { subscriptionId: randomBytes(12).toString('hex'), ...webhook };
    this.#byId.set(subscription.subscriptionId, subscription);
    this.#reports.set(subscription.subscriptionId, []);
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
    const reports = this.#reports.get(subscriptionId);
    reports?.push(report);
    if (reports && reports.length > REPORTS_KEPT) reports.shift();
  }

  clear(): void {
    this.#byId.clear();
    this.#reports.clear();
  }
}

function noSuchSubscription(): Refusal {
  return new Refusal(404, 'There is no such subscription.');
}
