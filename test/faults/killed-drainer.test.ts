import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from '../e2e/until';
import { createDatabase } from '../support/postgres';
import { keys, startQueuedClaims } from '../claims/queued-claims';
import type { DrainerJob } from './drainer-process';

const LEASE_MS = 4_000;
const ALL = keys('killed', 400);

function startProcess(job: DrainerJob): ChildProcess {
  const script = path.join(__dirname, 'drainer-process.ts');
  return spawn(process.execPath, ['-r', 'tsx/cjs', script, JSON.stringify(job)], { stdio: 'inherit' });
}

describe('drainers that are killed while they work', () => {
  it('lose no row: each claim is started exactly once', async () => {
    const url = await createDatabase();
    const claims = await startQueuedClaims(url);
    await claims.ledger.enqueueHints(ALL, 10_000);
    const { address, namespace } = claims.temporal;
    const job: DrainerJob = { url, address, namespace, leaseMs: LEASE_MS };
    for (let kills = 1; kills <= 3; kills += 1) {
      const before = await started();
      const child = startProcess(job);
      await until('it to start some', async () => (await started()) > before + 10);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(await started()).toBeLessThan(ALL.length);
    claims.drain({ spans: { poll: 100, lease: LEASE_MS, start: 2_000 } });
    await until('all to be started', async () => (await started()) === ALL.length);
    // What Temporal lists are runs: none has two.
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    await expect(started()).resolves.toBe(ALL.length);
    await expect(claims.rows()).resolves.toBe(ALL.length);
    await claims.close();

    async function started(): Promise<number> {
      return (await claims.client.workflow.count()).count;
    }
  });
});
