import type { FailureType } from '../../src/domain/failures';
import type { ArchiveKey } from '../../src/domain/ids';
import type { Availability } from '../../src/domain/statuses';
import type { Database } from '../../src/ledger/database';
import type { Ledger } from '../../src/ledger/ledger';
import type { Discrepancy } from '../../src/ledger/reconciliation';
import { newKey, recordNote, securedArchive, TENANT } from './archives';

export const TERMS = { abandon: true, room: 100 };

/** A ledger with archives as reconciliation finds them. */
export function reconciled(database: () => Database, ledger: () => Ledger) {
  async function secured(): Promise<ArchiveKey> {
    const key = newKey();
    await ledger().noteRecord(key, recordNote());
    await ledger().progress(key, 'verifying');
    await ledger().secure(key, securedArchive());
    return key;
  }

  async function failed(
    reason: FailureType = 'DeadlineExceeded',
    key: ArchiveKey = newKey(),
  ): Promise<ArchiveKey> {
    await ledger().progress(key, 'waiting');
    await ledger().fail(key, reason);
    return key;
  }

  /** What the ledger says is to be done about an archive that is so on the platform. */
  async function needOf(
    { archiveId }: ArchiveKey,
    availability: Availability,
    terms: Partial<typeof TERMS> = {},
  ): Promise<Discrepancy['need'] | undefined> {
    const listed = [{ archiveId, availability }];
    const [found] = await ledger().compareWithList(TENANT, listed, { ...TERMS, ...terms });
    return found?.need;
  }

  /** Has the archive's last change, and its last pick, be so long ago. */
  async function age(key: ArchiveKey, interval: string): Promise<ArchiveKey> {
    await database().query(
      `UPDATE archives SET updated_at = updated_at - $3::interval, reconciled_at = reconciled_at - $3::interval
       WHERE tenant = $1 AND archive_id = $2`,
      [key.tenant, key.archiveId, interval],
    );
    return key;
  }

  return { secured, failed, needOf, age };
}
