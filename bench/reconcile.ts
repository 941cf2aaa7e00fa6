import { cpus } from 'node:os';
import { Command } from 'commander';
import { countArgument } from '../src/cli/options';
import { parseTenantId, reconcileId } from '../src/domain/ids';
import { reconcileNow } from '../src/temporal/run-now';
import { bareList } from './reconcile/bare-list';
import { fillLedger, forgetAvailable } from './reconcile/fill-ledger';
import { install, tenantOf, type Installation } from './reconcile/installation';
import { AVAILABLE } from './reconcile/listed';
import { cpuSecondsOf, memoryOf, watchPeakOf } from './reconcile/memory-of';
import { runProgram, tell } from './program';

/**
 * The reconciliation of a long list: of which everything is known, and of which 1,000 archives are not. Worker, platform, Temporal and
 * ledger are processes of their own; the worker is a new one each time. Needs the build, and Linux.
 */
const options = new Command('bench/reconcile')
  .option('--records <n...>', 'lengths of the list', (text: string, before?: number[]) => [
    ...(before ?? []),
    countArgument(text),
  ])
  .option('--json', 'end with one line of JSON for each run')
  .parse()
  .opts<{ records?: number[]; json?: boolean }>();

interface Figures {
  readonly records: number;
  readonly queued: number;
  readonly seconds: number;
  /** In which a program that keeps nothing has the same list, parsed whole by `JSON.parse`; and ours divided by them. */
  readonly bareSeconds: number;
  readonly ratio: number;
  /** Of the worker's processor time. */
  readonly cpuSeconds: number;
  /** Peak resident memory of the worker above what it had at rest. */
  readonly memoryMiB: number;
  readonly historyEvents: number;
}

async function main(): Promise<void> {
  tell(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`);
  const sizes = options.records ?? [100_000, 1_000_000];
  const installation = await install(sizes);
  try {
    const figures: Figures[] = [];
    for (const records of sizes) {
      const tenant = tenantOf(records);
      await installation.inLedger((database) => fillLedger(database, tenant, records));
      figures.push(await measure(installation, records, 0));
      await installation.inLedger((database) => forgetAvailable(database, tenant));
      figures.push(await measure(installation, records, AVAILABLE));
    }
    if (options.json) for (const each of figures) process.stdout.write(`${JSON.stringify(each)}\n`);
  } finally {
    await installation.close();
  }
}

async function measure(
  { client, listUrl, withWorker }: Installation,
  records: number,
  toQueue: number,
): Promise<Figures> {
  const tenant = parseTenantId(tenantOf(records));
  return await withWorker(async (pid) => {
    const [{ now: idle }, cpuBefore] = [await memoryOf(pid), await cpuSecondsOf(pid)];
    await watchPeakOf(pid);
    const bareSeconds = await bareList(listUrl(records), records);
    const begun = performance.now();
    const report = await reconcileNow(client, tenant);
    const seconds = round((performance.now() - begun) / 1000);
    const cpuSeconds = round((await cpuSecondsOf(pid)) - cpuBefore);
    const { peak } = await memoryOf(pid);
    const { listed, queued, incomplete } = report;
    if (listed !== records || queued !== toQueue || incomplete !== undefined)
      throw new Error(`Not what was to be measured: ${JSON.stringify(report)}`);
    const { historyLength: historyEvents } = await client.workflow.getHandle(reconcileId(tenant)).describe();
    const memoryMiB = round((peak - idle) / 1024 ** 2);
    tell(
      `${records} records, ${queued} queued: ${seconds} s (bare ${round(bareSeconds)} s; ${cpuSeconds} s of the worker's processor), ${memoryMiB} MiB over idle (${round(idle / 1024 ** 2)} MiB), ${historyEvents} events`,
    );
    const ratio = round(seconds / bareSeconds);
    return {
      records,
      queued,
      seconds,
      bareSeconds: round(bareSeconds),
      ratio,
      cpuSeconds,
      memoryMiB,
      historyEvents,
    };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

runProgram(main);
