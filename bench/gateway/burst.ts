import { Agent } from 'undici';
import { untilCompleted } from './claims';
import { deliver } from './deliver';
import { acknowledged, p99 } from './figures';
import { install } from './installation';

export interface Burst {
  readonly sent: number;
  readonly acknowledged: number;
  /** Without a claim that completed. */
  readonly lost: number;
  readonly p99ms: number;
}

/** Milliseconds without a claim that completes, after which the rest counts as lost. */
const STALL = 120_000;

/** As many distinct notifications as there are archives, all at once. */
export async function burst(count: number): Promise<Burst> {
  const installation = await install({ worker: true });
  const agent = new Agent();
  try {
    const ids = await installation.createArchives(count);
    const deliveries = await Promise.all(ids.map((id) => deliver(installation.callback, id, agent)));
    const completed = await untilCompleted(installation.client, count, STALL);
    return {
      sent: count,
      acknowledged: acknowledged(deliveries),
      lost: count - completed,
      p99ms: p99(deliveries),
    };
  } finally {
    await agent.destroy();
    await installation.close();
  }
}
