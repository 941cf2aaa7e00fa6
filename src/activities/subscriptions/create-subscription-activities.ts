import { cancellationSignal } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { OurSubscription } from '../../domain/subscriptions';
import { forTenant } from '../for-tenant';
import { whileAlive } from '../heartbeats';
import type { SubscriptionDependencies } from './inventory';
import { confirmCallback, newestGeneration, registerCallback, type Registration } from './register';
import { deleteSuperseded, retireSecrets, type Extent, type Retirement } from './remove';

/** The steps of a rotation. Each may run any number of times, at the same time and in any order. */
export function createSubscriptionActivities(dependencies: SubscriptionDependencies) {
  return {
    newestGeneration: forTenant((tenant: TenantId) => newestGeneration(dependencies, tenant)),
    registerCallback: forTenant((tenant: TenantId, wanted: Registration) =>
      whileAlive(() => registerCallback(dependencies, tenant, wanted, cancellationSignal())),
    ),
    confirmCallback: forTenant((tenant: TenantId, subscription: OurSubscription) =>
      confirmCallback(dependencies, tenant, subscription, cancellationSignal()),
    ),
    deleteSuperseded: forTenant((tenant: TenantId, extent: Extent) =>
      whileAlive(() => deleteSuperseded(dependencies, tenant, extent, cancellationSignal())),
    ),
    retireSecrets: forTenant((tenant: TenantId, retirement: Retirement) =>
      whileAlive(() => retireSecrets(dependencies, tenant, retirement, cancellationSignal())),
    ),
  };
}

export type SubscriptionActivities = ReturnType<typeof createSubscriptionActivities>;
