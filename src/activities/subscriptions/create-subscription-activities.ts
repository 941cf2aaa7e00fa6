import { forTenant } from '../for-tenant';
import { createConfirmCallback } from './confirm-callback';
import { createDeleteSubscriptions } from './delete-subscriptions';
import { createDeleteSuperseded } from './delete-superseded';
import type { SubscriptionDependencies } from './dependencies';
import { createListSubscriptions } from './list-subscriptions';
import { createLookAtDeliveries } from './look-at-deliveries';
import { createNewestGeneration } from './newest-generation';
import { createReadReports } from './read-reports';
import { createRegisterCallback } from './register-callback';
import { createRetireSecrets } from './retire-secrets';

/** The activities of a tenant's subscriptions. Each may run any number of times, at the same time and in any order. */
export function createSubscriptionActivities(dependencies: SubscriptionDependencies) {
  return {
    newestGeneration: forTenant(createNewestGeneration(dependencies)),
    registerCallback: forTenant(createRegisterCallback(dependencies)),
    confirmCallback: forTenant(createConfirmCallback(dependencies)),
    deleteSuperseded: forTenant(createDeleteSuperseded(dependencies)),
    retireSecrets: forTenant(createRetireSecrets(dependencies)),
    listSubscriptions: forTenant(createListSubscriptions(dependencies)),
    readReports: forTenant(createReadReports(dependencies)),
    deleteSubscriptions: forTenant(createDeleteSubscriptions(dependencies)),
    lookAtDeliveries: forTenant(createLookAtDeliveries(dependencies)),
  };
}

export type SubscriptionActivities = ReturnType<typeof createSubscriptionActivities>;
