import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Findings } from './checker/judge';
import { readOptions, USAGE, type Options } from './options';
import { holdSession, type Outcome } from './session';
import { requireBuild } from './site/archivist';
import { Closing } from './site/closing';
import { openSite, type Site } from './site/site';

/**
 * Chaos: claims archives while processes are killed, connections cut and the platform lies, then lets everything come to its end
 * and has it judged by a checker that shares no code with what it judges.
 */
async function main(): Promise<void> {
  const options = optionsOrUsage();
  requireBuild();
  const folder = await makeFolder(options);
  tell(`seed ${options.seed}, in ${folder}`);
  const closing = new Closing();
  endOnSignals(closing, folder);
  try {
    const site = await openSite({ folder, report: tell }, closing);
    tell(describeSite(site));
    const outcome = await holdSession(site, options, tell);
    await writeFile(path.join(folder, 'evidence.json'), JSON.stringify(outcome, mapsAsObjects, 1));
    report(options, outcome);
  } catch (error) {
    process.exitCode = 1;
    throw error;
  } finally {
    await closing.all();
    const isKept = process.exitCode === 1 || options.keep || options.folder !== undefined;
    if (isKept) tell(`everything is kept in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

function optionsOrUsage(): Options {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'wrong usage'}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function makeFolder({ folder }: Options): Promise<string> {
  if (folder === undefined) return await mkdtemp(path.join(tmpdir(), 'archivist-chaos-'));
  await mkdir(folder, { recursive: true });
  return path.resolve(folder);
}

function endOnSignals(closing: Closing, folder: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      tell(`${signal}: ends all processes; what there is stays in ${folder}`);
      // What is under way fails now, and nobody wants to know.
      process.on('uncaughtException', () => undefined);
      void closing.all().finally(() => process.exit(1));
    });
  }
}

function describeSite({ mortals }: Site): string {
  return `what may be killed: ${mortals.map(({ name }) => name).join(', ')}`;
}

function report(options: Options, outcome: Outcome): void {
  const { archives, kills, stalls, damages, faults, holds, givenUp, renotified, woken, findings } = outcome;
  for (const [kind, found] of Object.entries(findings) as [string, readonly string[]][])
    for (const finding of found) tell(`${kind}: ${finding}`);
  tell(`${archives} archives, ${kills} kills, ${stalls} stalls, ${damages} damages, ${faults} faults`);
  tell(`${holds} holds and ${givenUp} given up confirmed, ${renotified} renotified, ${woken} woken`);
  const counts = countsOf(findings);
  const isRight = Object.values(counts).every((count) => count === 0);
  tell(isRight ? 'nothing lost, nothing unsafe' : `it went wrong; to try again: --seed ${options.seed}`);
  if (!isRight) process.exitCode = 1;
  if (!options.json) return;
  const { trials, seed } = options;
  process.stdout.write(
    `${JSON.stringify({ trials, archives, kills, stalls, damages, faults, ...counts, seed })}\n`,
  );
}

function countsOf(findings: Findings): Record<keyof Findings, number> {
  return {
    lost: findings.lost.length,
    unsafeAbandons: findings.unsafeAbandons.length,
    duplicateEffects: findings.duplicateEffects.length,
    corruptBags: findings.corruptBags.length,
    overruled: findings.overruled.length,
    unfinished: findings.unfinished.length,
  };
}

function mapsAsObjects(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

const BEGUN = Date.now();

function tell(line: string): void {
  const seconds = String(Math.round((Date.now() - BEGUN) / 1000)).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : 'failed';
}

main().catch((error: unknown) => {
  tell(messageOf(error));
  process.exitCode = 1;
});
