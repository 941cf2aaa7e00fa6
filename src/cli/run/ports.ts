import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/load-config';
import { errorCode } from '../../domain/error-code';
import { holdPort, type HeldPort } from '../../processes/free-port';
import { listening, placeOf, type Address } from './listening';

/** A port that a process of `up` listens on. */
interface Port extends Address {
  /** The address, and what sets it. */
  readonly place: string;
  /** Milliseconds in which it may become free. */
  readonly patienceMs: number;
}

export interface TemporalPorts {
  readonly temporalPort: number;
  readonly uiPort: number;
}

/** If `up` was killed, its Temporal shuts down by itself, in about a second; all its other processes end at once. */
const TEMPORAL_LEAVES_MS = 5_000;
const TEMPORAL_HOST = '127.0.0.1';

/**
 * Makes sure that the processes of `up` can listen. For a moment it listens on all their ports at the same time, so that it also
 * notices if two of them are the same.
 * @param temporal absent if the Temporal is another one
 * @throws Error that names the first address that cannot be used, and what sets it
 */
export async function requirePorts(config: Config, temporal: TemporalPorts | undefined): Promise<void> {
  const held: (Port & HeldPort)[] = [];
  try {
    for (const port of portsOf(config, temporal)) held.push({ ...port, ...(await hold(port, held)) });
  } finally {
    await Promise.all(held.map(({ release }) => release()));
  }
}

/** Two processes cannot serve their metrics on the same address. @returns the worker's port; `undefined` if it may be any, or none */
export function workerMetricsPort({ metrics }: Config): number | undefined {
  return metrics && metrics.port > 0 ? metrics.port + 1 : undefined;
}

function portsOf(config: Config, temporal: TemporalPorts | undefined): readonly Port[] {
  const { gateway, metrics } = config;
  const ports: Port[] = [{ ...gateway, place: placeOf('gateway', gateway), patienceMs: 0 }];
  if (metrics) ports.push({ ...metrics, place: placeOf('metrics', metrics), patienceMs: 0 });
  const workerPort = workerMetricsPort(config);
  if (metrics && workerPort !== undefined) {
    const place = `${placeOf('metrics', metrics)} + 1 for the worker`;
    ports.push({ host: metrics.host, port: workerPort, place, patienceMs: 0 });
  }
  if (temporal) ports.push(...portsOfTemporal(temporal));
  return ports;
}

function portsOfTemporal({ temporalPort, uiPort }: TemporalPorts): readonly Port[] {
  const options = Object.entries({ '--temporal-port': temporalPort, '--ui-port': uiPort });
  return options.map(([option, port]) => ({
    host: TEMPORAL_HOST,
    port,
    place: `${TEMPORAL_HOST}, \`${option}\` ${port}`,
    patienceMs: TEMPORAL_LEAVES_MS,
  }));
}

/** @param others the ports that are held already */
async function hold({ host, port, place, patienceMs }: Port, others: readonly Port[]): Promise<HeldPort> {
  const limit = Date.now() + patienceMs;
  return await listening(place, async () => {
    for (;;) {
      try {
        return await holdPort(host, port);
      } catch (error) {
        if (errorCode(error) !== 'EADDRINUSE') throw error;
        const twin = others.find((other) => other.port === port);
        if (twin)
          throw new Error(`Nothing can listen on ${place}: ${twin.place} is the same port.`, {
            cause: error,
          });
        if (Date.now() >= limit) throw error;
        await sleep(100);
      }
    }
  });
}
