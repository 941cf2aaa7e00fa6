import type { SecuredArchive } from '../domain/claim';
import type { LedgerEntry } from '../ledger/ledger';

/** The secured copy that the ledger knows of, if there is one. */
export function securedIn(entry: LedgerEntry | undefined): SecuredArchive | undefined {
  if (entry?.securedAt === undefined) return undefined;
  const { conferenceId, sha256, sizeBytes, location } = entry;
  if (conferenceId === undefined || sha256 === undefined || sizeBytes === undefined || location === undefined)
    return undefined;
  return { conferenceId, sha256, sizeBytes, location };
}
