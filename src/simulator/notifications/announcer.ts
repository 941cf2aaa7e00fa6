import type { Archive } from '../archives/archive';
import type { Journal } from '../journal/journal';
import { Courier, type DeliveryOutcome } from './courier';
import { notificationOf, type Announcement } from './notification';
import type { Subscription, Subscriptions } from './subscriptions';

/** Tells the subscriptions of an archive. */
export class Announcer {
  readonly #journal: Journal;
  readonly #subscriptions: Subscriptions;
  readonly #tenant: string;
  #courier: Courier;

  constructor(journal: Journal, subscriptions: Subscriptions, tenant: string) {
    this.#journal = journal;
    this.#subscriptions = subscriptions;
    this.#tenant = tenant;
    this.#courier = new Courier(journal, subscriptions);
  }

  /** Resolves when every delivery has been acknowledged or given up. Without subscriptions there is none. */
  async announce(archive: Archive, announcement: Announcement): Promise<readonly DeliveryOutcome[]> {
    const courier = this.#courier;
    const deliveries = this.#subscriptions.ofArchives().flatMap((subscription) => {
      const deliver = () =>
        courier.deliver(this.#notification(archive, announcement, subscription), subscription);
      return Array.from({ length: announcement.times }, () => deliver);
    });
    if (announcement.concurrent) return Promise.all(deliveries.map((deliver) => deliver()));
    const outcomes: DeliveryOutcome[] = [];
    for (const deliver of deliveries) outcomes.push(await deliver());
    return outcomes;
  }

  /** Breaks off every delivery and begins afresh. */
  async reset(): Promise<void> {
    const previous = this.#courier;
    this.#courier = new Courier(this.#journal, this.#subscriptions);
    await previous.close();
  }

  async close(): Promise<void> {
    await this.#courier.close();
  }

  #notification(archive: Archive, announcement: Announcement, { audience, topic }: Subscription) {
    return notificationOf(archive, announcement, { audience, tenant: this.#tenant, topic });
  }
}
