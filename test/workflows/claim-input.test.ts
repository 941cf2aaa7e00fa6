import { startInRealTime, type RunningWorkflows } from './running-workflows';

const DAY = 24 * 3_600_000;

describe('a claim with invalid input', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'archive-1'],
    ['a number', 7],
    ['a list', ['acme', 'input-1']],
    ['no archive', { tenant: 'acme' }],
    ['no tenant', { archiveId: 'input-1' }],
    ['a path', { tenant: 'acme', archiveId: '../input-1' }],
    ['another type', { tenant: 'acme', archiveId: 1 }],
    ['an archive that the workflow id does not name', { tenant: 'acme', archiveId: 'input-2' }],
    ['a tenant that the workflow id does not name', { tenant: 'other', archiveId: 'input-1' }],
    ['no deadline', { tenant: 'acme', archiveId: 'input-1', deadlineMs: null }],
    ['a deadline in words', { tenant: 'acme', archiveId: 'input-1', deadlineMs: '3 days' }],
    ['a deadline at once', { tenant: 'acme', archiveId: 'input-1', deadlineMs: 999 }],
    ['a deadline after 60 days', { tenant: 'acme', archiveId: 'input-1', deadlineMs: 60 * DAY + 1 }],
  ])('fails at once and runs no activity: %s', async (_, input) => {
    const started = await site.start('claimArchive', 'claim:acme:input-1', input);
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    expect(site.stepsOf(started)).toEqual([]);
  });

  it('fails under any other workflow id, and names the required one', async () => {
    const key = site.archive();
    const started = await site.start('claimArchive', 'by-hand', key);
    await expect(started.result()).rejects.toMatchObject({
      cause: {
        type: 'InvalidInput',
        message: expect.stringContaining(`claim:acme:${key.archiveId}`) as string,
      },
    });
  });

  it('blocks nothing: the next start of the same claim succeeds', async () => {
    const key = site.archive();
    const workflowId = `claim:acme:${key.archiveId}`;
    const bad = await site.start('claimArchive', workflowId, { ...key, deadlineMs: -1 });
    await expect(bad.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    const good = await site.start('claimArchive', workflowId, key, {
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });
    await expect(good.result()).resolves.toMatchObject({ state: 'abandoned' });
  });

  it('ignores a forged `carried` state of an earlier run', async () => {
    const claim = await site.claim(
      {},
      { deadlineMs: DAY, carried: { deadlineAt: 1, attention: 'StoreFull' } },
    );
    await claim.result();
    const [input] = site.argsOf(claim, 'awaitAvailable') as [{ deadlineAt: number }];
    const { startTime } = await claim.describe();
    expect(input.deadlineAt - startTime.getTime()).toBe(DAY);
  });

  it.each([
    ['sweepCopies', 'sweep:acme'],
    ['reconcileTenant', 'reconcile:acme'],
    ['rotateCallback', 'rotate:acme'],
    ['repairCopy', 'repair:acme:input-1'],
  ] as const)('is rejected like any invalid input of %s', async (name, workflowId) => {
    for (const input of [undefined, null, 'acme', {}, { tenant: '../x', archiveId: 'input-1' }]) {
      const started = await site.start(name, workflowId, input);
      await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    }
  });
});
