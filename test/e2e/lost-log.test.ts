import { spawnSync, type StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/processes/free-port';
import { Volume } from '../faults/volume';
import { expectClaimed } from './expect-claimed';
import { openSite, type Site, type SiteOptions } from './site';
import { openTemporalSite } from './temporal-site';
import { until } from './until';

const HOST = '127.0.0.1';
/** The most that processes with nothing to finish may take to end. */
const GRACE_MS = 15_000;

let site: Site;
let url: string;
const volume = new Volume();
afterEach(() => site.close());
afterAll(() => volume.close());

/** A site whose gateway is found without its output, as nobody can read that. */
async function open(how: (options: SiteOptions) => Promise<Site>, ledger?: string): Promise<void> {
  const port = await freePort(HOST);
  url = `http://${HOST}:${port}`;
  site = await how({
    ...(ledger !== undefined && { ledger }),
    config: { gateway: { host: HOST, port } },
    env: { ARCHIVIST_LOG_LEVEL: 'trace' },
  });
}

async function untilReady(): Promise<void> {
  await until('readiness', async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok);
  await site.subscribe({ ready: { gateway: url } });
}

async function claim(count: number): Promise<void> {
  const archives = await site.simulator.createArchives({ count, size: 20_000 });
  for (const { archiveId } of archives) await site.simulator.untilStatus(archiveId, 'ABANDONED');
  for (const archive of archives) await expectClaimed(site, archive);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
}

/** A pipe whose reader has gone. */
function closedPipe(): number {
  const path = join(site.folder, 'pipe');
  spawnSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  closeSync(reader);
  return writer;
}

const both = (fd: number): StdioOptions => ['ignore', fd, fd];

it.each<[string, () => StdioOptions]>([
  ['to a full disk', () => ['ignore', 'ignore', openSync('/dev/full', 'w')]],
  ['to a pipe that nobody reads any more', () => both(closedPipe())],
])('gateway and worker that log %s claim archives, and end when they are told to', async (_, streams) => {
  await open(openTemporalSite);
  await site.done('setup');
  const gateway = await site.launch(streams(), 'gateway');
  const worker = await site.launch(streams(), 'worker');
  await untilReady();
  await claim(2);
  const told = performance.now();
  for (const service of [gateway, worker]) expect(await service.stop()).toMatchObject({ code: 0 });
  expect(performance.now() - told).toBeLessThan(GRACE_MS);
});

(volume.isOwn ? it : it.skip)(
  '`archivist up` claims archives while the disk of its log is full, and tells the loss when there is room again',
  async () => {
    await open(openSite, 'embedded:./data/ledger');
    const log = join(volume.path, 'log');
    const ports = [
      '--temporal-port',
      String(await freePort(HOST)),
      '--ui-port',
      String(await freePort(HOST)),
    ];
    const up = await site.launch(both(openSync(log, 'a')), 'up', ...ports);
    await untilReady();
    await volume.leave(0);
    await claim(3);
    expect(await readFile(log, 'utf8')).not.toContain('were lost');
    await volume.clear();
    await claim(1);
    expect(await readFile(log, 'utf8')).toMatch(
      /^archivist: \d+ lines were lost: they could not be written$/m,
    );
    const told = performance.now();
    expect(await up.stop()).toMatchObject({ code: 0 });
    expect(performance.now() - told).toBeLessThan(GRACE_MS);
  },
);
