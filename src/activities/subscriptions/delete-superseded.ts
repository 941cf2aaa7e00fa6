import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import type { SubscriptionDependencies } from './dependencies';
import { unsubscribe, type Extent } from './unsubscribe';
import { whileAlive } from './while-alive';

/**
 * Deletes superseded subscriptions on the platform.
 * @returns the generations to retire once what is in flight has arrived
 * @throws `SubscriptionUnconfirmed` where older ones are to go and no subscription of ours works: nothing was deleted
 */
export function createDeleteSuperseded(dependencies: SubscriptionDependencies) {
  return async function deleteSuperseded(tenant: TenantId, extent: Extent): Promise<number[]> {
    const gone = await whileAlive(() => unsubscribe(dependencies, tenant, extent, cancellationSignal()));
    if (gone !== undefined || extent === 'leftovers') return gone ?? [];
    throw new ArchivistError(
      'SubscriptionUnconfirmed',
      `The platform lists no subscription of ${tenant} that works; nothing was deleted.`,
    );
  };
}
