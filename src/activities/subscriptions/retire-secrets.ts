import { cancellationSignal } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { SubscriptionDependencies } from './dependencies';
import { unsubscribe } from './unsubscribe';
import { whileAlive } from './while-alive';

export interface Retirement {
  /** Generations whose deliveries in flight have arrived. */
  readonly generations: readonly number[];
  /** Milliseconds after which nobody waits for a pending generation any more; absent: they are left alone. */
  readonly forgottenMs?: number;
}

/**
 * Retires secrets: from now on the gateways refuse them. At the end of a rotation it looks once more for what an answer that was
 * lost has left behind.
 * @returns the generations that were unsubscribed only now
 */
export function createRetireSecrets(dependencies: SubscriptionDependencies) {
  return async function retireSecrets(
    tenant: TenantId,
    { generations, forgottenMs }: Retirement,
  ): Promise<number[]> {
    await dependencies.ledger.retire(tenant, generations);
    if (forgottenMs === undefined) return [];
    const late = await whileAlive(() => unsubscribe(dependencies, tenant, 'older', cancellationSignal()));
    await dependencies.ledger.retireForgotten(tenant, forgottenMs);
    return late ?? [];
  };
}
