import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { countArgument } from '../src/cli/options';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../src/domain/ids';
import { startDevServer } from '../src/embedded/temporal-dev-server';
import { startClaim } from '../src/temporal/start-claim';
import { BARE_QUEUE, startBareWorker } from './claim/bare-worker';
import { startClaimWorker, TENANT } from './claim/claim-worker';
import { startPlatform } from './claim/platform';
import { rateOf } from './claim/rate';
import { median } from './rounds';

/**
 * Claims a second of small archives, beside a bare workflow with as many activities that do nothing, on the same Temporal
 * dev server, in turns. The platform is a process of its own; worker, store and ledger (embedded PostgreSQL) are those of `archivist up`.
 */
const options = new Command('bench/claim')
  .option('--rounds <n>', 'rounds of each, in turns', countArgument, 5)
  .option('--claims <n>', 'claims in a round', countArgument, 120)
  .option('--at-once <n>', 'claims under way at a time', countArgument, 30)
  .option('--json', 'end with one line of JSON')
  .parse()
  .opts<{ rounds: number; claims: number; atOnce: number; json?: boolean }>();

/** Activities that Temporal schedules for a claim: record, download, verify, secure, abandon. */
const ACTIVITIES = 5;
const ARCHIVE_BYTES = 1024;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-bench-'));
  const server = await startDevServer({ dbFilename: join(folder, 'temporal.db'), ui: false, report: tell });
  const platform = await startPlatform();
  const claiming = await startClaimWorker(folder, server.address, platform);
  const bare = await startBareWorker(server.address);
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new Client({ connection });
    report(await measure(client, platform.createArchives));
  } finally {
    await connection.close();
    await bare.stop();
    await claiming.stop();
    await platform.stop();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Figures {
  readonly claims: number[];
  readonly bare: number[];
  readonly events: number;
}

async function measure(
  client: Client,
  createArchives: (count: number, bytes: number) => Promise<string[]>,
): Promise<Figures> {
  const figures: Figures = { claims: [], bare: [], events: 0 };
  let events = 0;
  // One round to warm up, not counted.
  for (let round = 0; round <= options.rounds; round += 1) {
    const ids = await createArchives(options.claims, ARCHIVE_BYTES);
    const claims = await rateOf(options.claims, options.atOnce, (index) => claim(client, ids[index] ?? ''));
    const bare = await rateOf(options.claims, options.atOnce, (index) =>
      runBare(client, `bare-${round}-${index}`),
    );
    events = await eventsOf(client, ids[0] ?? '');
    if (round === 0) continue;
    figures.claims.push(claims);
    figures.bare.push(bare);
    tell(`round ${round}: ${claims.toFixed(1)} claims/s, ${bare.toFixed(1)} bare/s`);
  }
  return { ...figures, events };
}

async function claim(client: Client, id: string): Promise<void> {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(id) };
  await startClaim(client, key);
  await client.workflow.getHandle(claimWorkflowId(key)).result();
}

async function runBare(client: Client, workflowId: string): Promise<void> {
  await client.workflow.execute('bare', { args: [ACTIVITIES], taskQueue: BARE_QUEUE, workflowId });
}

async function eventsOf(client: Client, id: string): Promise<number> {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(id) };
  return (await client.workflow.getHandle(claimWorkflowId(key)).describe()).historyLength;
}

function report({ claims, bare, events }: Figures): void {
  const [claimsPerSecond, barePerSecond] = [median(claims), median(bare)];
  const ratio = median(claims.map((rate, index) => rate / (bare[index] ?? Infinity)));
  tell(
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}, Temporal dev server in memory, embedded PostgreSQL`,
  );
  tell(
    `median of ${options.rounds} rounds: ${claimsPerSecond.toFixed(1)} claims/s, ${barePerSecond.toFixed(1)} bare/s, ratio ${ratio.toFixed(2)}, ${events} events a claim`,
  );
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ claimsPerSecond, barePerSecond, ratio, eventsPerClaim: events })}\n`,
    );
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  tell(error instanceof Error ? (error.stack ?? error.message) : 'failed');
  process.exitCode = 1;
});
