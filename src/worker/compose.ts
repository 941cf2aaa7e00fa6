import { hostname } from 'node:os';
import { createActivities } from '../activities/create-activities';
import { createListReader } from '../activities/reconciliation/list-reader';
import { createSubscriptionActivities } from '../activities/subscriptions/create-subscription-activities';
import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import type { PlatformOf } from '../platform/platform';
import type { ArchiveStore } from '../store/archive-store';

/** What a worker process has opened. */
export interface WorkerResources {
  readonly ledger: Ledger;
  readonly store: ArchiveStore;
  readonly platformOf: PlatformOf;
}

/** All activities, as the configuration wants them. One composition a process: it shares what it reads of the platforms' lists. */
export function composeActivities(config: Config, resources: WorkerResources): object {
  const workerId = `${process.pid}@${hostname()}`;
  const expiry = config.expiry;
  const sources = {
    platformOf: resources.platformOf,
    ledger: resources.ledger,
    expiry: { recheckMs: expiry.recheck, periodMs: expiry.period },
    workerId,
  };
  return {
    ...createActivities({
      ...resources,
      settings: config.claim,
      expiry,
      lists: createListReader(sources),
      workerId,
    }),
    ...createSubscriptionActivities({
      ...resources,
      callbacks: { publicUrl: config.gateway.publicUrl, tenants: config.tenants },
    }),
  };
}
