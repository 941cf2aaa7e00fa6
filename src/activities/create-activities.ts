import { ArchivistError } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey } from '../domain/ids';
import { createAbandonArchive } from './abandon-archive';
import { createAwaitAvailable } from './await-available';
import type { Dependencies } from './dependencies';
import { createDownloadArchive } from './download-archive';
import { nameFailures } from './name-failures';
import { createReadClaimPolicy } from './read-claim-policy';
import { createRecordOutcome } from './record-outcome';
import { createSecureCopy } from './secure-copy';
import { createVerifyCopy } from './verify-copy';

/** All activities, with what they need. Each may run any number of times, at the same time and in any order. */
export function createActivities(dependencies: Dependencies) {
  return {
    readClaimPolicy: nameFailures(createReadClaimPolicy(dependencies)),
    awaitAvailable: forArchive(createAwaitAvailable(dependencies)),
    downloadArchive: forArchive(createDownloadArchive(dependencies)),
    verifyCopy: forArchive(createVerifyCopy(dependencies)),
    secureCopy: forArchive(createSecureCopy(dependencies)),
    abandonArchive: forArchive(createAbandonArchive(dependencies)),
    recordOutcome: forArchive(createRecordOutcome(dependencies)),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** Validates what names the archive: it becomes a path and a URL, and Temporal takes inputs from anybody. */
function forArchive<Args extends readonly unknown[], Result>(
  activity: (key: ArchiveKey, ...args: Args) => Promise<Result>,
) {
  return nameFailures((key: ArchiveKey, ...args: Args) => activity(parseKey(key), ...args));
}

function parseKey({ tenant, archiveId }: ArchiveKey): ArchiveKey {
  if (isTenantId(tenant) && isArchiveId(archiveId)) return { tenant, archiveId };
  throw new ArchivistError(
    'InvalidInput',
    'The activity was not given a tenant and an archive id of the right form.',
  );
}
