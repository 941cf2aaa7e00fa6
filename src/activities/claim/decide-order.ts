import { setTimeout as pause } from 'node:timers/promises';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { ExpiryTerms, Ledger } from '../../ledger/ledger';
import type { OrderLook } from '../../ledger/sql/orders';
import type { PlatformOf } from '../../platform/create-platform';
import type { ArchiveRecord } from '../../domain/record';

/** Milliseconds between two looks while a request may still take effect. */
const LOOK_AGAIN_MS = 250;

export interface DecisionSources {
  readonly platformOf: PlatformOf;
  readonly ledger: Ledger;
  readonly expiry: ExpiryTerms;
}

/** What reading a record showed. `silent`: the platform gave no answer that says anything. */
export type RecordRead =
  | { readonly kind: 'shown'; readonly record: ArchiveRecord }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'silent' };

/**
 * Decides whether an order that was written came in time: whether the platform was told before, or may still be told by a request
 * that was sent before. With the order in the row no later request is authorised, so that what is confirmed once stays confirmed.
 *
 * @param look what the order's transaction saw
 * @param until while the signal lasts, better news is waited for
 */
export async function decideOrder(
  sources: DecisionSources,
  key: ArchiveKey,
  look: OrderLook,
  until: AbortSignal,
): Promise<'obeyed' | 'undecided' | 'tooLate'> {
  for (let latest = look; ; latest = await sources.ledger.look(key)) {
    if (latest.told) return 'tooLate';
    const read = await readRecord(sources, key, until);
    if (read.kind === 'shown' && platformConfirmedAbandon(read.record.status)) {
      await noteTold(sources, key, read.record);
      return 'tooLate';
    }
    if (latest.flightsOpen === 0) {
      // Without an answer the ledger decides alone, but only what no request ever touched.
      if (read.kind !== 'shown') return latest.flightsEver === 0 ? 'obeyed' : 'undecided';
      if (isLookedBy(latest, read.record)) return 'obeyed';
      // Requests for the conference that the record names were not looked for yet.
      await sources.ledger.noteShown(key, read.record);
      continue;
    }
    if (until.aborted) return 'undecided';
    await pause(LOOK_AGAIN_MS);
  }
}

/** Reads the record for as long as `signal` lasts. A tenant that is not configured here is silent, too. */
export async function readRecord(
  { platformOf }: Pick<DecisionSources, 'platformOf'>,
  key: ArchiveKey,
  signal: AbortSignal,
): Promise<RecordRead> {
  try {
    return { kind: 'shown', record: await platformOf(key.tenant).fetchRecord(key, signal) };
  } catch (error) {
    if (error instanceof ArchivistError)
      return { kind: error.type === 'ArchiveNotFound' ? 'unknown' : 'silent' };
    if (signal.aborted) return { kind: 'silent' };
    throw error;
  }
}

function isLookedBy({ entry }: OrderLook, { conferenceId }: ArchiveRecord): boolean {
  return conferenceId === undefined || entry?.conferenceIds.includes(conferenceId) === true;
}

async function noteTold(
  { ledger, expiry }: DecisionSources,
  key: ArchiveKey,
  record: ArchiveRecord,
): Promise<void> {
  await ledger.noteTold(key.tenant, [{ archiveId: key.archiveId, status: record.status }], expiry);
}
