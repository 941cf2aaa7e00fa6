import { log } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { Dependencies } from '../dependencies';
import type { Turn } from './turn';

/**
 * Removes the unfinished copies of archives that were given up, cancelled or missed: nobody goes on with them, and they hold personal
 * data. A claim that a person begins meanwhile finds its copy gone and downloads it again.
 */
export async function removeLeftovers(
  { ledger, store }: Pick<Dependencies, 'ledger' | 'store'>,
  tenant: TenantId,
  turn: Turn,
): Promise<void> {
  const incoming = await store.withIncoming(tenant);
  if (incoming.length === 0) return;
  for (const archiveId of await ledger.unwanted(tenant, incoming)) {
    if (turn.isOver) return;
    await store.discardAll({ tenant, archiveId });
    log.info('Removed the unfinished copies of an archive that nobody wants', { tenant, archiveId });
  }
}
