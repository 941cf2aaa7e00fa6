import { hostname } from 'node:os';
import { expiryTerms } from '../activities/claim/facts';
import { createActivities, createSubscriptionActivities } from '../activities/create-activities';
import type { Dependencies } from '../activities/dependencies';
import { createListReader } from '../activities/reconciliation/list-reader';
import type { Config } from '../config/load-config';

/** All activities, as the configuration wants them. One composition a process: it shares what it reads of the platforms' lists. */
export function composeActivities(
  { claim, expiry, gateway, tenants }: Config,
  resources: Pick<Dependencies, 'ledger' | 'store' | 'platformOf'>,
): object {
  const shared = {
    ...resources,
    workerId: `${process.pid}@${hostname()}`,
    expiry: expiryTerms(expiry),
  };
  return {
    ...createActivities({ ...shared, settings: claim, lists: createListReader(shared) }),
    ...createSubscriptionActivities({
      ...resources,
      callbacks: { publicUrl: gateway.publicUrl, tenants },
    }),
  };
}
