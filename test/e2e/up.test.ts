import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../src/embedded/free-port';
import type { CreatedArchive } from '../../src/simulator';
import { matching } from '../simulator/matchers';
import { descendantsOf, isRunning } from '../support/descendants';
import type { Running } from '../support/processes';
import { expectClaimed } from './expect-claimed';
import { openSite, type Commands, type Site } from './site';
import { claimOf } from './stage';
import { until } from './until';

jest.setTimeout(120_000);

const HOST = '127.0.0.1';

describe('archivist up, with all that it has embedded', () => {
  let site: Site;
  /** Commands that know where its Temporal is. */
  let beside: Commands;
  let ports: readonly string[];
  let up: Running;
  let waiting: CreatedArchive;
  beforeAll(async () => {
    site = await openSite({ ledger: 'embedded:./data/ledger' });
    const [temporal, ui] = [await freePort(HOST), await freePort(HOST)];
    ports = ['--temporal-port', String(temporal), '--ui-port', String(ui)];
    beside = site.with({ TEMPORAL_ADDRESS: `${HOST}:${temporal}` });
    up = await site.start('up', ...ports);
    await site.subscribe(up);
  });
  afterAll(() => site.close());

  it('claims what it is notified of', async () => {
    const [archive] = await site.simulator.createArchives({ archiveId: 'first', size: 30_000 });
    await site.simulator.untilStatus('first', 'ABANDONED');
    await expectClaimed(site, archive!);
  });

  it('leaves its ledger open to every command', async () => {
    await until('the first claim to end', async () => /abandoned +1$/m.test(await beside.done('status')));
    expect(JSON.parse(await beside.done('list', '--json'))).toMatchObject({
      archiveId: 'first',
      state: 'abandoned',
    });
    expect(await beside.done('status', 'first')).toMatch(/^state +abandoned$/m);
    expect(await beside.done('verify', '--all')).toMatch(/first +whole/);
    const worker = await beside.start('worker');
    expect(await worker.stop()).toMatchObject({ code: 0 });
  });

  it('is the only one on its ledger', async () => {
    const second = await beside.run('up');
    expect(second).toMatchObject({
      code: 1,
      stderr: matching(new RegExp(`in use by process ${up.pid} .* runs its PostgreSQL`)),
    });
  });

  it('ends when it is told to, and Temporal with it', async () => {
    const statuses = [{ status: 'PROCESSING', forMs: 600_000 }, { status: 'AVAILABLE' }];
    const spec = { archiveId: 'second', size: 30_000, statuses, notify: { when: 'created' as const } };
    [waiting] = (await site.simulator.createArchives(spec)) as [CreatedArchive];
    await until('the second claim to wait', async () => /waiting +1$/m.test(await beside.done('status')));

    const children = descendantsOf(up.pid);
    expect(children).not.toEqual([]);
    expect(await up.stop()).toMatchObject({ code: 0 });
    expect(children.filter(isRunning)).toEqual([]);
    expect(await beside.run('list')).toMatchObject({
      code: 1,
      stderr: matching(/PostgreSQL of the ledger in .* does not run: start `archivist up`/),
    });
  });

  it('goes on with the claims that were running when it is started again', async () => {
    await site.simulator.setStatus('second', { status: 'AVAILABLE' });
    const restarted = Date.now();
    up = await site.start('up', ...ports);
    const connection = await Connection.connect({ address: String(up.ready['temporal']) });
    try {
      const claim = claimOf({ client: new Client({ connection }) }, 'second');
      expect(await claim.result()).toMatchObject({ state: 'abandoned', alreadyDone: false });
      expect((await claim.describe()).startTime.getTime()).toBeLessThan(restarted);
    } finally {
      await connection.close();
    }
    await expectClaimed(site, waiting);
  });

  it('starts again after it was killed with SIGKILL, and knows what it knew', async () => {
    await up.kill();
    up = await site.start('up', ...ports);
    expect(await beside.done('status', 'second')).toMatch(/^state +abandoned$/m);
  });
});
