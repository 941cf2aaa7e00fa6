import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnChild } from '../../src/processes/child';
import { freePort } from '../../src/processes/free-port';
import { SimulatorClient } from '../../src/simulator';

export interface Platform {
  readonly url: string;
  readonly apiKey: string;
  /** Their files exist: the platform announces none before, and making them takes processor time. */
  createArchives(count: number, bytes: number): Promise<string[]>;
  stop(): Promise<void>;
}

/** The simulator as a process of its own. Needs the build. */
export async function startPlatform(): Promise<Platform> {
  const port = await freePort('127.0.0.1');
  const apiKey = randomBytes(16).toString('hex');
  const command = join(__dirname, '..', '..', 'bin', 'archivist.js');
  const child = await spawnChild(
    process.execPath,
    [command, 'simulator', '--port', String(port), '--api-key', apiKey],
    { env: process.env },
  );
  const url = `http://127.0.0.1:${port}`;
  const simulator = new SimulatorClient(url);
  for (let tries = 0; ; tries += 1) {
    try {
      await simulator.ready();
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await pause(100);
    }
  }
  return {
    url,
    apiKey,
    async createArchives(count, size) {
      const created = await simulator.createArchives({ count, size, notify: { when: 'never' } });
      const ids = created.map(({ archiveId }) => archiveId);
      for (const id of ids) await simulator.untilStatus(id, 'AVAILABLE');
      return ids;
    },
    stop: () => child.stop(10_000),
  };
}
