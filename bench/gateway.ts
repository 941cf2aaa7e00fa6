import { cpus } from 'node:os';
import { Command } from 'commander';
import { countArgument } from '../src/cli/options';
import { bareRatio } from './gateway/bare';
import { burst } from './gateway/burst';
import { outage } from './gateway/outage';
import { steady } from './gateway/steady';
import { runProgram, tell } from './program';

/**
 * What the gateway takes on one machine with the embedded servers, each part a process of its own: (a) a steady rate, (b) a burst, as
 * the platform would send it, (c) the burst while Temporal is stopped, and how fast the claims are started afterwards beside bare
 * starts, (d) beside a bare Fastify route. Each begins with a new installation. Needs the build.
 */
const options = new Command('bench/gateway')
  .option('--rate <n>', '(a) notifications a second', countArgument, 100)
  .option('--seconds <n>', '(a) for so long', countArgument, 60)
  .option('--burst <n>', '(b), (c) distinct notifications', countArgument, 2_000)
  .option('--outage <n>', '(c) seconds without Temporal', countArgument, 30)
  .option('--rounds <n>', '(d) rounds of each, in turns', countArgument, 3)
  .option('--round-seconds <n>', '(d) seconds of a round', countArgument, 5)
  .option('--json', 'end with one line of JSON')
  .parse()
  .opts<{
    rate: number;
    seconds: number;
    burst: number;
    outage: number;
    rounds: number;
    roundSeconds: number;
    json?: boolean;
  }>();

async function main(): Promise<void> {
  tell(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`);
  const figures = {
    steady: told('steady', await steady(options.rate, options.seconds)),
    burst: told('burst', await burst(options.burst)),
    outage: told('outage', await outage(options.burst, options.outage * 1_000)),
    bareRatio: told('bare ratio', await bareRatio(options.rounds, options.roundSeconds, tell)),
  };
  if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function told<Figures>(what: string, figures: Figures): Figures {
  tell(`${what}: ${JSON.stringify(figures)}`);
  return figures;
}

runProgram(main);
