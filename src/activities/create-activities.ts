import { ArchivistError, type FailureType } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey } from '../domain/ids';
import { createAbandonArchive } from './abandon-archive';
import { createAwaitAdmission } from './await-admission';
import { createAwaitAvailable } from './await-available';
import { createAwaitExpired } from './await-expired';
import { createCloseArchive } from './close-archive';
import type { Dependencies } from './dependencies';
import { createDownloadAgain } from './download-again';
import { createDownloadArchive } from './download-archive';
import { createFindAbandoned } from './find-abandoned';
import { forTenant } from './for-tenant';
import { createHoldArchive } from './hold-archive';
import { nameFailures } from './name-failures';
import { createOrderAbandon } from './order-abandon';
import { createReadClaimPolicy } from './read-claim-policy';
import { createRecheckCopy } from './recheck-copy';
import { createReconcileArchives } from './reconcile-archives';
import { createRecordDecision } from './record-decision';
import { createRecordOutcome } from './record-outcome';
import { createRecordRepair } from './record-repair';
import { createReleaseArchive } from './release-archive';
import { createSecureCopy } from './secure-copy';
import { unlessRefusedForLong } from './unless-refused-for-long';
import { createVerifyCopy } from './verify-copy';

/** All activities, with what they need. Each may run any number of times, at the same time and in any order. */
export function createActivities(dependencies: Dependencies) {
  return {
    readClaimPolicy: forArchive(createReadClaimPolicy(dependencies)),
    awaitAvailable: forArchive(createAwaitAvailable(dependencies), unlessRefusedForLong),
    downloadArchive: forArchive(createDownloadArchive(dependencies), unlessRefusedForLong),
    verifyCopy: forArchive(createVerifyCopy(dependencies)),
    secureCopy: forArchive(createSecureCopy(dependencies)),
    abandonArchive: forArchive(createAbandonArchive(dependencies), unlessRefusedForLong),
    awaitAdmission: forArchive(createAwaitAdmission(dependencies)),
    recordOutcome: forArchive(createRecordOutcome(dependencies)),
    recordDecision: forArchive(createRecordDecision(dependencies)),
    holdArchive: forArchive(createHoldArchive(dependencies)),
    releaseArchive: forArchive(createReleaseArchive(dependencies)),
    orderAbandon: forArchive(createOrderAbandon(dependencies)),
    findAbandoned: forArchive(createFindAbandoned(dependencies)),
    recheckCopy: forArchive(createRecheckCopy(dependencies)),
    downloadAgain: forArchive(createDownloadAgain(dependencies)),
    recordRepair: forArchive(createRecordRepair(dependencies)),
    awaitExpired: forArchive(createAwaitExpired(dependencies)),
    closeArchive: forArchive(createCloseArchive(dependencies)),
    reconcileArchives: forTenant(createReconcileArchives(dependencies)),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** Validates what names the archive: it becomes a path and a URL, and Temporal takes inputs from anybody. */
function forArchive<Args extends readonly unknown[], Result>(
  activity: (key: ArchiveKey, ...args: Args) => Promise<Result>,
  isRetried?: (type: FailureType) => boolean,
) {
  return nameFailures((key: ArchiveKey, ...args: Args) => activity(parseKey(key), ...args), isRetried);
}

function parseKey({ tenant, archiveId }: ArchiveKey): ArchiveKey {
  if (isTenantId(tenant) && isArchiveId(archiveId)) return { tenant, archiveId };
  throw new ArchivistError(
    'InvalidInput',
    'The activity was not given a tenant and an archive id of the right form.',
  );
}
