import { setTimeout as pause } from 'node:timers/promises';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { OrderLook } from '../../ledger/sql/orders';
import type { Dependencies } from '../dependencies';
import { readRecord } from './facts';

/** Milliseconds between two looks while a request may still take effect. */
const LOOK_AGAIN_MS = 250;

/** What orders work with, in a worker and in the CLI. */
export type OrderSources = Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry'>;

/**
 * Decides whether an order that was written came in time: whether the platform was told before, or may still be told by a request
 * that was sent before. With the order in the row no later request is authorised, so that what is confirmed once stays confirmed.
 *
 * @param look what the order's transaction saw
 * @param until while the signal lasts, better news is waited for
 */
export async function decideOrder(
  sources: OrderSources,
  key: ArchiveKey,
  look: OrderLook,
  until: AbortSignal,
): Promise<'obeyed' | 'undecided' | 'tooLate'> {
  const { platformOf, ledger, expiry } = sources;
  for (let latest = look; ; latest = await ledger.look(key)) {
    if (latest.told) return 'tooLate';
    const record = await readRecord(platformOf, key, until);
    const isShown = !(record instanceof ArchivistError);
    if (isShown && platformConfirmedAbandon(record.status)) {
      await ledger.noteTold(key.tenant, [{ archiveId: key.archiveId, status: record.status }], expiry);
      return 'tooLate';
    }
    if (latest.flightsOpen === 0) {
      // Without an answer the ledger decides alone, but only what no request ever touched.
      if (!isShown) return latest.flightsEver === 0 ? 'obeyed' : 'undecided';
      const { status, conferenceId } = record;
      if (conferenceId === undefined || latest.entry?.conferenceIds.includes(conferenceId)) return 'obeyed';
      // Requests for the conference that the record names were not looked for yet.
      await ledger.noteShown(key, { status, conferenceId });
      continue;
    }
    if (until.aborted) return 'undecided';
    await pause(LOOK_AGAIN_MS);
  }
}
