import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { sweepId } from '../../src/domain/ids';
import { SWEEP_COPIES, type SweepReport } from '../../src/domain/sweep';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { openStore } from '../../src/store/open-store';
import { createDatabase } from '../support/postgres';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { fillWithDueCopies, TENANT } from './sweep-killed/due-copies';
import type { Job } from './sweep-killed/worker';

/** Thousands take minutes: the full measure is 20,000. After a kill Temporal waits 30 seconds for a heartbeat. */
const ROWS = Number(process.env['ARCHIVIST_TEST_SWEEP_ROWS'] ?? 300);
const KILLS = Number(process.env['ARCHIVIST_TEST_SWEEP_KILLS'] ?? 2);
/** Milliseconds between two looks at what was read. */
const POLL_MS = ROWS > 1_000 ? 500 : 10;
/** Copies that a sweep reads at a time. */
const LANES = 4;

jest.setTimeout(120_000 + KILLS * 60_000 + ROWS * 60);

let folder: string;
let database: Database;
let job: Omit<Job, 'namespace'>;
const temporals: TestTemporal[] = [];
const workers: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archivist-sweep-'));
  const url = await createDatabase();
  database = openPostgres(url);
  await migrate(database);
  const archives = join(folder, 'archives');
  await openStore(`file:${archives}`).initialise();
  await fillWithDueCopies(database, archives, ROWS);
  const configFile = join(folder, 'archivist.yaml');
  // Nothing is asked of the platform: the deletion is not due.
  const tenants = { [TENANT]: { baseUrl: 'http://127.0.0.1:9', apiKey: 'k' } };
  await writeFile(configFile, JSON.stringify({ tenants, store: `file:${archives}` }));
  const log = join(folder, 'reads');
  await writeFile(log, '');
  const temporal = await testTemporal();
  temporals.push(temporal);
  job = { address: temporal.address, configFile, database: url, log };
});
afterAll(async () => {
  await Promise.all(workers.map(kill));
  await Promise.all(temporals.map((temporal) => temporal.close()));
  await database.close();
  await rm(folder, { recursive: true });
});

function startWorker({ namespace }: TestTemporal): ChildProcess {
  const script = join(__dirname, 'sweep-killed', 'worker.ts');
  const args = ['-r', 'tsx/cjs', script, JSON.stringify({ ...job, namespace })];
  const worker = spawn(process.execPath, args, { stdio: 'inherit' });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

type Sweep = WorkflowHandle<(input: { readonly tenant: string }) => Promise<SweepReport>>;

function startSweep({ client }: TestTemporal): Promise<Sweep> {
  return client.workflow.start(SWEEP_COPIES, {
    args: [{ tenant: TENANT }],
    taskQueue: TASK_QUEUES.claims,
    workflowId: sweepId(TENANT),
  });
}

/** Ids of the archives whose copies were read, in order. */
async function reads(): Promise<readonly string[]> {
  return (await readFile(job.log, 'utf8')).split('\n').filter((line) => line !== '');
}

it(`${ROWS} copies that are due are verified once each, though the worker is killed ${KILLS} times and Temporal forgets everything`, async () => {
  const begun = performance.now();
  const [first] = temporals;
  const sweep = await startSweep(first!);
  for (let count = 1; count <= KILLS; count += 1) {
    const worker = startWorker(first!);
    const wanted = Math.round((ROWS * count) / (KILLS + 1));
    while ((await reads()).length < wanted) await pause(POLL_MS);
    await kill(worker);
  }
  // A Temporal without any history: what the ledger says is due is due.
  const fresh = await testTemporal();
  temporals.push(fresh);
  const recorded = await checks();
  const worker = startWorker(fresh);
  const last = await startSweep(fresh);
  const report = await last.result();
  await kill(worker);
  const seconds = Math.round((performance.now() - begun) / 1_000);

  expect(report).toMatchObject({ rechecked: ROWS - recorded, whole: ROWS - recorded, damaged: 0 });
  const left = await database.query('SELECT FROM archives WHERE fixity_due_at <= clock_timestamp()');
  expect(left).toHaveLength(0);
  const twice = await database.query(
    'SELECT archive_id FROM events GROUP BY archive_id HAVING count(*) <> 1',
  );
  expect(twice).toEqual([]);
  expect(await checks()).toBe(ROWS);

  const all = await reads();
  expect(Math.max(...countsOf(all).values())).toBeLessThanOrEqual(1 + KILLS);
  expect(all.length).toBeLessThanOrEqual(ROWS + KILLS * LANES);
  for (const run of [sweep, last]) expect((await run.describe()).historyLength).toBeLessThan(2_000);
  process.stderr.write(`${ROWS} copies, ${KILLS} kills: ${seconds} s, ${all.length - ROWS} read again\n`);
});

async function checks(): Promise<number> {
  const [row] = await database.query(
    "SELECT count(*)::integer AS checks FROM events WHERE type = 'fixity check'",
  );
  return Number(row?.['checks']);
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
