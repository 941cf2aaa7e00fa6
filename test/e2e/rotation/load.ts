import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatorClient } from '../../../src/simulator';

/** Milliseconds between two notifications of one platform. */
const INTERVAL = 600;

/** Notifications that a platform sends all the time. */
export interface Load {
  /** Notifications that no subscription delivered. */
  readonly undelivered: readonly string[];
  readonly sent: number;
  stop(): Promise<void>;
}

/** Announces one archive again and again, to every subscription that the platform has at that moment. */
export async function startLoad(platform: SimulatorClient): Promise<Load> {
  const archiveId = 'a1';
  await platform.createArchives({ archiveId, size: 1024, notify: { when: 'never' } });
  const undelivered: string[] = [];
  const underWay: Promise<void>[] = [];
  const state = { isOver: false };

  async function announce(number: number): Promise<void> {
    const outcomes = await platform.notify(archiveId);
    // The stranger's callback is nobody's: what matters is whether one of ours took it.
    if (!outcomes.some(({ acknowledged }) => acknowledged))
      undelivered.push(`${number}: ${JSON.stringify(outcomes)}`);
  }

  const running = (async () => {
    while (!state.isOver) {
      underWay.push(announce(underWay.length + 1));
      await pause(INTERVAL);
    }
  })();
  return {
    undelivered,
    get sent() {
      return underWay.length;
    },
    async stop() {
      state.isOver = true;
      await running;
      await Promise.all(underWay);
    },
  };
}
