import { createHash } from 'node:crypto';
import type { LedgerEvent, LedgerRow } from './evidence';

const BEFORE_THE_FIRST = '0'.repeat(64);

/**
 * Computes an archive's chain of events anew, as the ledger's documentation has it: an event's hash is the SHA-256 of eight lines
 * (previous hash, tenant, archive id, sequence, time, type, outcome, detail), and the archive's row holds how many events there
 * are and the hash of the last.
 *
 * @param events those of the row's archive, by their sequence
 * @returns what is wrong with the chain, if anything is
 */
export function faultOfChain(row: LedgerRow, events: readonly LedgerEvent[]): string | undefined {
  let previous = BEFORE_THE_FIRST;
  for (const [index, event] of events.entries()) {
    if (event.sequence !== index + 1) return `event ${index + 1} is missing`;
    if (event.previousHash !== previous) return `event ${event.sequence} does not follow the one before`;
    if (event.hash !== hashOf(event)) return `event ${event.sequence} was altered`;
    previous = event.hash;
  }
  if (row.eventCount !== events.length)
    return `there are ${events.length} events, not ${row.eventCount} as its row says`;
  return row.lastEventHash === previous ? undefined : 'its row has another last hash';
}

/** The hash that an event must have. */
export function hashOf(event: LedgerEvent): string {
  const { previousHash, tenant, archiveId, sequence, at, type, outcome, detail } = event;
  const lines = [previousHash, tenant, archiveId, sequence, at, type, outcome, detail];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
