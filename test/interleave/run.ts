import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { CHECKPOINTS } from './checkpoints';
import { installClock } from './clock';
import { connectTo, type Connections } from './connections';
import { keep, keptSchedules } from './kept';
import { MUTANTS, mutantStatement, type Mutant } from './mutants';
import { runOnce, type RunResult } from './run-once';
import type { Schedule } from './schedule';
import { shrink } from './shrink';

const USAGE = `Usage: npm run interleave -- [options]

Runs the real activities, orders and statements on a real PostgreSQL, each call issued in an order that a seed decides, and judges
after each step. A schedule that breaks a rule is made shorter and kept in test/interleave/kept, where npm test finds it.

  --runs N    how many schedules (default: 100, and 500 for each mutant)
  --seed S    the first seed; with --runs 1 it replays one schedule
  --kept      the schedules that were kept, in place of new ones
  --mutants   removes one rule of a statement after the other; each must be caught by its kept schedule or within N new ones,
              the first of which is then kept
  --json      end with one line of JSON
`;

async function main(): Promise<void> {
  const { runs, seed, json, mutants, kept } = optionsOrUsage();
  installClock();
  const server = await startPostgres();
  try {
    const schedules = kept ? keptSchedules() : [...seeds(seed, runs)];
    const report = mutants
      ? await tryMutants(server, seed, runs)
      : await onDatabase(server, [], (at) => runAll(at, schedules));
    if (json) process.stdout.write(`${JSON.stringify({ ...report, seed })}\n`);
    const isRight = 'violations' in report ? report.violations === 0 : report.caught === report.mutants;
    if (!isRight) process.exitCode = 1;
  } finally {
    await server.close();
  }
}

function* seeds(first: number, count: number): Generator<Schedule> {
  for (let seed = first; seed < first + count; seed += 1) yield { seed: String(seed) };
}

/** Each mutant, until a schedule shows what it does. */
async function tryMutants(server: TestPostgres, seed: number, runs: number) {
  let caught = 0;
  for (const mutant of MUTANTS) {
    const by = await onDatabase(server, [mutantStatement(mutant)], (at) =>
      catchMutant(mutant, at, seed, runs),
    );
    if (by !== undefined) caught += 1;
    tell(by === undefined ? `NOT caught: ${mutant.name}` : `caught: ${mutant.name} | ${by}`);
  }
  return { mutants: MUTANTS.length, caught };
}

/** @returns by which schedule it was caught, and what that showed */
async function catchMutant({ name }: Mutant, connections: Connections, seed: number, runs: number) {
  const known = keptSchedules().filter((schedule) => schedule.name === name);
  for (const schedule of [...known, ...seeds(seed, runs)]) {
    const result = await runOnce(schedule, connections);
    if (result.violations.length === 0) continue;
    if ('name' in schedule) return `kept | ${result.violations.join('; ')}`;
    const shrunk = await shrink(schedule.seed, result, (shorter) => runOnce(shorter, connections));
    keep(name, shrunk);
    return `seed ${schedule.seed}, ${result.steps.length} steps, kept with ${shrunk.steps.length} | ${shrunk.violations.join('; ')}`;
  }
  return undefined;
}

async function onDatabase<Result>(
  server: TestPostgres,
  statements: readonly string[],
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const connections = await connectTo(await server.createDatabase(), statements);
  try {
    return await work(connections);
  } finally {
    await connections.close();
  }
}

async function runAll(connections: Connections, schedules: readonly Schedule[]) {
  const reached = new Set<string>();
  const failures = new Map<string, number>();
  let [steps, violations, effects] = [0, 0, 0];
  for (const schedule of schedules) {
    const result = await runOnce(schedule, connections);
    steps += result.steps.length;
    effects += result.effects;
    result.reached.forEach((point) => reached.add(point));
    result.failures.forEach((count, type) => failures.set(type, (failures.get(type) ?? 0) + count));
    if (result.violations.length === 0) continue;
    violations += 1;
    await show(schedule, result, connections);
  }
  const missing = CHECKPOINTS.filter((point) => !reached.has(point));
  if (missing.length > 0) tell(`not reached: ${missing.join(', ')}`);
  tell(`effects ${effects}, failures ${JSON.stringify(Object.fromEntries(failures))}`);
  const checkpoints = { known: CHECKPOINTS.length, reached: CHECKPOINTS.length - missing.length };
  return { runs: schedules.length, steps, checkpoints, violations };
}

/** Prints what led to a violation, as short as it can be, and keeps it. */
async function show({ seed }: Schedule, failed: RunResult, connections: Connections): Promise<void> {
  tell(`seed ${seed}, ${failed.steps.length} steps: ${failed.violations.join('; ')}`);
  const shrunk = await shrink(seed, failed, (schedule) => runOnce(schedule, connections));
  shrunk.steps.forEach((step, index) => tell(`  ${index + 1}. ${step}`));
  tell(
    `kept as ${keep(`seed ${seed}`, shrunk)}; to replay the whole: npm run interleave -- --runs 1 --seed ${seed}`,
  );
}

function optionsOrUsage() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string' },
        seed: { type: 'string', default: String(randomInt(1_000_000)) },
        json: { type: 'boolean', default: false },
        kept: { type: 'boolean', default: false },
        mutants: { type: 'boolean', default: false },
      },
    });
    const { mutants } = values;
    return {
      ...values,
      runs: wholeNumber('--runs', values.runs ?? (mutants ? '500' : '100')),
      seed: wholeNumber('--seed', values.seed),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'wrong usage'}\n\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number.`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

main()
  .catch((error: unknown) => {
    tell(error instanceof Error ? (error.stack ?? error.message) : 'failed');
    process.exitCode = 1;
  })
  // Processes that died in a run have left timers.
  .finally(() => process.exit());
