import { join, resolve } from 'node:path';
import { Connection, Client } from '@temporalio/client';
import type { Command } from 'commander';
import { parseArchiveId, parseTenantId } from '../../domain/ids';
import { loadConfig } from '../../config/load-config';
import { give } from '../archives/give';
import { askLedger } from '../open';
import { command, countArgument, sizeArgument, type CommonOptions } from '../options';
import { untilStopped } from '../../processes/child';
import { follow, type Act } from './follow';
import { planArchives, type PlannedArchive } from './plan';
import { isGood, say, sumUp, type Summary } from './report';
import { createScreen } from './screen';
import { DEMO_TENANT, setStage, type Stage } from './stage';
import { judge, type Verdict } from './verdict';

interface DemoOptions extends CommonOptions {
  readonly archives: number;
  readonly size?: number;
  readonly folder?: string;
  readonly keep?: boolean;
}

/** How long the demo waits for claims that do not end: longer than their own deadline. */
const PATIENCE = 11 * 60_000;

export function demoCommand(): Command {
  return command(
    'demo',
    'show it all at work: a platform, archives, Temporal, gateway and worker, judged at the end',
  )
    .option('--archives <n>', 'how many archives', countArgument, 12)
    .option(
      '--size <size>',
      'of each archive, such as 64KiB (default: various, one of 256 MiB)',
      sizeArgument,
    )
    .option('--folder <directory>', 'where everything goes (default: a new one under .archivist/)')
    .option('--keep', 'stay up until Ctrl-C, to look around')
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const folder = resolve(
    options.folder ?? join('.archivist', `demo-${new Date().toISOString().replace(/[:.]/g, '-')}`),
  );
  const stopped = untilStopped();
  const stage = await setStage(folder, (line) => process.stderr.write(`${line}\n`));
  try {
    const interrupted = stopped.then(() => Promise.reject(new Error('Stopped before the end.')));
    const [summary, verdicts] = await Promise.race([play(stage, options), interrupted]);
    if (options.keep) await keep(stopped);
    if (!isGood(summary, verdicts))
      throw new Error('Not every archive was secured, abandoned and safe; see above.');
  } finally {
    await stage.close();
  }
}

/** From the first archive to the verdict. */
async function play(stage: Stage, options: DemoOptions): Promise<[Summary, Verdict[]]> {
  const begun = Date.now();
  const connection = await Connection.connect({ address: stage.temporalAddress });
  try {
    const client = new Client({ connection });
    const acts = await begin(stage, planArchives(options.archives, options.size));
    await follow(client, acts, PATIENCE, createScreen(acts, process.stderr));
    const verdicts = await judge(stage.folder, stage.simulator, acts);
    const summary = sumUp(stage, verdicts, Date.now() - begun);
    say(stage, verdicts, summary, options.json ?? false);
    return [summary, verdicts];
  } finally {
    await connection.close();
  }
}

async function keep(stopped: Promise<void>): Promise<void> {
  process.stderr.write('Everything stays up until Ctrl-C.\n');
  await stopped;
}

async function begin(stage: Stage, plan: readonly PlannedArchive[]): Promise<Act[]> {
  const acts: Act[] = [];
  for (const { announcement, spec } of plan) {
    const created = await stage.simulator.createArchives(spec);
    for (const archive of created) {
      acts.push({ ...archive, announcement, begun: Date.now() });
      if (announcement === 'by hand') await claimByHand(stage, archive.archiveId);
    }
  }
  return acts;
}

/** What `archivist claim` does. */
async function claimByHand({ folder }: Stage, archiveId: string): Promise<void> {
  const config = loadConfig(join(folder, 'archivist.yaml'));
  const key = { tenant: parseTenantId(DEMO_TENANT), archiveId: parseArchiveId(archiveId) };
  const { answer } = await askLedger(config, (ledger) =>
    give(config, ledger, key, { kind: 'claim', by: DEMO_TENANT }),
  );
  if (answer !== 'obeyed') throw new Error(`Archive ${archiveId} could not be claimed by hand: ${answer}.`);
}
