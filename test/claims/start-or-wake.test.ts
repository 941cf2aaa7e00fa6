import { Client } from '@temporalio/client';
import { startOrWake, type StartOutcome } from '../../src/claims/start-or-wake';
import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import type { LeasedRow } from '../../src/ledger/sql/queue';
import { createClient } from '../../src/temporal/connect';
import { openWire } from '../gateway/wire';
import { completeClaims, DEADLINE_MS, key, startQueuedClaims, type QueuedClaims } from './queued-claims';

let claims: QueuedClaims;
beforeAll(async () => {
  claims = await startQueuedClaims();
});
afterAll(() => claims.close());

/** What the ledger knows of a claim that is under way. */
const UNDER_WAY = { state: 'downloading', underWay: true, settled: false, attention: false } as const;

function row(archiveId: string, about: Partial<LeasedRow> = {}): LeasedRow {
  return { ...key(archiveId), origin: 'hint', attempts: 1, ...about };
}

async function start(leased: LeasedRow, client = claims.client, timeoutMs = 5_000): Promise<StartOutcome> {
  return await startOrWake(client, leased, { deadlineMs: DEADLINE_MS, timeoutMs });
}

describe('an archive without a claim', () => {
  it('gets one that contains identifiers, its deadline, and nothing else', async () => {
    const before = Date.now();
    await expect(start(row('first'))).resolves.toBe('started');
    const handle = claims.handle(key('first'));
    const { type, taskQueue, typedSearchAttributes, memo } = await handle.describe();
    expect({ type, taskQueue, memo }).toEqual({
      type: CLAIM_ARCHIVE,
      taskQueue: TASK_QUEUES.claims,
      memo: {},
    });
    const attributes = typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]);
    const { ArchivistDeadline: deadline, ...others } = Object.fromEntries(attributes) as Record<
      string,
      unknown
    >;
    expect(others).toEqual({
      ArchivistTenant: 'acme',
      ArchivistArchiveId: 'first',
      ArchivistState: 'announced',
    });
    expect(Number(deadline)).toBeGreaterThanOrEqual(before + DEADLINE_MS);
    expect(Number(deadline)).toBeLessThan(before + DEADLINE_MS + 10_000);
    const { events } = await handle.fetchHistory();
    const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(JSON.parse(String(input?.data))).toEqual({
      tenant: 'acme',
      archiveId: 'first',
      deadlineMs: DEADLINE_MS,
    });
  });

  it('gets one even if many callers start it concurrently', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => start(row('many'))));
    expect(outcomes.sort()).toEqual([...Array<string>(19).fill('running'), 'started']);
    await expect(claims.signals(key('many'))).resolves.toBe(0);
  });

  it.each(['list', 'order', 'retry'] as const)('gets one if it was queued as %s, too', async (origin) => {
    await expect(start(row(`by-${origin}`, { origin }))).resolves.toBe('started');
    await expect(start(row(`by-${origin}`, { origin }))).resolves.toBe('running');
  });
});

describe('a claim that ended', () => {
  it('is started again if it failed', async () => {
    await start(row('failed'));
    await claims.handle(key('failed')).terminate();
    await expect(start(row('failed'))).resolves.toBe('started');
  });

  it('is not restarted by the first attempt of a hint if it completed, but by any other attempt', async () => {
    const own = await startQueuedClaims();
    const startOwn = (leased: LeasedRow) => start(leased, own.client);
    await startOwn(row('completed'));
    await completeClaims(own.temporal, 1);
    await expect(startOwn(row('completed'))).resolves.toBe('running');
    // The ledger has lost it: it was restored from a backup.
    await expect(startOwn(row('completed', { attempts: 2 }))).resolves.toBe('started');
    await completeClaims(own.temporal, 1);
    await expect(startOwn(row('completed', { origin: 'list' }))).resolves.toBe('started');
    await completeClaims(own.temporal, 1);
    const known = { ...UNDER_WAY, state: 'secured', underWay: false } as const;
    await expect(startOwn(row('completed', { known }))).resolves.toBe('started');
    await own.close();
  });
});

describe('a running claim', () => {
  it.each([
    ['waiting', { ...UNDER_WAY, state: 'waiting' }],
    ['in attention', { ...UNDER_WAY, attention: true }],
    ['in attention before it began', { ...UNDER_WAY, state: 'secured', underWay: false, attention: true }],
  ] as const)('is woken if it is %s', async (state, known) => {
    const archiveId = `wake-${state.replaceAll(' ', '-')}`;
    await start(row(archiveId));
    await expect(start(row(archiveId, { known }))).resolves.toBe('running');
    await expect(claims.signals(key(archiveId))).resolves.toBe(1);
  });

  it('is woken by an order even if the ledger does not know it, because it may be in attention already', async () => {
    await start(row('unknown'));
    await expect(start(row('unknown', { origin: 'order' }))).resolves.toBe('running');
    const listed = { ...UNDER_WAY, state: 'announced', underWay: false } as const;
    await expect(start(row('unknown', { origin: 'order', known: listed }))).resolves.toBe('running');
    await expect(claims.signals(key('unknown'))).resolves.toBe(2);
  });

  it.each(['announced', 'downloading', 'verifying', 'secured'] as const)(
    'is left alone in the state %s, because a wake-up would not help',
    async (state) => {
      await start(row(`leave-${state}`));
      const known = { ...UNDER_WAY, state };
      await expect(start(row(`leave-${state}`, { known }))).resolves.toBe('running');
      await expect(claims.signals(key(`leave-${state}`))).resolves.toBe(0);
    },
  );

  it('is woken, but never started, by an order if nothing is left to claim', async () => {
    const known = { ...UNDER_WAY, state: 'abandoned', underWay: false, settled: true } as const;
    await start(row('settled'));
    await expect(start(row('settled', { known }))).resolves.toBe('dropped');
    await expect(claims.signals(key('settled'))).resolves.toBe(0);
    await expect(start(row('settled', { origin: 'order', known }))).resolves.toBe('dropped');
    await expect(claims.signals(key('settled'))).resolves.toBe(1);
    await claims.handle(key('settled')).terminate();
    await expect(start(row('settled', { origin: 'order', known }))).resolves.toBe('dropped');
    await expect(claims.handle(key('settled')).describe()).resolves.toMatchObject({
      status: { name: 'TERMINATED' },
    });
  });

  it('is started again if it runs in the ledger but not in Temporal', async () => {
    await start(row('lost'));
    await claims.handle(key('lost')).terminate();
    await expect(start(row('lost', { known: { ...UNDER_WAY, state: 'waiting' } }))).resolves.toBe('started');
    await expect(claims.signals(key('lost'))).resolves.toBe(0);
  });
});

describe('a Temporal that does not accept the start', () => {
  it('counts as silent after its timeout, whether or not it received the request', async () => {
    const wire = await openWire(Number(claims.temporal.address.split(':')[1]));
    const client = createClient({
      connectionOptions: { address: `127.0.0.1:${wire.port}` },
      namespace: claims.temporal.namespace,
    });
    await start(row('connected'), client);
    wire.hold();
    const began = Date.now();
    await expect(start(row('unheard'), client, 700)).resolves.toBe('silent');
    expect(Date.now() - began).toBeLessThan(1_500);
    await wire.cut();
    await expect(start(row('unreachable'), client, 700)).resolves.toBe('silent');
    await wire.mend();
    // The first was heard: it runs, and is not started twice.
    await expect(start(row('unheard', { attempts: 2 }), client)).resolves.toBe('running');
    await expect(start(row('unreachable'), client)).resolves.toBe('started');
    await client.connection.close();
    await wire.close();
  });

  it('refuses with a code if the namespace does not exist', async () => {
    const codes: unknown[] = [];
    const client = new Client({ connection: claims.temporal.client.connection, namespace: 'nowhere' });
    const outcome = await startOrWake(client, row('nowhere'), {
      deadlineMs: DEADLINE_MS,
      timeoutMs: 5_000,
      onFailure: (code) => codes.push(code),
    });
    expect({ outcome, codes }).toEqual({ outcome: 'refused', codes: ['NamespaceNotFoundError'] });
  });
});
