import type { ArchiveFacts, SecuredArchive, VerifiedCopy } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { SealedCopy } from '../store/archive-store';
import type { Dependencies } from './dependencies';

/** Seals the proven copy into its bag, then records it as secured: from here on the platform may be told. */
export function createSecureCopy({ store, ledger }: Dependencies) {
  return async function secureCopy(
    key: ArchiveKey,
    facts: ArchiveFacts,
    copy: VerifiedCopy,
  ): Promise<SecuredArchive> {
    const bag = await sealBag(key, facts, copy);
    return await recordSecured(key, facts, bag);
  };

  async function sealBag(
    key: ArchiveKey,
    { conferenceId }: ArchiveFacts,
    copy: VerifiedCopy,
  ): Promise<SealedCopy> {
    const entry = await ledger.find(key);
    if (entry?.recordSource === undefined) {
      throw new ArchivistError(
        'LedgerUnavailable',
        `The ledger has no record of archive ${key.archiveId} of ${key.tenant}.`,
      );
    }
    const { sha256, sizeBytes } = copy;
    return await store.seal(key, copy.copyId, {
      sha256,
      sizeBytes,
      conferenceId,
      recordSource: entry.recordSource,
    });
  }

  async function recordSecured(
    key: ArchiveKey,
    { conferenceId }: ArchiveFacts,
    bag: SealedCopy,
  ): Promise<SecuredArchive> {
    const secured = { conferenceId, sha256: bag.sha256, sizeBytes: bag.sizeBytes, location: bag.location };
    await ledger.secure(key, secured);
    return secured;
  }
}
