import { cpus } from 'node:os';
import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { startOrWake } from '../src/claims/start-or-wake';
import { countArgument } from '../src/cli/options';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../src/domain/ids';
import { BARE_QUEUE } from './claim/bare-queue';
import { cpuMsOf, residentMiB } from './claim/cpu';
import { rateOf } from './claim/rate';
import { openSite, TENANT, type Site } from './claim/site';
import { runProgram, tell } from './program';
import { median } from './rounds';

/**
 * Claims of small archives a second, and their processor time by process, beside a bare workflow with five activities that do
 * nothing, on the same Temporal dev server, in turns. Everything is a process of its own, as under `archivist up`; needs the
 * build, and Linux. `--memory N` runs N claims in a row and tells the worker's resident memory after 500 of them and at the end.
 */
const options = new Command('bench/claim')
  .option('--rounds <n>', 'rounds of each, in turns', countArgument, 3)
  .option('--claims <n>', 'claims in a round, all at once', countArgument, 150)
  .option(
    '--memory <n>',
    'claims in a row besides, 150 at a time, for the memory of the worker',
    countArgument,
  )
  .option('--json', 'end with one line of JSON')
  .parse()
  .opts<{ rounds: number; claims: number; memory?: number; json?: boolean }>();

/** Activities of the bare workflow, whatever a claim has. */
const BARE_ACTIVITIES = 5;
const ARCHIVE_BYTES = 1024;
/** Claims after which the worker has reached its working set. */
const WARM = 500;

type Process = keyof Site['pids'];
type CpuMs = Readonly<Record<Process, number>>;

interface Round {
  readonly perSecond: number;
  /** Processor milliseconds for each claim or bare workflow. */
  readonly cpuMs: CpuMs;
}

async function main(): Promise<void> {
  const site = await openSite(tell);
  try {
    const [claims, bares]: [Round[], Round[]] = [[], []];
    let events = 0;
    // One round to warm up, not counted.
    for (let round = 0; round <= options.rounds; round += 1) {
      const ids = await site.platform.createArchives(options.claims, ARCHIVE_BYTES);
      const claimed = await measure(site, (index) => claim(site.client, ids[index] ?? ''));
      const bare = await measure(site, (index) => runBare(site.client, `bare-${round}-${index}`));
      events = Math.max(events, await eventsOf(site.client, ids[0] ?? ''));
      if (round === 0) continue;
      claims.push(claimed);
      bares.push(bare);
      tell(`round ${round}: ${claimed.perSecond.toFixed(1)} claims/s, ${bare.perSecond.toFixed(1)} bare/s`);
    }
    const memory = options.memory === undefined ? undefined : await watchMemory(site, options.memory);
    report(claims, bares, events, memory);
  } finally {
    await site.stop();
  }
}

/** All at once. */
async function measure(site: Site, run: (index: number) => Promise<void>): Promise<Round> {
  const before = cpuOf(site);
  const perSecond = await rateOf(options.claims, options.claims, run);
  const after = cpuOf(site);
  const each = (name: Process) => (after[name] - before[name]) / options.claims;
  return {
    perSecond,
    cpuMs: {
      server: each('server'),
      worker: each('worker'),
      database: each('database'),
      bareWorker: each('bareWorker'),
    },
  };
}

function cpuOf({ pids }: Site): CpuMs {
  return {
    server: cpuMsOf(pids.server),
    worker: cpuMsOf(pids.worker),
    database: cpuMsOf(pids.database),
    bareWorker: cpuMsOf(pids.bareWorker),
  };
}

async function claim(client: Client, id: string): Promise<void> {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(id) };
  const row = { ...key, origin: 'list', attempts: 1, leasedBy: 'bench' } as const;
  const outcome = await startOrWake(client, row, { deadlineMs: 86_400_000, timeoutMs: 60_000 });
  if (outcome !== 'started') throw new Error(`The claim of ${id} was not started: ${outcome}.`);
  await client.workflow.getHandle(claimWorkflowId(key)).result();
}

async function runBare(client: Client, workflowId: string): Promise<void> {
  await client.workflow.execute('bare', { args: [BARE_ACTIVITIES], taskQueue: BARE_QUEUE, workflowId });
}

async function eventsOf(client: Client, id: string): Promise<number> {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(id) };
  return (await client.workflow.getHandle(claimWorkflowId(key)).describe()).historyLength;
}

interface Memory {
  readonly claims: number;
  readonly afterWarmMiB: number;
  readonly atEndMiB: number;
}

async function watchMemory(site: Site, claims: number): Promise<Memory> {
  let [done, afterWarmMiB] = [0, 0];
  while (done < claims) {
    const ids = await site.platform.createArchives(options.claims, ARCHIVE_BYTES);
    await rateOf(ids.length, ids.length, (index) => claim(site.client, ids[index] ?? ''));
    done += ids.length;
    if (afterWarmMiB === 0 && done >= WARM) afterWarmMiB = residentMiB(site.pids.worker);
    tell(`${done} claims: the worker has ${residentMiB(site.pids.worker).toFixed(0)} MiB`);
  }
  return { claims: done, afterWarmMiB, atEndMiB: residentMiB(site.pids.worker) };
}

function report(claims: readonly Round[], bares: readonly Round[], events: number, memory?: Memory): void {
  const medianOf = (rounds: readonly Round[], of: (round: Round) => number) => median(rounds.map(of));
  const totalOf = ({ cpuMs: { server, worker, database, bareWorker } }: Round) =>
    server + worker + database + bareWorker;
  const figures = {
    claimsPerSecond: medianOf(claims, ({ perSecond }) => perSecond),
    barePerSecond: medianOf(bares, ({ perSecond }) => perSecond),
    ratio: median(claims.map(({ perSecond }, index) => perSecond / (bares[index]?.perSecond ?? Infinity))),
    eventsPerClaim: events,
    cpuMsPerClaim: {
      server: medianOf(claims, ({ cpuMs }) => cpuMs.server),
      worker: medianOf(claims, ({ cpuMs }) => cpuMs.worker),
      database: medianOf(claims, ({ cpuMs }) => cpuMs.database),
    },
    cpuMsPerBare: {
      server: medianOf(bares, ({ cpuMs }) => cpuMs.server),
      worker: medianOf(bares, ({ cpuMs }) => cpuMs.bareWorker),
    },
    cpuRatio: median(claims.map((round, index) => totalOf(round) / totalOf(bares[index] ?? round))),
    ...(memory && { memory }),
  };
  tell(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`);
  tell(JSON.stringify(figures, rounded, 1));
  if (options.json) process.stdout.write(`${JSON.stringify(figures, rounded)}\n`);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}

runProgram(main);
