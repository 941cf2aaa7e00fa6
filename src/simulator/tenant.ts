import { Archives } from './archives/archives';
import { Journal } from './journal/journal';
import { Announcer } from './notifications/announcer';
import { Subscriptions } from './notifications/subscriptions';

/** All that the platform keeps for one tenant. */
export interface Tenant {
  readonly archives: Archives;
  readonly subscriptions: Subscriptions;
  readonly announcer: Announcer;
  readonly journal: Journal;
  /** How long an abandoned archive is kept, unless it says otherwise. */
  readonly expirationMs: number;
}

export function createTenant(name: string, expirationMs: number): Tenant {
  const journal = new Journal();
  const subscriptions = new Subscriptions();
  return {
    archives: new Archives(journal),
    subscriptions,
    announcer: new Announcer(journal, subscriptions, name),
    journal,
    expirationMs,
  };
}

/** Takes the tenant back to its beginning: no archives, subscriptions, deliveries or journal. */
export async function resetTenant({ archives, subscriptions, announcer, journal }: Tenant): Promise<void> {
  archives.clear();
  subscriptions.clear();
  await announcer.reset();
  journal.clear();
}

/** Ends everything that is under way. */
export async function closeTenant({ archives, announcer }: Tenant): Promise<void> {
  archives.clear();
  await announcer.close();
}
