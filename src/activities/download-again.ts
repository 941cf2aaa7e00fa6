import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { availabilityOf } from '../domain/statuses';
import type { Dependencies } from './dependencies';
import { createDownloadArchive } from './download-archive';

/**
 * Downloads the archive of a copy that is damaged or gone, as a claim does, for as long as the platform has not said that it
 * deleted the file. Every try asks that first: whatever else a platform answers about a file that is gone, it is tried again.
 */
export function createDownloadAgain(dependencies: Dependencies) {
  const { platformOf } = dependencies;
  const downloadArchive = createDownloadArchive(dependencies);

  return async function downloadAgain(key: ArchiveKey, facts: ArchiveFacts): Promise<DownloadedCopy> {
    const { status } = await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    if (availabilityOf(status) === 'expired') {
      throw new ArchivistError(
        'CopyDamaged',
        `The copy of archive ${key.archiveId} of ${key.tenant} is damaged or gone, and the platform no longer has the file.`,
      );
    }
    return await downloadArchive(key, facts);
  };
}
