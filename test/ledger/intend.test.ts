import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  age,
  begin,
  DAY_MS,
  EXPIRY,
  fence,
  intend,
  list,
  newConference,
  newKey,
  readWholeList,
} from './archives';
import { assign, flightsOf, listBesideAnother, SIBLING_RUN, twoSecured } from './two-secured';

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

  it('an abandon is allowed if every archive of the conference is safe, and opens one flight for all', async () => {
    expect(await judge()).toBe('intended');
    expect(await flights()).toEqual([
      { conference_id: conferenceId, members: [key.archiveId, sibling.archiveId].sort(), over_at: null },
    ]);
    expect((await ledger.find(key))?.ended).toBeUndefined();
  });

  it.each<[string, string, () => Promise<unknown>]>([
    [
      'notSecured',
      'another archive is being claimed',
      () => ledger.beginClaim(newKey(key.tenant), fence(1, { runId: 'x' }), begin({ conferenceId })),
    ],
    ['notSecured', 'a list shows another archive that FAILED', () => shown('FAILED')],
    ['notSecured', 'a list shows another archive whose status nobody knows', () => shown('ARCHIVED')],
    [
      'notSecured',
      'another copy failed its fixity check after a good one',
      async () => {
        const seen = (await ledger.find(sibling))?.fixity?.at;
        expect(await ledger.noteMemberFixity(sibling, { verdict: 'damaged', seen: seen! })).toBe(true);
      },
    ],
    [
      'notSecured',
      'the own copy failed its fixity check',
      async () => {
        await ledger.recordRecheck((await ledger.find(key))!, { verdict: 'missing', retryMs: 1 });
      },
    ],
    ['conferenceUnknown', 'an archive is listed without its conference', () => shown('AVAILABLE', {})],
    [
      'conferenceUnknown',
      'the request is for a conference that the archive was never shown in',
      () => {
        conferenceId = newConference();
        return Promise.resolve();
      },
    ],
    ['held', 'it is held', () => ledger.writeOrder(key, { kind: 'hold', by: 'alice' })],
    ['held', 'another archive is held', () => ledger.writeOrder(sibling, { kind: 'hold', by: 'alice' })],
    ['decided', 'it was cancelled', () => ledger.writeOrder(key, { kind: 'cancel', by: 'alice' })],
    [
      'decided',
      'another archive was given up',
      () => ledger.writeOrder(sibling, { kind: 'giveUp', by: 'alice' }),
    ],
    [
      'decided',
      'the deadline of another one passed, and it failed',
      async () => {
        await ledger.writeOrder(sibling, { kind: 'deadline', by: 'deadline' });
        await ledger.conclude(sibling, 'DeadlineExceeded');
      },
    ],
  ])('an abandon is refused as %s if %s, and ends the claim', async (verdict, _, arrange) => {
    await arrange();
    await list(ledger, key.tenant, [{ archiveId: key.archiveId, status: 'AVAILABLE' }]);
    expect(await judge()).toBe(verdict);
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', ended: { reason: verdict } });
    expect(await flights()).toEqual([]);
    expect(await judge()).toBe('fenced');
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'an hour old',
      async () => {
        await database().query("UPDATE lists SET begun_at = begun_at - interval '1 hour' WHERE tenant = $1", [
          key.tenant,
        ]);
      },
    ],
    [
      'older than the last securing',
      async () => {
        await ledger.endClaim(sibling, fence(5, { runId: SIBLING_RUN }), { reason: 'x' });
        await set(sibling, 'secured_at = clock_timestamp()');
      },
    ],
    [
      'older than a release',
      async () => {
        await ledger.writeOrder(sibling, { kind: 'hold', by: 'alice' });
        await ledger.writeOrder(sibling, { kind: 'release', by: 'alice' });
      },
    ],
    [
      'not whole',
      async () => {
        await database().query('UPDATE lists SET whole = false WHERE tenant = $1', [key.tenant]);
      },
    ],
    [
      'one that leaves the archive out',
      () => list(ledger, key.tenant, []).then(() => set(key, 'listed_in = listed_in - 1')),
    ],
  ])('an abandon needs another list if the last one is %s', async (_, arrange) => {
    await arrange();
    expect(await judge()).toBe('listTooOld');
    await readWholeList(ledger, key, sibling);
    expect(await judge()).toBe('intended');
  });

  it('an abandon relies on the previous list while a new one is read, but not after an incomplete one', async () => {
    const reading = await ledger.beginList(key.tenant, 'reader', 60_000, true);
    const shownAgain = [{ archiveId: key.archiveId, status: 'AVAILABLE' }];
    await ledger.noteListed(key.tenant, reading!, shownAgain, EXPIRY);
    await ledger.noteListed(key.tenant, reading!, shownAgain, EXPIRY);
    const flightId = randomUUID();
    expect(await judge({ flightId })).toBe('intended');
    await ledger.endFlight(flightId, 'unsent');
    await ledger.endList(reading!, false, { factor: 0, longestMs: 0 });
    expect(await judge()).toBe('listTooOld');
    // Nor while the next one is being read.
    const next = await ledger.beginList(key.tenant, 'reader', 60_000, true);
    await ledger.noteListed(key.tenant, next!, shownAgain, EXPIRY);
    expect(await judge()).toBe('listTooOld');
    await ledger.endList(next!, true, { factor: 0, longestMs: 0 });
    expect(await judge()).toBe('intended');
  });

  it('an abandon needs another fixity check of a copy whose last check is a day old', async () => {
    await age(database(), sibling, DAY_MS);
    expect(await judge()).toBe('fixity');
    const seen = (await ledger.find(sibling))!.fixity!.at;
    expect(await ledger.noteMemberFixity(sibling, { verdict: 'whole', seen })).toBe(true);
    expect(await ledger.noteMemberFixity(sibling, { verdict: 'damaged', seen })).toBe(false);
    expect(await judge()).toBe('intended');
  });

  it('an abandon waits for a young flight of its conference, but not for an old or finished one', async () => {
    const flightId = randomUUID();
    expect(await judge({ flightId })).toBe('intended');
    expect(await judge()).toBe('inFlight');
    expect(await judge({ leaseMs: 0 })).toBe('intended');
    await ledger.endFlight(flightId, 'unsent');
    await database().query("UPDATE abandons SET begun_at = begun_at - interval '1 hour' WHERE tenant = $1", [
      key.tenant,
    ]);
    expect(await judge()).toBe('intended');
  });
});
