import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { claimWorkflowId, parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { createClaimStarter, type ClaimStarter } from '../../src/gateway/claim-starter';
import type { Ledger } from '../../src/ledger/ledger';
import { startTemporal } from '../support/temporal';

let temporal: DevServer;
let client: Client;

beforeAll(async () => {
  temporal = await startTemporal();
  client = new Client({ connection: Connection.lazy({ address: temporal.address }) });
});

afterAll(async () => {
  await client.connection.close();
  await temporal.close();
});

const DEADLINE = 10_000;
const PAUSE = 60_000;

/** Of a burst, one claim begins at once, and the others a minute later. */
function createStarter(): ClaimStarter {
  const begin = { allowance: 1, pause: PAUSE, interval: 600_000, longest: Infinity };
  // No claim is told anything here.
  return createClaimStarter(client, {} as Ledger, begin, pino({ level: 'silent' }));
}

function key(archiveId: string): ArchiveKey {
  return { tenant: parseTenantId('acme'), archiveId: parseArchiveId(archiveId) };
}

/** Seconds for which its claim waits before its first step. */
async function waitOf(archiveId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(claimWorkflowId(key(archiveId))).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return Number(started?.firstWorkflowTaskBackoff?.seconds ?? 0);
}

it('lets claims of a burst wait for their turn', async () => {
  const starter = createStarter();
  for (const id of ['burst-1', 'burst-2'])
    await expect(starter.start(key(id), DEADLINE)).resolves.toBe('started');
  expect(await waitOf('burst-1')).toBe(0);
  expect(await waitOf('burst-2')).toBeGreaterThan(PAUSE / 1_000);
});

it('starts a claim at once that is wanted many times at once, and starts it once', async () => {
  const starter = createStarter();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => starter.start(key('at-once'), DEADLINE)),
  );
  expect(outcomes.sort().reverse()).toEqual(['started', ...Array<string>(49).fill('duplicate')]);
  expect(await waitOf('at-once')).toBe(0);
});

it('keeps the turn for the next claim where there was a claim', async () => {
  await createStarter().start(key('was-there'), DEADLINE);
  const starter = createStarter();
  for (let times = 0; times < 3; times += 1)
    await expect(starter.start(key('was-there'), DEADLINE)).resolves.toBe('duplicate');
  await expect(starter.start(key('next'), DEADLINE)).resolves.toBe('started');
  expect(await waitOf('next')).toBe(0);
});

it('asks Temporal again after a start of the same claim has ended', async () => {
  const starter = createStarter();
  await starter.start(key('again'), DEADLINE);
  await client.workflow.getHandle(claimWorkflowId(key('again'))).terminate();
  await expect(starter.start(key('again'), DEADLINE)).resolves.toBe('started');
});
