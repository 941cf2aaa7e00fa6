import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../src/processes/free-port';
import type { CreatedArchive } from '../../src/simulator';
import type { Running } from '../support/processes';
import { expectClaimed } from './expect-claimed';
import { killService, pidsOf, SERVICES, untilStarted } from './services';
import { openSite, type Site } from './site';

const HOST = '127.0.0.1';

/** `ARCHIVIST_TEST_KILL_ROUNDS=20` kills each process as often as a release has to stand. */
const ROUNDS = Number(process.env['ARCHIVIST_TEST_KILL_ROUNDS'] ?? 1);
const ARCHIVES_A_KILL = 2;
/** A claim of a small archive takes about this long. */
const LONGEST_LIFE_MS = 1_000;
/** What claims take after the last kill: Temporal notices the loss of a worker's transfer after 30 seconds. */
const AFTERMATH_MS = 120_000;

jest.setTimeout(ROUNDS * 180_000 + AFTERMATH_MS * 2);

describe(`archivist up, each of whose processes is killed in turn, ${ROUNDS} times`, () => {
  let site: Site;
  let up: Running;
  beforeAll(async () => {
    const [gateway, temporal, ui] = [await freePort(HOST), await freePort(HOST), await freePort(HOST)];
    site = await openSite({
      ledger: 'embedded:./data/ledger',
      // What the platform announces while the gateway is dead is found in its list.
      config: { gateway: { host: HOST, port: gateway }, reconcile: { every: '2 seconds' } },
    });
    up = await site.start('up', '--temporal-port', String(temporal), '--ui-port', String(ui));
    await site.subscribe(up);
  });
  afterAll(() => site.close());

  it('restarts each killed process, and claims every archive exactly once', async () => {
    const archives: CreatedArchive[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const service of SERVICES) {
        const starts = pidsOf(up, service).length;
        archives.push(...(await site.simulator.createArchives({ count: ARCHIVES_A_KILL, size: 20_000 })));
        await pause(Math.random() * LONGEST_LIFE_MS);
        killService(up, service);
        await untilStarted(up, service, starts);
      }
    }
    for (const { archiveId } of archives)
      await site.simulator.untilStatus(archiveId, 'ABANDONED', AFTERMATH_MS);
    for (const archive of archives) await expectClaimed(site, archive);
    expect(await site.incoming()).toEqual([]);
    for (const service of SERVICES) expect(pidsOf(up, service)).toHaveLength(ROUNDS + 1);
    expect(await up.stop()).toMatchObject({ code: 0 });
  });
});
