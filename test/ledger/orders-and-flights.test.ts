import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { begin, DAY_MS, fence, intend, list, newConference, newKey, secure, tell } from './archives';
import { twoSecured } from './two-secured';
import { whileOpen } from './while-open';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  let sibling: ArchiveKey;
  let conferenceId: ConferenceId;
  let token: Fence;
  const by = 'alice';
  beforeEach(async () => {
    ledger = createLedger(database());
    ({ key, sibling, conferenceId, token } = await twoSecured(ledger));
  });

  async function fly(): Promise<string> {
    const flightId = randomUUID();
    expect(await intend(ledger, key, token, { conferenceId, flightId })).toBe('intended');
    return flightId;
  }

  const INTEND =
    "SELECT intend($1::uuid, $2, $3, $4, $5, $6, $7, $8, 'w', ARRAY[$9], false, '30 s', '1 d', '1 h') AS verdict";
  const intention = () => {
    const { at, runId, step, attempt } = token;
    return [
      randomUUID(),
      key.tenant,
      conferenceId,
      key.archiveId,
      at,
      runId,
      step,
      attempt,
      sibling.archiveId,
    ];
  };

  it.each(['hold', 'giveUp', 'cancel', 'deadline'] as const)(
    'the order %s sees the flight whose lock it waited for',
    async (kind) => {
      const look = await whileOpen(
        database(),
        async ({ query }) => expect(await query(INTEND, intention())).toEqual([{ verdict: 'intended' }]),
        () => ledger.writeOrder(sibling, { kind, by }),
      );
      expect(look).toMatchObject({ written: true, told: false, flightsOpen: 1, flightsEver: 1 });
    },
  );

  it('a judgement sees the order whose lock it waited for, and opens no flight', async () => {
    const verdict = await whileOpen(
      database(),
      ({ query }) =>
        query('SELECT order_hold($1, $2, $3, NULL, NULL, NULL, NULL)', [key.tenant, sibling.archiveId, by]),
      () => intend(ledger, key, token, { conferenceId }),
    );
    expect(verdict).toBe('held');
    expect(await ledger.look(sibling)).toMatchObject({
      flightsOpen: 0,
      flightsEver: 0,
      entry: { held: { by } },
    });
  });

  it('concurrent orders and judgements never lead to a confirmed order that a flight contradicts', async () => {
    const [verdict, ...looks] = await Promise.all([
      intend(ledger, key, token, { conferenceId }),
      ledger.writeOrder(sibling, { kind: 'hold', by }),
      ledger.writeOrder(key, { kind: 'giveUp', by }),
    ]);
    const seen = looks.map(({ flightsOpen }) => flightsOpen);
    expect(verdict === 'intended' ? seen : ['held', 'decided'].includes(verdict)).toEqual(
      verdict === 'intended' ? [1, 1] : true,
    );
  });

  it('the ledger finds flights by member and by each conference, whichever claim opened them', async () => {
    await fly();
    const joined = newKey(key.tenant);
    const moved = newKey(key.tenant);
    const stranger = newKey(key.tenant);
    const shown = [
      [joined, conferenceId],
      [moved, conferenceId],
      [moved, newConference()],
      [stranger, newConference()],
    ] as const;
    for (const [{ archiveId }, conference] of shown) {
      await list(ledger, key.tenant, [{ archiveId, conferenceId: conference, status: 'AVAILABLE' }]);
    }
    const open = async (each: ArchiveKey) => (await ledger.look(each)).flightsOpen;
    expect([await open(sibling), await open(joined), await open(moved), await open(stranger)]).toEqual([
      1, 1, 1, 0,
    ]);
  });

  it('every flight of the tenant counts for an archive whose conference is unknown', async () => {
    await fly();
    const unknown = newKey(key.tenant);
    await list(ledger, key.tenant, [{ archiveId: unknown.archiveId, status: 'AVAILABLE' }]);
    expect(await ledger.writeOrder(unknown, { kind: 'hold', by })).toMatchObject({
      flightsOpen: 1,
      flightsEver: 1,
    });
    const look = await ledger.noteShown(unknown, {
      status: 'AVAILABLE',
      conferenceId: newConference(),
    });
    expect(look).toMatchObject({ written: false, flightsOpen: 0, flightsEver: 0, entry: { held: { by } } });
  });

  it('the ledger finds the flights of another conference once a record has shown that conference', async () => {
    await fly();
    const stranger = newKey(key.tenant);
    await ledger.writeOrder(stranger, { kind: 'giveUp', by }, begin().record);
    expect(await ledger.look(stranger)).toMatchObject({ flightsOpen: 0 });
    expect(await ledger.noteShown(stranger, { status: 'AVAILABLE', conferenceId })).toMatchObject({
      flightsOpen: 1,
    });
  });

  it('the ledger concludes no order while a flight is open, nor for an archive that was told', async () => {
    const flightId = await fly();
    await ledger.writeOrder(key, { kind: 'cancel', by });
    expect(await ledger.conclude(key, 'Cancelled')).toMatchObject({
      flightsOpen: 1,
      entry: { state: 'secured' },
    });
    expect(await ledger.undecided(key.tenant, 10)).toEqual([]);
    await ledger.endFlight(flightId, 'refused');
    expect(await ledger.undecided(key.tenant, 10)).toEqual([key]);
    await tell(ledger, key);
    expect(await ledger.conclude(key, 'Cancelled')).toMatchObject({
      told: true,
      entry: { state: 'abandoned' },
    });
    expect(await ledger.undecided(key.tenant, 10)).toEqual([]);
  });

  it('the ledger concludes an order once the flight is over, and remembers the flight', async () => {
    const flightId = await fly();
    await ledger.writeOrder(key, { kind: 'giveUp', by });
    await ledger.endFlight(flightId, 'unsent');
    expect(await ledger.conclude(key, 'GivenUp')).toMatchObject({
      flightsOpen: 0,
      flightsEver: 1,
      entry: { state: 'failed' },
    });
  });

  it('the ledger keeps the first outcome of a flight', async () => {
    const flightId = await fly();
    await ledger.endFlight(flightId, 'refused');
    await ledger.endFlight(flightId, 'settled');
    const rows = await database().query('SELECT outcome FROM abandons WHERE id = $1', [flightId]);
    expect(rows).toEqual([{ outcome: 'refused' }]);
  });

  it('the ledger returns flights old enough to settle, with all untold archives that they may reach', async () => {
    const flightId = await fly();
    const [joined, unknown] = [newKey(key.tenant), newKey(key.tenant)];
    await list(ledger, key.tenant, [
      { archiveId: joined.archiveId, conferenceId, status: 'AVAILABLE' },
      { archiveId: unknown.archiveId, status: 'AVAILABLE' },
    ]);
    await secure(ledger, newKey(key.tenant));
    expect(await ledger.flightsToSettle(key.tenant, DAY_MS, 10)).toEqual([]);
    await database().query("UPDATE abandons SET begun_at = begun_at - interval '1 day' WHERE id = $1", [
      flightId,
    ]);
    await tell(ledger, sibling);
    const [flight] = await ledger.flightsToSettle(key.tenant, DAY_MS, 10);
    const ids = (keys: readonly ArchiveKey[]) => keys.map(({ archiveId }) => archiveId).sort();
    expect(ids(flight?.untold ?? [])).toEqual(ids([key, joined, unknown]));
    await ledger.endFlight(flightId, 'settled');
    expect(await ledger.flightsToSettle(key.tenant, DAY_MS, 10)).toEqual([]);
  });

  it('no attempt of a claim continues once its end is concluded', async () => {
    await ledger.writeOrder(key, { kind: 'giveUp', by });
    await ledger.conclude(key, 'GivenUp');
    expect(await ledger.takeStep(key, fence(4, { runId: 'run-1' }))).toMatchObject({
      verdict: 'fenced',
      entry: { decided: { decision: 'giveUp' }, ended: { reason: 'GivenUp' } },
    });
  });
});
