import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveKey } from '../domain/ids';
import { createPace } from '../domain/pace';
import type { StartOutcome } from '../domain/start-outcome';
import type { Dependencies } from './dependencies';

/** Claims that are started at a time, and milliseconds between two starts: what is left of Temporal is for notifications that arrive. */
const LANES = 8;
const PACE = 20;
/**
 * So many claims may take their first step as soon as they are started. Of more, each takes it when all are started, or half a minute
 * later: claims that run at once take up what Temporal needs to start the others.
 */
const MANY = 100;
const LONGEST_HEADWAY = 30_000;

/**
 * Starts claims, a bounded number at a time and a second, and tells of each. Those that are not in what it gives were not tried: Temporal
 * fell silent.
 */
export type StartClaims = <Key extends ArchiveKey>(
  keys: readonly Key[],
  tell?: (key: Key, outcome: StartOutcome) => void,
) => Promise<Map<Key, StartOutcome>>;

export function createStartClaims(
  { claims, ledger }: Pick<Dependencies, 'claims' | 'ledger'>,
  signal: AbortSignal,
): StartClaims {
  const pace = createPace({ allowance: 1, pause: 0, interval: PACE, longest: Infinity });
  return async (keys, tell) => {
    const outcomes = new Map<(typeof keys)[number], StartOutcome>();
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
        const left = keys.length - next;
        await turn();
        const outcome = await start(key, keys.length > MANY ? headway(left) : 0);
        outcomes.set(key, outcome);
        tell?.(key, outcome);
        if (outcome === 'silent') next = keys.length;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return outcomes;
  };

  /**
   * What succeeded, by what Temporal remembers, is started again where the ledger has no copy of it: the ledger may have been
   * restored from a backup, or lost together with the store.
   */
  async function start({ tenant, archiveId }: ArchiveKey, startDelay: number): Promise<StartOutcome> {
    const key = { tenant, archiveId };
    const outcome = await claims.start(key, startDelay);
    if (outcome !== 'duplicate' || (await ledger.find(key))?.securedAt !== undefined) return outcome;
    return await claims.startAnew(key, startDelay);
  }

  async function turn(): Promise<void> {
    const wait = pace.next();
    if (wait > 0) await sleep(wait, undefined, { signal });
    signal.throwIfAborted();
  }
}

function headway(left: number): number {
  return Math.min(left * PACE, LONGEST_HEADWAY);
}
