import type { TenantId } from '../../domain/ids';
import type { SubscriptionDependencies } from './dependencies';

/** The number of the newest generation that was ever registered; 0 where there is none. What a rotation makes is above it. */
export function createNewestGeneration({ ledger }: SubscriptionDependencies) {
  return async function newestGeneration(tenant: TenantId): Promise<number> {
    const generations = await ledger.listGenerations(tenant);
    return generations.findLast(({ registeredAt }) => registeredAt !== undefined)?.generation ?? 0;
  };
}
