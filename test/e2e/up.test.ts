import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort, holdPort } from '../../src/processes/free-port';
import type { CreatedArchive } from '../../src/simulator';
import { matching } from '../simulator/matchers';
import { descendantsOf, isRunning } from '../support/descendants';
import type { Running } from '../support/processes';
import { expectClaimed } from './expect-claimed';
import { pidsOf, SERVICES } from './services';
import { openSite, type Site } from './site';
import { claimOf } from './temporal-site';
import { until } from './until';

const HOST = '127.0.0.1';

describe('archivist up, with its embedded servers,', () => {
  let site: Site;
  let ports: readonly string[];
  let up: Running;
  let waiting: CreatedArchive;
  beforeAll(async () => {
    const [gateway, temporal, ui] = [await freePort(HOST), await freePort(HOST), await freePort(HOST)];
    site = await openSite({
      ledger: 'embedded:./data/ledger',
      config: { gateway: { host: HOST, port: gateway } },
    });
    ports = ['--temporal-port', String(temporal), '--ui-port', String(ui)];
    up = await site.start('up', ...ports);
    await site.subscribe(up);
  });
  afterAll(() => site.close());

  it('prints all addresses once everything is ready, and no password', () => {
    expect(up.ready).toEqual({
      event: 'ready',
      gateway: matching(/^http:\/\/127\.0\.0\.1:\d+$/),
      temporal: matching(/^127\.0\.0\.1:\d+$/),
      ui: matching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ledger: matching(/^postgres:\/\/127\.0\.0\.1:\d+$/),
    });
    for (const service of SERVICES) expect(pidsOf(up, service)).toHaveLength(1);
  });

  it('claims an announced archive', async () => {
    const [archive] = await site.simulator.createArchives({ archiveId: 'first', size: 30_000 });
    await site.simulator.untilStatus('first', 'ABANDONED');
    await expectClaimed(site, archive!);
  });

  it('lets every command, another gateway and another worker use the ledger', async () => {
    await until('the first claim to end', async () => /^abandoned +1$/m.test(await site.done('status')));
    expect(JSON.parse(await site.done('list', '--json'))).toMatchObject({ archiveId: 'first' });
    const beside = site.with({ TEMPORAL_ADDRESS: String(up.ready['temporal']) });
    const others = [
      await beside.start('gateway', '--port', '0'),
      await beside.start('worker', '--metrics-port', '0'),
    ];
    for (const other of others) expect(await other.stop()).toMatchObject({ code: 0 });
  });

  it('runs alone: a second one ends at once, and names the first', async () => {
    const { code, stderr } = await site.run('up');
    expect({ code, stderr }).toEqual({ code: 1, stderr: matching(`is in use by process ${up.pid}`) });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'shuts down gracefully on %s, leaving nothing, and has warned of nothing',
    async (signal) => {
      if (!isRunning(up.pid)) up = await site.start('up', ...ports);
      const children = descendantsOf(up.pid);
      expect(children.length).toBeGreaterThanOrEqual(SERVICES.length);
      process.kill(up.pid, signal);
      const { code, stderr } = await up.ended;
      expect({ code, warnings: warningsIn(stderr) }).toEqual({ code: 0, warnings: [] });
      expect(children.filter(isRunning)).toEqual([]);
      expect(await site.run('list')).toMatchObject({ code: 1, stderr: matching('start `archivist up`') });
    },
  );

  it('leaves nothing behind when it is killed that would keep the next one from starting', async () => {
    up = await site.start('up', ...ports);
    const statuses = [{ status: 'PROCESSING', forMs: 600_000 }, { status: 'AVAILABLE' }];
    const spec = { archiveId: 'second', size: 30_000, statuses, notify: { when: 'created' as const } };
    [waiting] = (await site.simulator.createArchives(spec)) as [CreatedArchive];
    await until('the second claim to wait', async () => /^waiting +1$/m.test(await site.done('status')));
    const orphans = descendantsOf(up.pid);
    await up.kill();

    const begun = Date.now();
    up = await site.start('up', ...ports);
    expect(Date.now() - begun).toBeLessThan(30_000);
    expect(orphans.filter(isRunning)).toEqual([]);
    expect(await site.done('list', '--state', 'waiting')).toContain('second');
  });

  it('continues the running claims when it is started again', async () => {
    await site.simulator.setStatus('second', { status: 'AVAILABLE' });
    const connection = await Connection.connect({ address: String(up.ready['temporal']) });
    try {
      const claim = claimOf({ client: new Client({ connection }) }, 'second');
      expect(await claim.result()).toMatchObject({ state: 'abandoned', alreadyDone: false });
    } finally {
      await connection.close();
    }
    await expectClaimed(site, waiting);
    expect(await readdir(join(site.folder, 'data'))).toEqual(['archives', 'ledger', 'temporal']);
  });
});

it('ends at once, without another try, if another program has its port', async () => {
  const port = await freePort(HOST);
  const other = await holdPort(HOST, port);
  const site = await openSite({ config: { gateway: { host: HOST, port } } });
  try {
    const { code, stderr } = await site.run('up');
    const place = `\`gateway.host\` ${HOST}, \`gateway.port\` ${port}`;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `archivist: Nothing can listen on ${place}: another program listens there; end it, or choose another port (EADDRINUSE).\n`,
    });
  } finally {
    await site.close();
    await other.release();
  }
});

/** The lines of the processes' logs that a person is to look at. */
function warningsIn(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^\{"level":[456]0,/.test(line));
}
