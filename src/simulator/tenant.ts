import { Archives } from './archives/archives';
import { Rulebook } from './faults/rulebook';
import { Journal } from './journal/journal';
import { Announcer } from './notifications/announcer';
import { Subscriptions } from './notifications/subscriptions';
import { OneTimeFiles } from './platform-api/one-time-files';

/** All that the platform keeps for one tenant. */
export interface Tenant {
  readonly archives: Archives;
  readonly subscriptions: Subscriptions;
  readonly announcer: Announcer;
  readonly journal: Journal;
  readonly faults: Rulebook;
  /** Where redirects lead. */
  readonly files: OneTimeFiles;
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
    faults: new Rulebook(),
    files: new OneTimeFiles(),
    expirationMs,
  };
}

/** Takes the tenant back to its beginning: no archives, faults, subscriptions, deliveries or journal. */
export async function resetTenant({
  archives,
  subscriptions,
  announcer,
  journal,
  faults,
  files,
}: Tenant): Promise<void> {
  archives.clear();
  faults.clear();
  files.clear();
  subscriptions.clear();
  await announcer.reset();
  journal.clear();
}

/** Ends everything that is under way. */
export async function closeTenant({ archives, announcer }: Tenant): Promise<void> {
  archives.clear();
  await announcer.close();
}
