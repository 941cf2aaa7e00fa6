import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { bareStarts } from './bare-starts';
import { startTimes, untilStarted } from './claims';
import { deliver } from './deliver';
import { acknowledged, p99 } from './figures';
import { install } from './installation';

export interface Outage {
  readonly sent: number;
  readonly acknowledged: number;
  /** Without a claim that was started. */
  readonly lost: number;
  readonly p99ms: number;
  /** From the moment that Temporal serves again to the start of the last claim. */
  readonly startedWithinSeconds: number;
  /** Claims started a second in that time, and bare starts on the same server afterwards. */
  readonly claimsPerSecond: number;
  readonly barePerSecond: number;
  readonly startRatio: number;
}

/** Milliseconds without a claim that is started, after which the rest counts as lost. */
const STALL = 60_000;

/** The burst while Temporal is stopped; it is started again after `outageMs`. No worker runs. */
export async function outage(count: number, outageMs: number): Promise<Outage> {
  const installation = await install({ worker: false });
  const { client } = installation;
  const agent = new Agent();
  try {
    const ids = await installation.createArchives(count);
    await installation.stopTemporal();
    const over = pause(outageMs);
    const deliveries = await Promise.all(ids.map((id) => deliver(installation.callback, id, agent)));
    await over;
    await installation.startTemporal();
    const back = Date.now();
    const started = await untilStarted(client, count, STALL);
    const times = await startTimes(client);
    // The drainer may have been faster than the look whether the server serves.
    const seconds = (Math.max(...times) - Math.min(back, ...times)) / 1_000;
    const claimsPerSecond = started / seconds;
    const barePerSecond = await bareStarts(client, count);
    return {
      sent: count,
      acknowledged: acknowledged(deliveries),
      lost: count - started,
      p99ms: p99(deliveries),
      startedWithinSeconds: seconds,
      claimsPerSecond,
      barePerSecond,
      startRatio: claimsPerSecond / barePerSecond,
    };
  } finally {
    await agent.destroy();
    await installation.close();
  }
}
