import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../../src/domain/ids';
import type { Fence } from '../../../src/ledger/ledger';
import { openWorkshop, secure, TENANT, type Workshop } from '../workshop';
import { sweep } from './after-abandon';
import { NOTHING_DUE } from '../../workflows/script';

let workshop: Workshop;
beforeAll(async () => (workshop = await openWorkshop()));
afterAll(() => workshop.close());
beforeEach(async () => {
  await workshop.simulator.reset();
  const { database } = workshop;
  await database.query(
    'UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL, ended_at = NULL, ended_reason = NULL',
  );
  await database.query('DELETE FROM abandons');
  await database.query('DELETE FROM queue');
});

/** A secured archive for whose conference a request was authorised; nobody knows what became of it. */
async function inFlight(): Promise<{ readonly key: ArchiveKey; readonly flightId: string }> {
  const key = await workshop.archive();
  const { conferenceId } = await secure(workshop, key);
  const flightId = randomUUID();
  await workshop.lists.next(TENANT, new AbortController().signal);
  expect(await workshop.ledger.intend(key, await fenceOf(key), termsOf(flightId, conferenceId))).toBe(
    'intended',
  );
  return { key, flightId };
}

async function fenceOf(key: ArchiveKey): Promise<Fence> {
  const fence = { at: Date.now() + 1, runId: randomUUID(), step: 4, attempt: 1 };
  await workshop.ledger.takeStep(key, fence);
  return fence;
}

function termsOf(flightId: string, conferenceId: ConferenceId) {
  const times = { leaseMs: 1, fixityFreshMs: 86_400_000, listAgeMs: 3_600_000 };
  return { flightId, conferenceId, worker: 'w', lookedAt: [], copyOnly: false, ...times };
}

/** A day passes for a flight. */
function dayPasses(flightId: string): Promise<unknown> {
  return workshop.database.query("UPDATE abandons SET begun_at = begun_at - interval '1 day' WHERE id = $1", [
    flightId,
  ]);
}

async function outcomeOf(flightId: string): Promise<unknown> {
  const [row] = await workshop.database.query('SELECT outcome FROM abandons WHERE id = $1', [flightId]);
  return row?.['outcome'];
}

describe('a flight', () => {
  it('is left alone for a day, as its request may still take effect', async () => {
    const { flightId } = await inFlight();
    expect(await sweep(workshop)).toMatchObject({ settled: 0 });
    expect(await outcomeOf(flightId)).toBeNull();
  });

  it('is settled after a day by what the record shows: nothing was told', async () => {
    const { key, flightId } = await inFlight();
    await dayPasses(flightId);
    expect(await sweep(workshop)).toMatchObject({ settled: 1 });
    expect(await outcomeOf(flightId)).toBe('settled');
    expect(await workshop.ledger.find(key)).toMatchObject({ state: 'secured' });
  });

  it('is settled after a day by what the record shows: the platform was told, though nobody was there to see it', async () => {
    const { key, flightId } = await inFlight();
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await dayPasses(flightId);
    expect(await sweep(workshop)).toMatchObject({ settled: 1 });
    expect(await workshop.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      toldAt: expect.any(Date) as Date,
      fixityDueAt: expect.any(Date) as Date,
    });
  });

  it('stays open while a record cannot be read', async () => {
    const { flightId } = await inFlight();
    await dayPasses(flightId);
    await workshop.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    expect(await sweep(workshop)).toMatchObject({ settled: 0 });
    expect(await outcomeOf(flightId)).toBeNull();
    await workshop.simulator.clearFaults();
    expect(await sweep(workshop)).toMatchObject({ settled: 1 });
  });
});

describe('a flight of an archive that the platform forgot (404)', () => {
  it('is settled after a day; then nothing is confirmed to a person, and a deadline ends the claim', async () => {
    const { key, flightId } = await inFlight();
    await dayPasses(flightId);
    const { archiveId } = key;
    await workshop.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404, archiveId }]);
    expect(await sweep(workshop)).toMatchObject({ settled: 1 });
    expect(await workshop.run('giveOrder', key, { kind: 'giveUp', by: 'jane' })).toMatchObject({
      answer: 'undecided',
    });
    await workshop.ledger.writeOrder(key, { kind: 'claim', by: 'jane' });
    await workshop.ledger.writeOrder(key, { kind: 'deadline', by: 'temporal' });
    await sweep(workshop);
    expect(await workshop.ledger.find(key)).toMatchObject({
      state: 'failed',
      decided: { decision: 'deadline' },
    });
    await workshop.simulator.clearFaults();
  });
});

describe('an order that could not be decided', () => {
  it('is decided when no request may take effect any more', async () => {
    const { key, flightId } = await inFlight();
    const given = await workshop.run('giveOrder', key, { kind: 'giveUp', by: 'jane' });
    expect(given).toMatchObject({ answer: 'undecided' });
    await sweep(workshop);
    expect(await workshop.ledger.find(key)).toMatchObject({ state: 'secured' });
    await dayPasses(flightId);
    await sweep(workshop);
    expect(await workshop.ledger.find(key)).toMatchObject({
      state: 'failed',
      decided: { decision: 'giveUp' },
    });
  });

  it('came too late, if the platform was told by then', async () => {
    const { key, flightId } = await inFlight();
    await workshop.run('giveOrder', key, { kind: 'giveUp', by: 'jane' });
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await dayPasses(flightId);
    await sweep(workshop);
    expect(await workshop.ledger.find(key)).toMatchObject({ state: 'abandoned' });
  });
});

describe('a secured archive', () => {
  /** Its claim ended, long ago, since something kept it from the abandon. */
  async function waiting(): Promise<ArchiveKey> {
    const key = await workshop.archive();
    await secure(workshop, key);
    await workshop.database.query(
      `UPDATE archives SET ended_at = clock_timestamp() - interval '1 hour', ended_reason = 'copyOnly' WHERE archive_id = $1`,
      [key.archiveId],
    );
    return key;
  }

  it('is queued when nothing keeps it from the abandon any more, and once', async () => {
    const key = await waiting();
    expect(await sweep(workshop)).toEqual({ ...NOTHING_DUE, queued: 1 });
    expect(await sweep(workshop)).toEqual(NOTHING_DUE);
    const [row] = await workshop.database.query('SELECT archive_id, origin FROM queue');
    expect(row).toEqual({ archive_id: key.archiveId, origin: 'retry' });
  });

  it('is not queued while it is held, nor in copy-only mode', async () => {
    const [held, copied] = [await waiting(), await waiting()];
    await workshop.run('giveOrder', held, { kind: 'hold', by: 'jane' });
    const settings = { ...workshop.settings, abandon: false };
    expect(await workshop.runWith({ settings }, 'sweepDue', TENANT)).toEqual(NOTHING_DUE);
    await workshop.ledger.orderAbandon(TENANT, [copied.archiveId], 'jane');
    await workshop.database.query('DELETE FROM queue');
    expect(await workshop.runWith({ settings }, 'sweepDue', TENANT)).toEqual({ ...NOTHING_DUE, queued: 1 });
  });
});
