import type { Config } from '../config/load-config';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { askLedger } from './known-claims';

/**
 * Changes what the ledger says of an archive that no claim is about.
 * @throws Error if nothing is known of it; ArchivistError `LedgerUnavailable`
 */
export function changeUnclaimed<Result>(
  config: Config,
  key: ArchiveKey,
  change: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  return askLedger(config, async (ledger) => {
    if ((await ledger.find(key)) === undefined)
      throw new Error(`Nothing is known of archive ${key.archiveId}.`);
    return await change(ledger);
  });
}
