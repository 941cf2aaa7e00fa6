import type { ClosedArchive } from '../domain/expiry';
import type { ArchiveKey } from '../domain/ids';
import { abandonedIn } from './abandoned-archive';
import type { Dependencies } from './dependencies';

/**
 * Closes the ledger's row: the platform deleted its file, and the copy was right after that.
 * @returns the evidence; `undefined` where the ledger lacks some of it, as the last look at the copy was not the one that
 * found it right
 */
export function createCloseArchive({ ledger }: Dependencies) {
  return async function closeArchive(key: ArchiveKey): Promise<ClosedArchive | undefined> {
    await ledger.closeEntry(key);
    const entry = await ledger.find(key);
    const { state, conferenceId, sha256, sizeBytes, location } = abandonedIn(entry, key);
    const { expiredAt, lastVerifiedAt } = entry ?? {};
    if (state !== 'closed' || !expiredAt || !lastVerifiedAt) return undefined;
    return {
      conferenceId,
      sha256,
      sizeBytes,
      location,
      expiredAt: expiredAt.toISOString(),
      verifiedAt: lastVerifiedAt.toISOString(),
    };
  };
}
