import { ArchivistError } from '../domain/failures';
import type { AbandonedArchive } from '../domain/expiry';
import type { ArchiveKey } from '../domain/ids';
import type { LedgerEntry } from '../ledger/ledger';
import { securedIn } from './secured-archive';

/** What the ledger has of an archive that was abandoned. @throws ArchivistError `NotAbandoned` where it was not */
export function abandonedIn(
  entry: LedgerEntry | undefined,
  { tenant, archiveId }: ArchiveKey,
): AbandonedArchive {
  const secured = securedIn(entry);
  const { state, abandonedAt } = entry ?? {};
  if (secured !== undefined && abandonedAt !== undefined && (state === 'abandoned' || state === 'closed'))
    return { ...secured, state, abandonedAt: abandonedAt.toISOString() };
  throw new ArchivistError(
    'NotAbandoned',
    `The ledger does not say that archive ${archiveId} of ${tenant} was abandoned.`,
  );
}
