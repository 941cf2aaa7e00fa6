import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { lastStart, untilStarted } from './claims';
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
}

/** Milliseconds without a claim that is started, after which the rest counts as lost. */
const STALL = 60_000;

/** The burst while Temporal is stopped; it is started again after `outageMs`. */
export async function outage(count: number, outageMs: number): Promise<Outage> {
  const installation = await install();
  const agent = new Agent();
  try {
    const ids = await installation.createArchives(count);
    await installation.stopTemporal();
    const over = pause(outageMs);
    const deliveries = await Promise.all(ids.map((id) => deliver(installation.callback, id, agent)));
    await over;
    await installation.startTemporal();
    const back = Date.now();
    const started = await untilStarted(installation.client, count, STALL);
    const last = await lastStart(installation.client, ids);
    return {
      sent: count,
      acknowledged: acknowledged(deliveries),
      lost: count - started,
      p99ms: p99(deliveries),
      startedWithinSeconds: last === undefined ? Infinity : Math.max(0, last - back) / 1_000,
    };
  } finally {
    await agent.destroy();
    await installation.close();
  }
}
