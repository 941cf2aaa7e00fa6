import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  begin,
  enqueue,
  fence,
  intend,
  list,
  newConference,
  newKey,
  newTenant,
  queued,
  readWholeList,
  secure,
  securedArchive,
  SHA256,
} from './archives';
import { whileOpen } from './while-open';

withDatabase((database) => {
  let ledger: Ledger;
  let waiter: ArchiveKey;
  let last: ArchiveKey;
  let conferenceId: ConferenceId;
  let waiterToken: Fence;
  let lastToken: Fence;

  /** One archive of a conference is secured, the last one is about to be. */
  beforeEach(async () => {
    ledger = createLedger(database());
    waiter = newKey(newTenant());
    last = newKey(waiter.tenant);
    conferenceId = newConference();
    await ledger.beginClaim(last, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    lastToken = fence(3, { runId: 'run-2' });
    await ledger.takeStep(last, lastToken, 'verifying');
    waiterToken = await secure(ledger, waiter, { conferenceId }, 'run-1');
  });

  const judge = () => intend(ledger, waiter, waiterToken, { conferenceId });
  const secureLast = () => ledger.secureCopy(last, lastToken, securedArchive({ conferenceId }));
  const isWoken = async () => (await queued(database(), waiter.tenant)).includes(waiter.archiveId);

  const INTEND =
    "SELECT intend($1::uuid, $2, $3, $4, $5, $6, $7, $8, 'w', ARRAY[$9], false, '30 s', '1 d', '1 h') AS verdict";
  const intention = () => {
    const { at, runId, step, attempt } = waiterToken;
    const [{ tenant, archiveId }, members] = [waiter, last.archiveId];
    return [randomUUID(), tenant, conferenceId, archiveId, at, runId, step, attempt, members];
  };
  const SECURE = "SELECT secure_copy($1, $2, $3, $4, $5, $6, $7, $8, 5, 'file:x', NULL)";
  const securing = () => {
    const { at, runId, step, attempt } = lastToken;
    return [last.tenant, last.archiveId, at, runId, step, attempt, conferenceId, SHA256];
  };

  it('the last archive of a conference that is secured wakes the others', async () => {
    expect(await judge()).toBe('notSecured');
    expect(await isWoken()).toBe(false);
    await secureLast();
    expect(await isWoken()).toBe(true);
  });

  it.each<[string, object, ('giveUp' | 'hold')[]]>([
    ['has become known', { conferenceId: newConference() }, []],
    ['has become known, whatever was ordered', { conferenceId: newConference() }, ['giveUp', 'hold']],
    ['no longer matters, since it was abandoned', { status: 'ABANDONED' }, []],
  ])('the last archive whose conference %s wakes the others', async (_, shown, orders) => {
    const [one, other] = [newKey(waiter.tenant), newKey(waiter.tenant)];
    const show = (key: ArchiveKey, as: object) =>
      list(ledger, waiter.tenant, [{ archiveId: key.archiveId, status: 'AVAILABLE', ...as }]);
    await secureLast();
    for (const key of [one, other]) await show(key, {});
    for (const kind of orders) await ledger.writeOrder(one, { kind, by: 'alice' });
    expect(await judge()).toBe('conferenceUnknown');
    await show(one, shown);
    expect(await isWoken()).toBe(false);
    await show(other, shown);
    expect(await isWoken()).toBe(true);
  });

  it('no wake-up is lost if the last archive is secured while a refusing judgement is being written', async () => {
    const secured = await whileOpen(
      database(),
      async ({ query }) => expect(await query(INTEND, intention())).toEqual([{ verdict: 'notSecured' }]),
      secureLast,
    );
    expect(secured).toBe('secured');
    expect(await isWoken()).toBe(true);
  });

  it('no wake-up is needed if the judgement waited for the securing, because it sees the secured copy', async () => {
    await readWholeList(ledger, waiter, last);
    const verdict = await whileOpen(database(), ({ query }) => query(SECURE, securing()), judge);
    expect(verdict).toBe('listTooOld');
    expect((await ledger.find(waiter))?.ended).toBeUndefined();
  });

  it('no interleaving of concurrent judgements and securings loses a wake-up', async () => {
    for (let round = 0; round < 30; round++) {
      const conference = newConference();
      const keys = Array.from({ length: 3 }, () => newKey(waiter.tenant));
      const outcomes = await Promise.all(
        keys.map(async (key) => {
          const token = await secure(ledger, key, { conferenceId: conference });
          return await intend(ledger, key, token, { conferenceId: conference });
        }),
      );
      const woken = await queued(database(), waiter.tenant);
      for (const [index, key] of keys.entries()) {
        if (outcomes[index] === 'notSecured')
          expect([round, woken]).toEqual([round, expect.arrayContaining([key.archiveId])]);
        // One may have joined after the members were read.
        else expect(['listTooOld', 'unseen']).toContain(outcomes[index]);
      }
    }
  });

  it.each(['before', 'during'] as const)(
    'a release wakes the waiting archives, also those of other claims: %s',
    async (moment) => {
      await secureLast();
      await readWholeList(ledger, waiter, last);
      await ledger.writeOrder(last, { kind: 'hold', by: 'alice' });
      const release = () => ledger.writeOrder(last, { kind: 'release', by: 'alice' });
      if (moment === 'before') {
        expect(await judge()).toBe('held');
        await release();
      } else {
        const held = async ({
          query,
        }: {
          query: (text: string, parameters: unknown[]) => Promise<unknown>;
        }) => expect(await query(INTEND, intention())).toEqual([{ verdict: 'held' }]);
        await whileOpen(database(), held, release);
      }
      expect(await isWoken()).toBe(true);
    },
  );

  it('an archive that is held, decided or told is not woken', async () => {
    expect(await judge()).toBe('notSecured');
    await ledger.writeOrder(waiter, { kind: 'hold', by: 'alice' });
    await secureLast();
    expect(await isWoken()).toBe(false);
  });

  it('a wake-up survives a drainer that leased the row before, and a poll that is fenced off', async () => {
    const stale = fence(1, { runId: 'run-1' });
    await enqueue(database(), [waiter], 'retry');
    const leased = await ledger.lease({
      tenants: [waiter.tenant],
      limit: 10,
      leaseMs: 60_000,
      leasedBy: 'me',
    });
    expect(leased).toMatchObject([{ known: { underWay: true } }]);
    await ledger.takeStep(waiter, (waiterToken = fence(4, { runId: 'run-1', attempt: 2 })));
    expect(await judge()).toBe('notSecured');
    await secureLast();
    await ledger.dequeue(leased, 'me');
    expect((await ledger.beginClaim(waiter, stale, begin({ conferenceId }))).verdict).toBe('fenced');
    expect(await isWoken()).toBe(true);
  });

  it('a member that joins the conference while the judgement is being written sees its flight', async () => {
    await secureLast();
    await readWholeList(ledger, waiter, last);
    const joins = newKey(waiter.tenant);
    const begun = await whileOpen(
      database(),
      async ({ query }) => expect(await query(INTEND, intention())).toEqual([{ verdict: 'intended' }]),
      () => ledger.beginClaim(joins, fence(1, { runId: 'run-3' }), begin({ conferenceId })),
    );
    expect(begun.verdict).toBe('taken');
    // It is not a member of that flight, and says so to whoever asks about it.
    expect(await ledger.look(joins)).toMatchObject({ flightsOpen: 1 });
  });

  it('a judgement sees a member that joins while it waits', async () => {
    await secureLast();
    await readWholeList(ledger, waiter, last);
    const joins = newKey(waiter.tenant);
    const verdict = await whileOpen(
      database(),
      async ({ query }) => {
        await query('SELECT pg_advisory_xact_lock_shared(members_key($1))', [waiter.tenant]);
        await query("SELECT note_shown($1, $2, $3, 'AVAILABLE', true, '1 d', '1 d')", [
          joins.tenant,
          joins.archiveId,
          conferenceId,
        ]);
      },
      judge,
    );
    expect(verdict).toBe('notSecured');
  });
});
