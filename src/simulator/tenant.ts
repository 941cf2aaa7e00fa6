import { Archives } from './archives';
import { Announcer } from './deliveries/announcer';
import { Subscriptions } from './deliveries/subscriptions';
import { Rulebook } from './faults/rulebook';
import { Journal } from './journal';
import { OneTimeFiles } from './platform/files';
import { RequestLog } from './platform/request-log';

/** All that the platform keeps for one tenant. */
export class Tenant {
  readonly journal = new Journal();
  readonly requests = new RequestLog(this.journal);
  readonly archives = new Archives(this.journal);
  readonly subscriptions = new Subscriptions(this.journal);
  readonly announcer: Announcer;
  readonly faults = new Rulebook();
  /** The files that redirects lead to. */
  readonly files = new OneTimeFiles();
  /** Where the server of another origin listens that gives these files, too. */
  otherPort = 0;

  /** @param expirationMs how long an abandoned archive is kept */
  constructor(
    name: string,
    readonly expirationMs: number,
  ) {
    this.announcer = new Announcer(this.journal, this.subscriptions, name);
  }

  /** Forgets archives, faults, subscriptions, deliveries under way and the journal. */
  async reset(): Promise<void> {
    for (const kept of [this.archives, this.faults, this.files, this.subscriptions]) kept.clear();
    await this.announcer.reset();
    this.journal.clear();
  }

  /** Ends everything that is under way. */
  async close(): Promise<void> {
    this.archives.clear();
    await this.announcer.close();
  }
}
