import { median } from '../rounds';
import { OURS, type Seconds } from './compare';
import { PEERS } from './peers';

/** Peak memory over idle, by the archive's size; `null` where the system does not tell. */
export type MemoryMiB = Readonly<Record<string, number | null>>;

/** The medians, for people. */
export function describeMedians(seconds: Seconds): readonly string[] {
  const ours = secondsOf(seconds, OURS);
  const theirs = PEERS.filter(({ name }) => seconds.has(name)).map(
    ({ name }) =>
      `${name} ${median(secondsOf(seconds, name)).toFixed(2)} s, ours divided by theirs ${ratioTo(seconds, name)?.toFixed(2) ?? ''}`,
  );
  return [`median of ${ours.length} rounds: ${OURS} ${median(ours).toFixed(2)} s`, ...theirs];
}

export function describeMemory(memory: MemoryMiB): readonly string[] {
  return Object.entries(memory).map(
    ([size, peak]) => `peak memory over idle at ${size}: ${peak === null ? 'not known here' : `${peak} MiB`}`,
  );
}

/** The last line, for programs. The ratio to a peer that is not installed is `null`. */
export function toJson(bytes: number, seconds: Seconds, memory: MemoryMiB | undefined): string {
  const ratios = Object.fromEntries(PEERS.map(({ name }) => [name, ratioTo(seconds, name) ?? null]));
  return JSON.stringify({ bytes, ratios, ...(memory && { memoryMiB: memory }) });
}

/** The median over the rounds of ours divided by theirs. */
function ratioTo(seconds: Seconds, name: string): number | undefined {
  const [ours, theirs] = [secondsOf(seconds, OURS), secondsOf(seconds, name)];
  if (theirs.length === 0) return undefined;
  return median(ours.map((own, round) => own / (theirs[round] ?? Infinity)));
}

function secondsOf(seconds: Seconds, name: string): readonly number[] {
  return seconds.get(name) ?? [];
}
