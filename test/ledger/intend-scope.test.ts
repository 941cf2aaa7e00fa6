import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  begin,
  fence,
  intend,
  list,
  newConference,
  newKey,
  newTenant,
  readWholeList,
  tell,
} from './archives';
import { assign, flightsOf, listBesideAnother, twoSecured } from './two-secured';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  let sibling: ArchiveKey;
  let conferenceId: ConferenceId;
  let token: Fence;

  beforeEach(async () => {
    ledger = createLedger(database());
    ({ key, sibling, conferenceId, token } = await twoSecured(ledger));
  });

  const judge = (changes: Partial<Parameters<Ledger['intend']>[2]> = {}) =>
    intend(ledger, key, token, { conferenceId, ...changes });
  const flights = () => flightsOf(database(), key);
  const set = (of: ArchiveKey, assignment: string) => assign(database(), of, assignment);
  const shown = (status: string, changes: { conferenceId?: ConferenceId } = { conferenceId }) =>
    listBesideAnother(ledger, key, { status, ...changes });

  it('the judgement skips members that were told, and returns `told` for its own archive', async () => {
    await ledger.writeOrder(sibling, { kind: 'giveUp', by: 'alice' });
    await tell(ledger, sibling);
    expect(await judge()).toBe('intended');
    await tell(ledger, key);
    expect(await judge()).toBe('told');
  });

  it('the judgement ignores other conferences and other tenants', async () => {
    await ledger.beginClaim(newKey(key.tenant), fence(1, { runId: 'x' }), begin());
    await list(ledger, newTenant(), [{ archiveId: newKey().archiveId, status: 'AVAILABLE' }]);
    expect(await judge()).toBe('intended');
  });

  it('the judgement counts every conference that an archive was ever shown in', async () => {
    const moved = newKey(key.tenant);
    for (const conference of [conferenceId, newConference()]) {
      const listed = [{ archiveId: moved.archiveId, conferenceId: conference, status: 'PACKING' }];
      await list(ledger, key.tenant, [...listed, { archiveId: key.archiveId, status: 'AVAILABLE' }]);
    }
    expect(await judge()).toBe('notSecured');
  });

  it('the judgement waits in copy-only mode until every archive of the conference has an abandon order', async () => {
    expect(await ledger.orderAbandon(key.tenant, [key.archiveId], 'alice')).toBe(1);
    await readWholeList(ledger, key, sibling);
    expect(await judge({ copyOnly: true })).toBe('copyOnly');
    expect(await ledger.orderAbandon(key.tenant, [key.archiveId, sibling.archiveId], 'alice')).toBe(1);
    token = fence(4, { runId: 'run-2' });
    await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    await ledger.takeStep(key, (token = fence(4, { runId: 'run-2' })));
    expect(await judge({ copyOnly: true })).toBe('listTooOld');
    await readWholeList(ledger, key, sibling);
    expect(await judge({ copyOnly: true })).toBe('intended');
  });

  it.each([
    ['ZipUnreadable', 'acceptWithoutChecksum', 'acceptUnreadable'],
    ['ChecksumMissing', 'acceptUnreadable', 'acceptWithoutChecksum'],
  ] as const)('the judgement waits until a person accepts %s', async (warning, other, choice) => {
    await set(sibling, `warning = '${warning}'`);
    await ledger.writeOrder(sibling, { kind: other, by: 'alice' });
    expect(await judge()).toBe('warning');
    await ledger.writeOrder(sibling, { kind: choice, by: 'alice' });
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    await set(key, `run_id = 'run-2', ended_at = NULL, ended_reason = NULL`);
    await ledger.takeStep(key, (token = fence(4, { runId: 'run-2' })));
    expect(await judge()).toBe('intended');
  });

  it('the judgement asks for a check of every other member first, and does not end the claim for that', async () => {
    expect(await judge({ lookedAt: [] })).toBe('unseen');
    expect((await ledger.find(key))?.ended).toBeUndefined();
    expect(await flights()).toEqual([]);
    await ledger.writeOrder(sibling, { kind: 'hold', by: 'alice' });
    expect(await judge({ lookedAt: [] })).toBe('held');
  });

  it.each([
    ['fixity', 'a fixity check', (at: string) => set(sibling, `fixity_at = ${at}`)],
    [
      'listTooOld',
      'a list',
      (at: string) => database().query(`UPDATE lists SET begun_at = ${at} WHERE tenant = $1`, [key.tenant]),
    ],
  ])('the judgement asks for %s again if %s has a future date', async (verdict, _, date) => {
    await date("clock_timestamp() + interval '1 minute'");
    expect(await judge()).toBe(verdict);
  });

  it('the judgement looks at one archive, and needs no list, if the request addresses one archive', async () => {
    await ledger.writeOrder(sibling, { kind: 'hold', by: 'alice' });
    await database().query('DELETE FROM lists WHERE tenant = $1', [key.tenant]);
    expect(await intend(ledger, key, token)).toBe('intended');
    expect(await flights()).toMatchObject([{ members: [key.archiveId] }]);
    expect(await intend(ledger, key, token)).toBe('inFlight');
    expect((await ledger.look(key)).flightsOpen).toBe(1);
    expect((await ledger.look(sibling)).flightsOpen).toBe(0);
  });

  it.each(['looked_at', 'copy_only', 'lease', 'fresh', 'list_age'])(
    'the judgement treats a missing %s as unsafe',
    async (missing) => {
      if (missing === 'lease') await judge();
      const terms = [
        ['looked_at', '(SELECT array_agg(archive_id) FROM archives)'],
        ['copy_only', 'false'],
        ['lease', "interval '30 seconds'"],
        ['fresh', "interval '1 day'"],
        ['list_age', "interval '1 hour'"],
      ];
      const values = terms.map(([name, value]) => (name === missing ? 'NULL' : value)).join(', ');
      const [row] = await database().query(
        `SELECT intend(gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, 'w', ${values}) AS verdict`,
        [key.tenant, conferenceId, key.archiveId, token.at, token.runId, token.step, token.attempt],
      );
      expect(row?.['verdict']).toMatch(/^(unseen|copyOnly|inFlight|fixity|listTooOld)$/);
    },
  );

  it('the ledger returns the members of a conference as it knows them', async () => {
    await shown('AVAILABLE', {});
    await tell(ledger, sibling);
    const members = await ledger.members(key.tenant, conferenceId);
    expect(members).toHaveLength(2);
    expect(members.find(({ archiveId }) => archiveId === key.archiveId)).toMatchObject({
      conferenceIds: [conferenceId],
      securedAt: A_DATE,
      sizeBytes: 5_000_000_000,
      fixity: { ok: true, at: A_DATE },
    });
    const stranger = members.find(({ archiveId }) => archiveId !== key.archiveId);
    expect([stranger?.conferenceIds, stranger?.securedAt]).toEqual([[], undefined]);
  });
});
