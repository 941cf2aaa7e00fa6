import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import type { Fence, Ledger } from '../../src/ledger/ledger';
import type { Columns, Database } from '../../src/ledger/postgres';
import { list, newConference, newKey, newTenant, readWholeList, secure } from './archives';

/** An archive that may be abandoned, and another one of its conference, too. */
export interface TwoSecured {
  readonly key: ArchiveKey;
  readonly sibling: ArchiveKey;
  readonly conferenceId: ConferenceId;
  /** Of the attempt that is about to abandon `key`. */
  readonly token: Fence;
}

export const SIBLING_RUN = 'run-of-sibling';

export async function twoSecured(ledger: Ledger): Promise<TwoSecured> {
  const key = newKey(newTenant());
  const sibling = newKey(key.tenant);
  const conferenceId = newConference();
  await secure(ledger, sibling, { conferenceId }, SIBLING_RUN);
  const token = await secure(ledger, key, { conferenceId }, 'run-1');
  await readWholeList(ledger, key, sibling);
  return { key, sibling, conferenceId, token };
}

/** The flights of an archive's tenant. */
export async function flightsOf(database: Database, { tenant }: ArchiveKey): Promise<Columns[]> {
  return await database.query('SELECT conference_id, members, over_at FROM abandons WHERE tenant = $1', [
    tenant,
  ]);
}

/** Changes the row of an archive by hand. */
export async function assign(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  assignment: string,
): Promise<void> {
  await database.query(`UPDATE archives SET ${assignment} WHERE tenant = $1 AND archive_id = $2`, [
    tenant,
    archiveId,
  ]);
}

/** Reads a whole list that shows the archive AVAILABLE, and another one that nobody knew. */
export async function listBesideAnother(
  ledger: Ledger,
  { tenant, archiveId }: ArchiveKey,
  another: { readonly status: string; readonly conferenceId?: ConferenceId },
): ReturnType<typeof list> {
  return await list(ledger, tenant, [
    { archiveId: newKey(tenant).archiveId, ...another },
    { archiveId, status: 'AVAILABLE' },
  ]);
}
