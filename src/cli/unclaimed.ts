import type { Config } from '../config/load-config';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { openLedger } from './prepare';

/**
 * Changes what the ledger says of an archive that no claim is about.
 * @throws Error where nothing is known of it, or the ledger cannot be opened: PGlite serves one process, and `up` may be that
 */
export async function changeUnclaimed<Result>(
  config: Config,
  key: ArchiveKey,
  change: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  try {
    const ledger = await openLedger(config);
    try {
      if ((await ledger.find(key)) === undefined)
        throw new Error(`Nothing is known of archive ${key.archiveId}.`);
      return await change(ledger);
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof ArchivistError)) throw error;
    throw new Error(
      `No claim of archive ${key.archiveId} runs, and the ledger cannot be changed directly: ${error.message}`,
      { cause: error },
    );
  }
}
