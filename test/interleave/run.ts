import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { migrate } from '../../src/ledger/schema';
import { openPostgres } from '../../src/ledger/postgres';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { CHECKPOINTS } from './checkpoints';
import { installClock } from './clock';
import { Connections } from './connections';
import { MUTANTS, mutantStatement } from './mutants';
import { runOnce, type RunResult } from './run-once';

const USAGE = `Usage: npm run interleave -- [options]

Runs the real activities, orders and statements on a real PostgreSQL, each call issued in an order that a seed decides, and judges
after each step.

  --runs N    how many schedules (default: 100, and 500 for each mutant)
  --seed S    the first seed; a schedule that failed is replayed by its seed and --runs 1
  --mutants   removes one rule of a statement after the other; each must be caught within N schedules
  --json      end with one line of JSON
`;

async function main(): Promise<void> {
  const { runs, seed, json, mutants } = optionsOrUsage();
  installClock();
  const server = await startPostgres();
  try {
    const report = mutants
      ? await tryMutants(server, seed, runs)
      : await onDatabase(server, [], (at) => runAll(at, seed, runs));
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    const isRight = 'violations' in report ? report.violations === 0 : report.caught === report.mutants;
    if (!isRight) process.exitCode = 1;
  } finally {
    await server.close();
  }
}

/** Each mutant, until a schedule shows what it does. */
async function tryMutants(server: TestPostgres, seed: number, runs: number) {
  let caught = 0;
  for (const mutant of MUTANTS) {
    const found = await onDatabase(server, [mutantStatement(mutant)], async (connections) => {
      for (let run = 0; run < runs; run += 1) {
        const { violations } = await runOnce(String(seed + run), connections);
        if (violations.length > 0) return { seed: seed + run, what: violations.join('; ') };
      }
      return undefined;
    });
    tell(
      found === undefined
        ? `NOT caught: ${mutant.name}`
        : `caught: ${mutant.name} | seed ${found.seed} | ${found.what}`,
    );
    if (found !== undefined) caught += 1;
  }
  return { mutants: MUTANTS.length, caught };
}

async function onDatabase<Result>(
  server: TestPostgres,
  statements: readonly string[],
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const url = await server.createDatabase();
  const setUp = openPostgres(url);
  await migrate(setUp);
  for (const statement of statements) await setUp.query(statement);
  await setUp.close();
  const connections = new Connections(url);
  try {
    return await work(connections);
  } finally {
    await connections.close();
  }
}

async function runAll(connections: Connections, seed: number, runs: number) {
  const reached = new Set<string>();
  const failures = new Map<string, number>();
  let [steps, violations, effects] = [0, 0, 0];
  for (let run = 0; run < runs; run += 1) {
    const result = await runOnce(String(seed + run), connections);
    steps += result.steps.length;
    effects += result.effects;
    result.reached.forEach((point) => reached.add(point));
    result.failures.forEach((count, type) => failures.set(type, (failures.get(type) ?? 0) + count));
    if (result.violations.length === 0) continue;
    violations += 1;
    show(seed + run, result);
  }
  const missing = CHECKPOINTS.filter((point) => !reached.has(point));
  if (missing.length > 0) tell(`not reached: ${missing.join(', ')}`);
  tell(`effects ${effects}, failures ${JSON.stringify(Object.fromEntries(failures))}`);
  const checkpoints = { known: CHECKPOINTS.length, reached: CHECKPOINTS.length - missing.length };
  return { runs, steps, checkpoints, violations, seed };
}

function show(seed: number, { violations, steps }: RunResult): void {
  tell(`seed ${seed}: ${violations.join('; ')}`);
  steps.forEach((step, index) => tell(`  ${index + 1}. ${step}`));
  tell(`to replay it: npm run interleave -- --runs 1 --seed ${seed}`);
}

function optionsOrUsage() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string' },
        seed: { type: 'string', default: String(randomInt(1_000_000)) },
        json: { type: 'boolean', default: false },
        mutants: { type: 'boolean', default: false },
      },
    });
    const { json, mutants } = values;
    return {
      runs: wholeNumber('--runs', values.runs ?? (mutants ? '500' : '100')),
      seed: wholeNumber('--seed', values.seed),
      json,
      mutants,
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
