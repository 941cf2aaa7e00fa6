import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence } from '../../src/ledger/ledger';
import type { Database } from '../../src/ledger/postgres';
import { intend, readWholeList, tell } from './archives';
import { verifyChain } from './verify-chain';

/**
 * Expects that the first of a conference's secured archives can be held, released, judged and told, that a hold after that comes too
 * late, and that its chain of events is whole.
 */
export async function expectHeldAndTold(
  database: Database,
  keys: readonly [ArchiveKey, ...ArchiveKey[]],
  token: Fence,
  conferenceId: ConferenceId,
): Promise<void> {
  const ledger = createLedger(database);
  const [key] = keys;
  const order = (kind: 'hold' | 'release') => ledger.writeOrder(key, { kind, by: 'erika', id: randomUUID() });
  expect(await order('hold')).toMatchObject({ written: true, told: false });
  expect(await order('release')).toMatchObject({ written: true });
  await readWholeList(ledger, ...keys);
  expect(await intend(ledger, key, token, { conferenceId })).toBe('intended');
  await tell(ledger, key);
  expect(await order('hold')).toMatchObject({ written: false, told: true });
  expect(await verifyChain(database, key)).toMatchObject({ ok: true });
}
