import type { Hold } from '../domain/orders';
import type { LedgerEntry } from '../ledger/ledger';

/** The hold that the ledger has of the archive, if there is one. */
export function holdIn(entry: LedgerEntry | undefined): Hold | undefined {
  return entry?.held && { by: entry.held.by, since: entry.held.since.toISOString() };
}
