import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { BENCHES, type Bench, type Ratio } from './all/benches';
import { compareTo, tableOf, type Figures } from './all/compare';
import { runProgram, tell } from './program';

/**
 * All benches in a quick form, one after the other: their ratios beside the committed ones. Exit code 1 if one is worse by more than
 * a quarter, or a bench failed. Needs the build, Linux, and a machine of its own.
 */
const options = new Command('bench/all')
  .addOption(new Option('--only <names...>', 'these benches').choices(BENCHES.map(({ name }) => name)))
  .option('--commit', 'record the ratios in bench/figures.json')
  .parse()
  .opts<{ only?: string[]; commit?: true }>();

const FIGURES = join(__dirname, 'figures.json');

async function main(): Promise<void> {
  const committed = JSON.parse(await readFile(FIGURES, 'utf8')) as Figures;
  const ratios: Ratio[] = [];
  for (const bench of BENCHES.filter(({ name }) => options.only?.includes(name) ?? true)) {
    tell(`== ${bench.name} ${bench.args.join(' ')}`);
    ratios.push(...bench.ratios(await linesOf(bench)));
  }
  const compared = compareTo(committed, ratios);
  for (const line of tableOf(compared)) process.stdout.write(`${line}\n`);
  if (options.commit) {
    const measured = Object.fromEntries(
      ratios.map(({ name, value }) => [name, Math.round(value * 100) / 100]),
    );
    await writeFile(FIGURES, `${JSON.stringify({ ...committed, ...measured }, undefined, 2)}\n`);
  } else if (compared.some(({ isWorse }) => isWorse)) process.exitCode = 1;
}

/** Runs a bench, and gives the lines of JSON that it prints. */
async function linesOf({ name, args }: Bench): Promise<readonly unknown[]> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(__dirname, `${name}.ts`), ...args, '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<number | null>((resolve, reject) =>
    child.once('exit', resolve).once('error', reject),
  );
  const output = await text(child.stdout);
  const code = await exited;
  if (code !== 0) throw new Error(`bench/${name} failed with exit code ${code ?? 'none'}.`);
  return output
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

runProgram(main);
