import type { RunResult } from './run-once';
import { CALM, type Schedule } from './schedule';

/** Runs that shrinking may take. */
const MOST_RUNS = 250;
/** Lengths of what is taken away or calmed at a time. */
const LENGTHS = [64, 16, 4, 1];

export interface Shrunk extends RunResult {
  readonly seed: string;
}

/**
 * A shorter schedule that breaks the same rule: draws are taken away, and others replaced by the one that brings about the least, for
 * as long as the run ends in the same violation.
 */
export async function shrink(
  seed: string,
  failed: RunResult,
  run: (schedule: Schedule) => Promise<RunResult>,
): Promise<Shrunk> {
  let [best, runs] = [failed, 0];
  const what = kindOf(failed);
  /** Whether the draws still break the rule: then they are the best so far. */
  const stillBreaks = async (draws: readonly number[]): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false;
    runs += 1;
    const result = await run({ seed, draws });
    // What was not drawn is not missed.
    const used = { ...result, draws: withoutCalmEnd(draws.slice(0, result.draws.length)) };
    const isBetter = kindOf(used) === what && used.steps.length <= best.steps.length;
    if (isBetter) best = used;
    return isBetter;
  };
  for (let before = Infinity; weightOf(best) < before && runs < MOST_RUNS;) {
    before = weightOf(best);
    for (const length of LENGTHS)
      for (let at = 0; at < best.draws.length;)
        if (!(await stillBreaks(best.draws.toSpliced(at, length)))) at += length;
    for (const length of LENGTHS)
      for (let at = 0; at < best.draws.length; at += length) {
        const calmed = best.draws.map((draw, index) => (index >= at && index < at + length ? CALM : draw));
        if (calmed.some((draw, index) => draw !== best.draws[index])) await stillBreaks(calmed);
      }
  }
  return { ...best, seed };
}

/** What was broken, whichever archive it was. */
function kindOf({ violations }: RunResult): string | undefined {
  return violations[0]?.replaceAll(/archive-\d+/g, 'an archive');
}

/** What another round must make less. */
function weightOf({ draws, steps }: RunResult): number {
  return steps.length + draws.filter((draw) => draw !== CALM).length;
}

function withoutCalmEnd(draws: readonly number[]): number[] {
  return draws.slice(0, draws.findLastIndex((draw) => draw !== CALM) + 1);
}
