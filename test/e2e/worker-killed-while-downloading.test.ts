import { stat } from 'node:fs/promises';
import { downloadsOf, expectClaimed } from './expect-claimed';
import { beginClaim, claimOf, setStage, type Stage } from './stage';
import { until } from './until';

const MIB = 1024 * 1024;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

test('a worker that is killed in the middle of a download leaves the claim to another, which ends it', async () => {
  const { simulator, rules } = stage;
  await stage.done('setup');
  const [archive] = await simulator.createArchives({ size: 208 * MIB, notify: { when: 'never' } });
  const { archiveId } = archive!;
  rules.slowness = 10;
  const worker = await stage.start('worker');
  await beginClaim(stage, archiveId);
  await until('bytes arrive', async () => (await bytesIn(stage)) > 2 * MIB);
  expect((await worker.kill()).signal).toBe('SIGKILL');
  expect(await simulator.archive(archiveId)).toMatchObject({ status: 'AVAILABLE' });

  rules.slowness = undefined;
  await stage.start('worker');
  expect(await claimOf(stage, archiveId).result()).toMatchObject({
    state: 'abandoned',
    sizeBytes: 208 * MIB,
  });

  await expectClaimed(stage, archive!);
  const downloads = await downloadsOf(simulator, archiveId);
  expect(downloads.map(({ complete }) => complete)).toEqual([false, true]);
  expect(await stage.incoming()).toEqual([]);
});

async function bytesIn({ incoming }: Stage): Promise<number> {
  const sizes = (await incoming()).map(async (file) => (await stat(file)).size);
  return Math.max(0, ...(await Promise.all(sizes)));
}
