import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { deliver, type Delivery } from './deliver';
import { acknowledged, p99 } from './figures';
import { install } from './installation';

export interface Steady {
  readonly sent: number;
  readonly acknowledged: number;
  readonly p99ms: number;
  /** Notifications that took more than one attempt. */
  readonly again: number;
}

/** So many notifications a second, each at its time, whatever became of those before it, while their claims run. */
export async function steady(rate: number, seconds: number): Promise<Steady> {
  const installation = await install({ worker: true });
  const agent = new Agent();
  try {
    const ids = await installation.createArchives(rate * seconds);
    const began = performance.now();
    const deliveries = await Promise.all(
      ids.map(async (archiveId, index): Promise<Delivery> => {
        await pause(Math.max(0, began + (index * 1_000) / rate - performance.now()));
        return await deliver(installation.callback, archiveId, agent);
      }),
    );
    return {
      sent: ids.length,
      acknowledged: acknowledged(deliveries),
      p99ms: p99(deliveries),
      again: deliveries.filter(({ attempts }) => attempts > 1).length,
    };
  } finally {
    await agent.destroy();
    await installation.close();
  }
}
