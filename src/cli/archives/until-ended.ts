import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveKey } from '../../domain/ids';
import type { Ledger, LedgerEntry } from '../../ledger/ledger';
import { say, sayJson } from '../output';

const LOOK_AGAIN_MS = 250;

/**
 * Waits until a claim that was queued has ended, and prints how.
 * @param before what the ledger said before it was queued: a claim that had ended then is not the one
 * @throws Error that says why, if it did not succeed
 */
export async function untilEnded(
  ledger: Ledger,
  key: ArchiveKey,
  before: LedgerEntry | undefined,
  json: boolean | undefined,
): Promise<void> {
  for (;;) {
    const entry = await ledger.find(key);
    if (entry && hasEnded(entry, before)) {
      show(entry, json);
      return;
    }
    await pause(LOOK_AGAIN_MS);
  }
}

function hasEnded({ state, ended, runId }: LedgerEntry, before: LedgerEntry | undefined): boolean {
  if (state === 'abandoned' || state === 'closed') return true;
  if (ended === undefined) return false;
  return before?.ended === undefined || before.runId !== runId;
}

function show(entry: LedgerEntry, json: boolean | undefined): void {
  const { tenant, archiveId, state, sha256, sizeBytes, location, ended } = entry;
  if (state === 'failed' || state === 'missed')
    throw new Error(`${archiveId} was not claimed: ${state} (${ended?.reason ?? 'unknown'}).`);
  if (json) sayJson({ tenant, archiveId, state, sha256, sizeBytes, location, ended });
  else say(`${archiveId}  ${state}  ${location ?? ''}`);
}
