import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { SweepBatch } from '../../../src/domain/sweep';
import { ledgerEvents, type LedgerEvent } from '../../ledger/archives';
import { A_REPAIR, claim, TENANT, type ActivitySite } from '../activity-site';

export const PAYLOAD = 'data/archive.zip';

/** An archive that is claimed to its end. */
export async function abandoned(site: ActivitySite): Promise<ArchiveKey> {
  const key = await site.archive();
  await claim(site, key);
  return key;
}

/** Lets days pass for one archive: the times in its row move back. Two days make its copy due, three its deletion. */
export async function daysPass(
  { database }: ActivitySite,
  { tenant, archiveId }: ArchiveKey,
  days: number,
): Promise<void> {
  const columns = ['state_since', 'told_at', 'secured_at', 'expired_at', 'fixity_at', 'fixity_due_at'];
  const moved = [...columns, 'confirm_due_at', 'ended_at', 'decided_at', 'attention_since'].map(
    (column) => `${column} = ${column} - $3::float8 * interval '1 day'`,
  );
  await database.query(
    `UPDATE archives SET ${moved.join(', ')}, fence_at = fence_at - ($3::float8 * 86400000)::bigint
     WHERE tenant = $1 AND archive_id = $2`,
    [tenant, archiveId, days],
  );
}

/** Runs one batch of the sweep. */
export async function sweep(site: ActivitySite): Promise<SweepBatch> {
  return await site.run('sweepDue', TENANT);
}

export function bagOf({ store }: ActivitySite, key: ArchiveKey): string {
  return fileURLToPath(store.locationOf(key));
}

/** The last events in the ledger, the latest last. */
export async function lastEvents(
  { database }: ActivitySite,
  key: ArchiveKey,
  count: number,
): Promise<readonly LedgerEvent[]> {
  return (await ledgerEvents(database, key)).slice(-count);
}

/** What `repairCopy` does once a copy is found damaged: its three steps, in one run. */
export async function repair(site: ActivitySite, key: ArchiveKey, runId: string): Promise<string> {
  const run = { ...A_REPAIR, runId };
  const begun = await site.runWith(run, 'beginRepair', key);
  if (begun.outcome !== 'repair') return begun.outcome;
  const copy = await site.runWith(run, 'downloadArchive', key, begun.facts);
  await site.runWith(run, 'verifyCopy', key, begun.facts, copy);
  return begun.outcome;
}

/** Changes one bit: `at` is 0 for the first byte, 1 for the last. */
export async function flipBit(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const position = Math.floor(((await file.stat()).size - 1) * at);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0]! ^= 1;
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
