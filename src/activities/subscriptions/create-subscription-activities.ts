import { ArchivistError } from '../../domain/failures';
import { isTenantId, type TenantId } from '../../domain/ids';
import { nameFailures } from '../name-failures';
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

/** Validates the tenant: it becomes part of a URL's choice and of messages, and Temporal takes inputs from anybody. */
function forTenant<Args extends readonly unknown[], Result>(
  activity: (tenant: TenantId, ...args: Args) => Promise<Result>,
) {
  return nameFailures((tenant: TenantId, ...args: Args) => {
    if (isTenantId(tenant)) return activity(tenant, ...args);
    throw new ArchivistError('InvalidInput', 'The activity was not given a tenant of the right form.');
  });
}
