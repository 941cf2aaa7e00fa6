import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  age,
  begin,
  DAY_MS,
  fence,
  HOUR_MS,
  list,
  newConference,
  newKey,
  newTenant,
  queued,
  secure,
  tell,
  ledgerEvents,
} from './archives';

const QUIET_MS = 10 * 60_000;

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  let sibling: ArchiveKey;
  let conferenceId: ConferenceId;
  const by = 'alice';

  /** Two secured archives of one conference whose claims ended a while ago. */
  beforeEach(async () => {
    ledger = createLedger(database());
    key = newKey(newTenant());
    sibling = newKey(key.tenant);
    conferenceId = newConference();
    for (const [each, runId] of [
      [key, 'run-1'],
      [sibling, 'run-2'],
    ] as const) {
      await secure(ledger, each, { conferenceId }, runId);
      await ledger.endClaim(each, fence(5, { runId }), { reason: 'notSecured' });
      await age(database(), each, QUIET_MS);
    }
    await database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
  });

  const queue = (copyOnly = false) => ledger.queueAbandonable(key.tenant, { copyOnly, quietMs: QUIET_MS });
  const both = () => [key.archiveId, sibling.archiveId].sort();

  it('the ledger queues an abandon once, when all archives of the conference are secured', async () => {
    expect(await queue()).toBe(2);
    expect(await queued(database(), key.tenant)).toEqual(both());
    expect(await queue()).toBe(0);
    const rows = await ledger.lease({ tenants: [key.tenant], limit: 5, leaseMs: 0, leasedBy: 'me' });
    expect(rows.map(({ origin }) => origin)).toEqual(['retry', 'retry']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['one is held', () => ledger.writeOrder(sibling, { kind: 'hold', by })],
    ['one was given up', () => ledger.writeOrder(sibling, { kind: 'giveUp', by })],
    [
      'one copy is damaged',
      async () => ledger.recordRecheck((await ledger.find(sibling))!, { verdict: 'damaged', retryMs: 1 }),
    ],
    [
      'one has a warning that nobody accepted',
      () => database().query("UPDATE archives SET warning = 'ZipUnreadable' WHERE tenant = $1", [key.tenant]),
    ],
    [
      'another one is not secured',
      () => ledger.beginClaim(newKey(key.tenant), fence(1, { runId: 'x' }), begin({ conferenceId })),
    ],
    [
      'the conference of another one is unknown',
      () => list(ledger, key.tenant, [{ archiveId: newKey(key.tenant).archiveId, status: 'FAILED' }]),
    ],
  ])('the ledger queues no abandon if %s', async (_, arrange) => {
    await arrange();
    await database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
    expect(await queue()).toBe(0);
  });

  it('the ledger ignores archives that were told, and queues the rest of the conference', async () => {
    await ledger.writeOrder(sibling, { kind: 'hold', by });
    await tell(ledger, sibling);
    expect(await queue()).toBe(1);
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
  });

  it('the ledger queues nothing in copy-only mode until every archive has an abandon order', async () => {
    expect(await queue(true)).toBe(0);
    await ledger.orderAbandon(key.tenant, [key.archiveId], by);
    await database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
    expect(await queue(true)).toBe(0);
    await ledger.orderAbandon(key.tenant, [key.archiveId, sibling.archiveId], by);
    await database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
    expect(await queue(true)).toBe(2);
  });

  it('the ledger does not queue an archive whose claim is running or has just ended', async () => {
    const again = (each: ArchiveKey) =>
      ledger.beginClaim(each, fence(1, { runId: 'again' }), begin({ conferenceId }, Date.now() + 8 * DAY_MS));
    await again(key);
    await again(sibling);
    await ledger.endClaim(sibling, fence(5, { runId: 'again' }), { reason: 'notSecured' });
    expect(await queue()).toBe(0);
  });

  it('the ledger queues archives whose claims were terminated, after the same quiet time', async () => {
    await ledger.beginClaim(key, fence(1, { runId: 'again' }), begin({ conferenceId }));
    await age(database(), key, QUIET_MS);
    expect(await queue()).toBe(2);
  });

  it('the ledger does not queue an archive that needs a person until its deadline has passed', async () => {
    await ledger.beginClaim(key, fence(1, { runId: 'again' }), begin({ conferenceId }, Date.now() + HOUR_MS));
    await ledger.needAttention(key, fence(5, { runId: 'again' }), 'CredentialsRejected');
    await age(database(), key, QUIET_MS);
    expect(await queue()).toBe(1);
    await age(database(), key, HOUR_MS);
    expect(await queue()).toBe(1);
    expect(await queued(database(), key.tenant)).toEqual(both());
  });

  it('an abandon order is recorded once per secured archive, and queues those without a running claim', async () => {
    const unsecured = newKey(key.tenant);
    await ledger.beginClaim(unsecured, fence(1, { runId: 'run-3' }), begin({ conferenceId }));
    await ledger.beginClaim(sibling, fence(1, { runId: 'again' }), begin({ conferenceId }));
    const ids = [key, sibling, unsecured].map(({ archiveId }) => archiveId);
    expect(await ledger.orderAbandon(key.tenant, ids, by, 'checked')).toBe(2);
    expect(await ledger.find(key)).toMatchObject({ abandonWanted: { by, at: A_DATE } });
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
    expect(await ledger.orderAbandon(key.tenant, ids.toReversed(), 'bob')).toBe(0);
    const events = (await ledgerEvents(database(), key)).filter(({ type }) => type === 'policy assignment');
    expect(events.map(({ detail }) => detail)).toEqual([{ order: 'abandon', by, why: 'checked' }]);
  });
});
