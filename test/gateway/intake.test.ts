import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import { claimWorkflowId, parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { createClaimStarter } from '../../src/gateway/claim-starter';
import { createInbox } from '../../src/gateway/inbox';
import { createIntake } from '../../src/gateway/intake/intake';
import { createMetrics } from '../../src/gateway/metrics';
import { startGateway, type GatewayServer } from '../../src/gateway/server';
import { TEMPO } from '../../src/gateway/tempo';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { startTemporal } from '../support/temporal';
import { openDatabase } from '../support/postgres';
import { gatewayConfig, notification, PATH, post } from './gateway';

const log = pino({ level: 'silent' });

/** The gateway with a real Temporal and a real ledger. No worker runs: what was started waits. */
let temporal: DevServer;
let client: Client;
let ledger: Ledger;
let gateway: GatewayServer;

beforeAll(async () => {
  const [server, database] = await Promise.all([startTemporal(), openDatabase()]);
  temporal = server;
  client = new Client({ connection: Connection.lazy({ address: temporal.address }) });
  ledger = createLedger(database);
  const config = gatewayConfig(undefined, { gateway: { host: '127.0.0.1', port: 0 } });
  gateway = await startGateway({ config, client, ledger, metrics: createMetrics(), log });
});

afterAll(async () => {
  await gateway.close();
  await ledger.close();
  await client.connection.close();
  await temporal.close();
});

function key(archiveId: string): ArchiveKey {
  return { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId(archiveId) };
}

async function announce(archiveId: string): Promise<unknown> {
  const answer = await post(gateway.url + PATH, notification(archiveId));
  return { code: answer.status, ...((await answer.json()) as object) };
}

async function eventsOf(archiveId: string) {
  const { events } = await client.workflow.getHandle(claimWorkflowId(key(archiveId))).fetchHistory();
  return events ?? [];
}

async function signalsOf(archiveId: string): Promise<(string | null | undefined)[]> {
  const events = await eventsOf(archiveId);
  return events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal ? [signal.signalName] : [],
  );
}

describe('a notification', () => {
  it('starts the claim of its archive, with identifiers and nothing else', async () => {
    await expect(announce('first')).resolves.toEqual({ code: 202, status: 'accepted' });
    const handle = client.workflow.getHandle('claim:mycompany:first');
    const { type, taskQueue, typedSearchAttributes, memo } = await handle.describe();
    expect({ type, taskQueue, memo }).toEqual({ type: CLAIM_ARCHIVE, taskQueue: 'archivist', memo: {} });
    expect(
      Object.fromEntries(typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value])),
    ).toEqual({
      ArchivistTenant: 'mycompany',
      ArchivistArchiveId: 'first',
      ArchivistState: 'announced',
    });
    const [started] = await eventsOf('first');
    const [input] = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(JSON.parse(String(input?.data))).toEqual({ tenant: 'mycompany', archiveId: 'first' });
  });

  it('is a duplicate the second time', async () => {
    await announce('twice');
    await expect(announce('twice')).resolves.toEqual({ code: 202, status: 'duplicate' });
  });

  it('starts one claim, however often it comes at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => announce('fifty')));
    // What the inbox takes, because all ways to Temporal are taken, is accepted: that it is a duplicate is found out later.
    const statuses = answers.map((answer) => (answer as { status: string }).status);
    expect(statuses).toContain('accepted');
    expect(statuses.filter((status) => status !== 'accepted' && status !== 'duplicate')).toEqual([]);
    const runs = [];
    // What was started is listed a moment later.
    while (runs.length === 0) {
      for await (const run of client.workflow.list({ query: "ArchivistArchiveId = 'fifty'" })) runs.push(run);
    }
    expect(runs).toHaveLength(1);
    await expect(signalsOf('fifty')).resolves.toEqual([]);
  });

  it.each(['waiting', 'attention'])('wakes a claim that is %s', async (state) => {
    await announce(`wake-${state}`);
    await ledger.progress(key(`wake-${state}`), 'waiting');
    if (state === 'attention') await ledger.needAttention(key(`wake-${state}`), 'ChecksumMissing');
    await expect(announce(`wake-${state}`)).resolves.toEqual({ code: 202, status: 'duplicate' });
    await expect(signalsOf(`wake-${state}`)).resolves.toEqual(['announced']);
  });

  it.each(['announced', 'downloading', 'verifying'] as const)(
    'leaves a claim alone that is %s: it has nothing to gain',
    async (state) => {
      await announce(`leave-${state}`);
      await ledger.progress(key(`leave-${state}`), state);
      await expect(announce(`leave-${state}`)).resolves.toEqual({ code: 202, status: 'duplicate' });
      await expect(signalsOf(`leave-${state}`)).resolves.toEqual([]);
    },
  );

  it('starts a claim again that failed', async () => {
    await announce('failed');
    await client.workflow.getHandle(claimWorkflowId(key('failed'))).terminate();
    await expect(announce('failed')).resolves.toEqual({ code: 202, status: 'accepted' });
  });

  it('is a duplicate in time while the ledger is silent', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const silentLedger = createLedger(openPostgres(`postgres://a:b@127.0.0.1:${port}/a`));
    const starter = createClaimStarter(client, silentLedger, TEMPO.claims, log);
    const intake = createIntake(starter, createInbox(silentLedger, log), { admits: () => true });
    await expect(intake.take(key('silent'))).resolves.toBe('accepted');
    const began = Date.now();
    await expect(intake.take(key('silent'))).resolves.toBe('duplicate');
    expect(Date.now() - began).toBeLessThan(2_000);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await silentLedger.close();
  });
});

describe('the gateway', () => {
  it('is ready while Temporal and the ledger answer', async () => {
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(200);
    await expect(ready.json()).resolves.toEqual({ status: 'ok', checks: { temporal: 'ok', ledger: 'ok' } });
  });
});
