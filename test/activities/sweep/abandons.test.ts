import { randomUUID } from 'node:crypto';
import type { ArchiveKey, ConferenceId } from '../../../src/domain/ids';
import type { Fence } from '../../../src/ledger/ledger';
import { openActivitySite, secure, TENANT, type ActivitySite } from '../activity-site';
import { sweep } from './after-abandon';
import { NOTHING_DUE } from '../../workflows/script';

let site: ActivitySite;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(async () => {
  await site.simulator.reset();
  const { database } = site;
  await database.query(
    'UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL, ended_at = NULL, ended_reason = NULL',
  );
  await database.query('DELETE FROM abandons');
  await database.query('DELETE FROM queue');
});

/** A secured archive for whose conference a request was authorised; nobody knows what became of it. */
async function inFlight(): Promise<{ readonly key: ArchiveKey; readonly flightId: string }> {
  const key = await site.archive();
  const { conferenceId } = await secure(site, key);
  const flightId = randomUUID();
  await site.lists.next(TENANT, new AbortController().signal);
  expect(await site.ledger.intend(key, await fenceOf(key), termsOf(flightId, conferenceId))).toBe('intended');
  return { key, flightId };
}

async function fenceOf(key: ArchiveKey): Promise<Fence> {
  const fence = { at: Date.now() + 1, runId: randomUUID(), step: 4, attempt: 1 };
  await site.ledger.takeStep(key, fence);
  return fence;
}

function termsOf(flightId: string, conferenceId: ConferenceId) {
  const times = { leaseMs: 1, fixityFreshMs: 86_400_000, listAgeMs: 3_600_000 };
  return { flightId, conferenceId, worker: 'w', lookedAt: [], copyOnly: false, ...times };
}

/** A day passes for a flight. */
function dayPasses(flightId: string): Promise<unknown> {
  return site.database.query("UPDATE abandons SET begun_at = begun_at - interval '1 day' WHERE id = $1", [
    flightId,
  ]);
}

async function outcomeOf(flightId: string): Promise<unknown> {
  const [row] = await site.database.query('SELECT outcome FROM abandons WHERE id = $1', [flightId]);
  return row?.['outcome'];
}

describe('an open flight', () => {
  it('is left alone for a day, because its request may still take effect', async () => {
    const { flightId } = await inFlight();
    expect(await sweep(site)).toMatchObject({ settled: 0 });
    expect(await outcomeOf(flightId)).toBeNull();
  });

  it('is settled after a day if the records show that the platform was not told', async () => {
    const { key, flightId } = await inFlight();
    await dayPasses(flightId);
    expect(await sweep(site)).toMatchObject({ settled: 1 });
    expect(await outcomeOf(flightId)).toBe('settled');
    expect(await site.ledger.find(key)).toMatchObject({ state: 'secured' });
  });

  it('is settled after a day if the records show that the platform was told, though no process saw it', async () => {
    const { key, flightId } = await inFlight();
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await dayPasses(flightId);
    expect(await sweep(site)).toMatchObject({ settled: 1 });
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      toldAt: expect.any(Date) as Date,
      fixityDueAt: expect.any(Date) as Date,
    });
  });

  it('stays open while a record cannot be read', async () => {
    const { flightId } = await inFlight();
    await dayPasses(flightId);
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    expect(await sweep(site)).toMatchObject({ settled: 0 });
    expect(await outcomeOf(flightId)).toBeNull();
    await site.simulator.clearFaults();
    expect(await sweep(site)).toMatchObject({ settled: 1 });
  });
});

describe('a flight of an archive that the platform no longer knows (404)', () => {
  it('is settled after a day; then no order is confirmed, and a deadline ends the claim', async () => {
    const { key, flightId } = await inFlight();
    await dayPasses(flightId);
    const { archiveId } = key;
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404, archiveId }]);
    expect(await sweep(site)).toMatchObject({ settled: 1 });
    expect(await site.run('giveOrder', key, { kind: 'giveUp', by: 'jane' })).toMatchObject({
      answer: 'undecided',
    });
    await site.ledger.writeOrder(key, { kind: 'claim', by: 'jane' });
    await site.ledger.writeOrder(key, { kind: 'deadline', by: 'temporal' });
    await sweep(site);
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'failed',
      decided: { decision: 'deadline' },
    });
    await site.simulator.clearFaults();
  });
});

describe('an undecided order', () => {
  it('is decided when no request can take effect any more', async () => {
    const { key, flightId } = await inFlight();
    const given = await site.run('giveOrder', key, { kind: 'giveUp', by: 'jane' });
    expect(given).toMatchObject({ answer: 'undecided' });
    await sweep(site);
    expect(await site.ledger.find(key)).toMatchObject({ state: 'secured' });
    await dayPasses(flightId);
    await sweep(site);
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'failed',
      decided: { decision: 'giveUp' },
    });
  });

  it('is too late if the platform was told by then', async () => {
    const { key, flightId } = await inFlight();
    await site.run('giveOrder', key, { kind: 'giveUp', by: 'jane' });
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await dayPasses(flightId);
    await sweep(site);
    expect(await site.ledger.find(key)).toMatchObject({ state: 'abandoned' });
  });
});

describe('a secured archive', () => {
  /** Its claim ended, long ago, since something kept it from the abandon. */
  async function waiting(): Promise<ArchiveKey> {
    const key = await site.archive();
    await secure(site, key);
    await site.database.query(
      `UPDATE archives SET ended_at = clock_timestamp() - interval '1 hour', ended_reason = 'copyOnly' WHERE archive_id = $1`,
      [key.archiveId],
    );
    return key;
  }

  it('is queued once when nothing blocks its abandon any more', async () => {
    const key = await waiting();
    expect(await sweep(site)).toEqual({ ...NOTHING_DUE, queued: 1 });
    expect(await sweep(site)).toEqual(NOTHING_DUE);
    const [row] = await site.database.query('SELECT archive_id, origin FROM queue');
    expect(row).toEqual({ archive_id: key.archiveId, origin: 'retry' });
  });

  it('is not queued while it is held, nor in copy-only mode', async () => {
    const [held, copied] = [await waiting(), await waiting()];
    await site.run('giveOrder', held, { kind: 'hold', by: 'jane' });
    const settings = { ...site.settings, abandon: false };
    expect(await site.runWith({ settings }, 'sweepDue', TENANT)).toEqual(NOTHING_DUE);
    await site.ledger.orderAbandon(TENANT, [copied.archiveId], 'jane');
    await site.database.query('DELETE FROM queue');
    expect(await site.runWith({ settings }, 'sweepDue', TENANT)).toEqual({ ...NOTHING_DUE, queued: 1 });
  });
});
