import type { Running } from '../support/processes';
import { until } from './until';

export const SERVICES = ['postgres', 'temporal', 'gateway', 'worker'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The process ids that a service of `archivist up --json` had, the latest last. */
export function pidsOf(up: Running, service: ServiceName): readonly number[] {
  return eventsOf(up)
    .filter((event) => event['event'] === 'started' && event['service'] === service)
    .map(({ pid }) => Number(pid));
}

/** Kills a service with SIGKILL. */
export function killService(up: Running, service: ServiceName): void {
  process.kill(pidsOf(up, service).at(-1)!, 'SIGKILL');
}

/** Resolves when a service runs that was not among the first `starts`. */
export async function untilStarted(up: Running, service: ServiceName, starts: number): Promise<void> {
  await until(`${service} to run again`, () => Promise.resolve(pidsOf(up, service).length > starts));
}

function eventsOf(up: Running): readonly Readonly<Record<string, unknown>>[] {
  return up
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"event":"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
