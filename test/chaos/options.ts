import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface Options {
  readonly trials: number;
  readonly seed: number;
  readonly json: boolean;
  readonly keep: boolean;
  /** Whether, at the end, what killed workers had begun is given back at once instead of by its timeouts. */
  readonly hurry: boolean;
  /** Where to work; a temporary folder where it is not given. */
  readonly folder: string | undefined;
}

export const USAGE = `Usage: npm run chaos -- [options]

Kills processes, cuts connections and has the platform lie while archives are claimed, and judges what became of them.

  --trials N    waves of archives, faults and kills (default: 10)
  --seed S      a whole number that everything follows from; a seed that failed can be tried again
  --json        end with one line of JSON
  --keep        keep the folder with logs, bags and evidence; where something is wrong it is kept anyway
  --hurry       at the end, give back at once what killed workers had begun, instead of waiting for Temporal's timeouts
  --folder DIR  where to work, and what is kept (default: a temporary folder)
`;

/** @throws Error that says what is wrong with the command line */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      trials: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      hurry: { type: 'boolean', default: false },
      folder: { type: 'string' },
    },
  });
  const { json, keep, hurry, folder } = values;
  const trials = wholeNumber('--trials', values.trials);
  if (trials === 0) throw new Error('--trials must be at least 1.');
  return { trials, seed: wholeNumber('--seed', values.seed), json, keep, hurry, folder };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number.`);
}
