import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { shutdownRequested } from '../../processes/child';
import { createClient } from '../../temporal/connect';
import { command, countArgument, sizeArgument, type CommonOptions } from '../options';
import { formatBytes, say, sayJson, table, tell } from '../output';
import { follow, makeArchives } from './archives';
import { DEMO_TENANT, install, type Installation } from './installation';
import { judge, type Verdict } from './verdict';

interface DemoOptions extends CommonOptions {
  readonly archives: number;
  readonly size?: number;
  readonly folder?: string;
  readonly keep?: boolean;
}

/** Milliseconds that the demo waits for claims that do not end: longer than their own deadline. */
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
  const stopped = shutdownRequested();
  const stopping = new AbortController();
  void stopped.then(() => stopping.abort());
  const tooSoon = new Error('Stopped before the end.');
  const installation = await install(folder, stopping.signal).catch((error: unknown) => {
    throw stopping.signal.aborted ? tooSoon : error;
  });
  try {
    const interrupted = stopped.then(() => Promise.reject(tooSoon));
    const isGood = await Promise.race([play(installation, options), interrupted]);
    if (options.keep) {
      tell('Everything stays up until Ctrl-C.');
      await stopped;
    }
    if (!isGood)
      throw new Error(
        'The demo failed: at least one archive was not secured, or not abandoned once, or abandoned before its copy was safe; see above.',
      );
  } finally {
    await installation.close();
  }
}

/** Runs the demo up to the verdict. @returns whether every archive was secured and abandoned once, and none too early */
async function play(installation: Installation, { archives, size, json }: DemoOptions): Promise<boolean> {
  const begun = Date.now();
  const client = createClient({
    connectionOptions: { address: installation.temporalAddress },
    namespace: 'default',
  });
  try {
    const acts = await makeArchives(installation, archives, size);
    await follow(client, acts, PATIENCE);
    const verdicts = await judge(installation, acts);
    const summary = sumUp(installation, verdicts, Date.now() - begun);
    if (json) sayJson(summary);
    else show(installation, verdicts, summary);
    return verdicts.every(
      ({ secured, abandoned, effects, unsafeAbandons }) =>
        secured && abandoned && effects === 1 && unsafeAbandons === 0,
    );
  } finally {
    await client.connection.close();
  }
}

function sumUp({ folder }: Installation, verdicts: readonly Verdict[], elapsedMs: number) {
  const events = verdicts.map(({ act }) => act.view?.historyEvents ?? 0);
  return {
    archives: verdicts.length,
    secured: verdicts.filter(({ secured }) => secured).length,
    abandoned: verdicts.filter(({ abandoned }) => abandoned).length,
    duplicates: sum(verdicts.map(({ duplicates }) => duplicates)),
    unsafeAbandons: sum(verdicts.map(({ unsafeAbandons }) => unsafeAbandons)),
    bytes: sum(verdicts.map(({ secured, act }) => (secured ? act.sizeBytes : 0))),
    seconds: Math.round(elapsedMs / 100) / 10,
    historyEvents: { min: Math.min(...events), max: Math.max(...events) },
    folder,
  };
}

function show(
  { folder, configFile, ledger, temporalUi }: Installation,
  verdicts: readonly Verdict[],
  { secured, archives, abandoned, unsafeAbandons, bytes, seconds }: ReturnType<typeof sumUp>,
): void {
  const head = ['ARCHIVE', 'ANNOUNCED', 'SIZE', 'SECONDS', 'STATE', 'EVENTS', 'COPY', 'PLATFORM'];
  say(`\n${table([head, ...verdicts.map(rowOf)])}\n`);
  say(
    `${secured} of ${archives} secured, ${abandoned} abandoned, ${unsafeAbandons} unsafe, ${formatBytes(bytes)} in ${seconds} s`,
  );
  say(`bags         ${join(folder, 'data', 'archives', DEMO_TENANT)}`);
  say(`ledger       ${ledger} (archivist list --config ${configFile}, while it is up: --keep)`);
  say(`Temporal UI  ${temporalUi} (while it is up: --keep)`);
}

function rowOf({ act, secured, abandoned, effects, unsafeAbandons }: Verdict): string[] {
  const { archiveId, announcement, sizeBytes, view, begun, ended } = act;
  const times = effects === 1 ? '' : ` ${effects} times`;
  return [
    archiveId,
    announcement,
    formatBytes(sizeBytes),
    ended === undefined ? '' : ((ended - begun) / 1000).toFixed(1),
    view?.state ?? 'never begun',
    String(view?.historyEvents ?? ''),
    secured ? 'right' : 'WRONG',
    `${abandoned ? 'abandoned' : 'kept'}${times}${unsafeAbandons > 0 ? ', UNSAFE' : ''}`,
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
