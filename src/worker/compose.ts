import { hostname } from 'node:os';
import { createActivities } from '../activities/create-activities';
import type { Dependencies } from '../activities/dependencies';
import { createListReader } from '../activities/reconciliation/list-reader';
import { createSubscriptionActivities } from '../activities/subscriptions/create-subscription-activities';
import type { Config } from '../config/load-config';

/** All activities, as the configuration wants them. One composition a process: it shares what it reads of the platforms' lists. */
export function composeActivities(
  { claim, expiry, gateway, tenants }: Config,
  resources: Pick<Dependencies, 'ledger' | 'store' | 'platformOf'>,
): object {
  const workerId = `${process.pid}@${hostname()}`;
  const { recheck: recheckMs, period: periodMs } = expiry;
  const lists = createListReader({ ...resources, expiry: { recheckMs, periodMs }, workerId });
  return {
    ...createActivities({ ...resources, settings: claim, expiry, lists, workerId }),
    ...createSubscriptionActivities({
      ...resources,
      callbacks: { publicUrl: gateway.publicUrl, tenants },
    }),
  };
}
