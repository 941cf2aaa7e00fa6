import { stat } from 'node:fs/promises';
import { downloadsOf, expectClaimed } from './expect-claimed';
import { beginClaim, claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { until } from './until';

const MIB = 1024 * 1024;

let site: TemporalSite;
beforeAll(async () => {
  site = await openTemporalSite();
});
afterAll(() => site.close());

test('a worker that is killed during a download leaves the claim to another worker, which completes it', async () => {
  const { simulator, rules } = site;
  await site.done('setup');
  const [archive] = await simulator.createArchives({ size: 208 * MIB, notify: { when: 'never' } });
  const { archiveId } = archive!;
  rules.slowness = 10;
  const worker = await site.start('worker');
  await beginClaim(site, archiveId);
  await until('bytes arrive', async () => (await bytesIn(site)) > 2 * MIB);
  expect((await worker.kill()).signal).toBe('SIGKILL');
  expect(await simulator.archive(archiveId)).toMatchObject({ status: 'AVAILABLE' });

  rules.slowness = undefined;
  await site.start('worker');
  expect(await claimOf(site, archiveId).result()).toMatchObject({
    state: 'abandoned',
    sizeBytes: 208 * MIB,
  });

  await expectClaimed(site, archive!);
  const downloads = await downloadsOf(simulator, archiveId);
  expect(downloads.map(({ complete }) => complete)).toEqual([false, true]);
  expect(await site.incoming()).toEqual([]);
});

async function bytesIn({ incoming }: TemporalSite): Promise<number> {
  const sizes = (await incoming()).map(async (file) => (await stat(file)).size);
  return Math.max(0, ...(await Promise.all(sizes)));
}
