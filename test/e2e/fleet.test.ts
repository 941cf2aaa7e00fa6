import { SEARCH_ATTRIBUTE_NAMES } from '../../src/domain/search-attributes';
import type { CreatedArchive } from '../../src/simulator';
import { matching } from '../simulator/matchers';
import type { Running } from '../support/processes';
import { expectClaimed } from './expect-claimed';
import { claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { until } from './until';

const SIZE = 65_536;

describe('a fleet of gateway, orchestrator and transfer worker processes', () => {
  let site: TemporalSite;
  let transfers: Running;
  let archives: readonly CreatedArchive[];
  beforeAll(async () => {
    site = await openTemporalSite({ hasSearchAttributes: false });
  });
  afterAll(() => site.close());

  it('does not start before setup, and says what to do', async () => {
    for (const command of ['gateway', 'worker']) {
      const { code, stderr } = await site.run(command);
      expect({ command, code, stderr }).toMatchObject({ code: 1, stderr: /run `archivist setup`/ });
    }
  });

  it('may be set up repeatedly', async () => {
    const answers = [await site.done('setup', '--json'), await site.done('setup', '--json')];
    expect(answers.map((answer) => JSON.parse(answer) as unknown)).toMatchObject([
      { ledger: 'postgres', registeredSearchAttributes: SEARCH_ATTRIBUTE_NAMES },
      { ledger: 'postgres', registeredSearchAttributes: [] },
    ]);
  });

  it('claims an announced archive', async () => {
    const [gateway, orchestrator, transfer] = await Promise.all([
      site.start('gateway'),
      site.start('worker', '--role', 'orchestrator'),
      site.start('worker', '--role', 'transfer'),
    ]);
    transfers = transfer;
    expect([orchestrator.ready, transfer.ready]).toMatchObject([
      { role: 'orchestrator' },
      { role: 'transfer' },
    ]);
    await site.subscribe(gateway);
    archives = await site.simulator.createArchives({ archiveId: 'a', count: 3, size: SIZE });
    for (const archive of archives) {
      await site.simulator.untilStatus(archive.archiveId, 'ABANDONED');
      await claimOf(site, archive.archiveId).result();
      await expectClaimed(site, archive);
    }
  });

  it('lists the archives for people and for programs', async () => {
    const [head, ...rows] = (await site.done('list')).trimEnd().split('\n');
    expect(head).toMatch(/^TENANT +ARCHIVE +STATE +SIZE +LOCATION$/);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 4)).sort()).toEqual(
      ['a-1', 'a-2', 'a-3'].map((archiveId) => ['acme', archiveId, 'abandoned', '64 KiB']),
    );
    const lines = (await site.done('list', '--state', 'abandoned', '--limit', '2', '--json'))
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { state: 'abandoned', sizeBytes: SIZE },
      { state: 'abandoned', sizeBytes: SIZE },
    ]);
    expect(await site.done('list', '--state', 'failed')).toBe('There are no such archives.\n');
  });

  it('shows the status of one archive, and the number of archives', async () => {
    const sha256 = (await site.simulator.archive('a-1')).sha256!;
    expect(await site.done('status', 'a-1')).toMatch(
      new RegExp(`^state +abandoned$[^]*^sha256 +${sha256}$`, 'm'),
    );
    expect(JSON.parse(await site.done('status', 'a-1', '--json'))).toMatchObject({
      archiveId: 'a-1',
      state: 'abandoned',
      ledger: { sha256, location: matching('a-1') },
      temporal: { status: 'COMPLETED' },
    });
    expect(await site.done('status')).toMatch(/^abandoned +3$/m);
    expect(await site.run('status', 'a-9')).toMatchObject({
      code: 1,
      stderr: matching('archivist claim a-9'),
    });
  });

  it('claims an unannounced archive on command, and waits for it', async () => {
    await site.simulator.createArchives({ archiveId: 'quiet', size: SIZE, notify: { when: 'never' } });
    expect(await site.done('claim', 'quiet', '--wait')).toMatch(
      /^quiet {2}queued\nquiet {2}abandoned {2}\S+quiet\S*\n$/,
    );
    const again = JSON.parse(await site.done('claim', 'quiet', '--wait', '--json')) as unknown;
    expect(again).toMatchObject({ archiveId: 'quiet', status: 'abandoned', workflowId: 'claim:acme:quiet' });
  });

  it('does not claim an archive that is unknown to the platform', async () => {
    const { code, stdout, stderr } = await site.run('claim', 'nowhere', '--wait', '--json');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: matching('nowhere is unknown to the platform of acme'),
    });
    expect(JSON.parse(stdout)).toMatchObject({ archiveId: 'nowhere', status: 'unknown' });
    expect(await site.run('status', 'nowhere')).toMatchObject({ code: 1 });
  });

  it('fails to claim an expired archive, and says so', async () => {
    await site.simulator.createArchives({ archiveId: 'late', statuses: [{ status: 'EXPIRED' }] });
    const { code, stderr } = await site.run('claim', 'late', '--wait');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: matching(/late was not claimed: missed \(ArchiveMissed\)/),
    });
    expect(await site.done('list', '--state', 'missed')).toContain('late');
  });

  it('continues with another worker when the downloading one is told to stop', async () => {
    site.rules.slowness = 50;
    const [archive] = await site.simulator.createArchives({ archiveId: 'large', size: 64 * 1024 * 1024 });
    await site.simulator.untilStatus('large', 'AVAILABLE');
    await until('bytes arrive', async () => (await site.incoming()).length > 0);
    const begun = Date.now();
    const { code } = await transfers.stop();
    expect(code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(30_000);

    site.rules.slowness = undefined;
    await site.start('worker', '--role', 'transfer');
    await claimOf(site, 'large').result();
    await expectClaimed(site, archive!);
    expect(await site.incoming()).toEqual([]);
  });
});
