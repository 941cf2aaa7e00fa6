import type { AvailabilityOutcome } from '../../src/domain/claim';
import { expiryWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import type { watchExpiry } from '../../src/workflows';
import { ABANDONED, POLICY, SECURED, type Script } from './script';
import { EXPIRY, eventCountOf, startTimeLapse, type Claim, type TimeLapse } from './time-lapse';

const policy = { ...POLICY, expiry: EXPIRY };

// Everything is overdue here: the server skips no more time once a child has outlived its parent.

describe('a claim that abandoned', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  const watchOf = ({ workflowId }: Claim) => {
    const archiveId = parseArchiveId(workflowId.split(':')[2]);
    const key = { tenant: parseTenantId('acme'), archiveId };
    return lapse.client.workflow.getHandle<typeof watchExpiry>(expiryWorkflowId(key));
  };
  const done = (closed?: true) => () =>
    Promise.resolve<AvailabilityOutcome>({ outcome: 'done', secured: SECURED, ...(closed && { closed }) });
  const claimed = async (script: Script = {}): Promise<Claim> => {
    const claim = await lapse.claim({ policy, ...script });
    await claim.result();
    return claim;
  };

  it('starts the watch, which outlives it, for five events', async () => {
    const claim = await claimed();
    const described = await watchOf(claim).describe();
    expect(described).toMatchObject({ status: { name: 'RUNNING' }, type: 'watchExpiry' });
    expect(described.parentExecution).toMatchObject({ workflowId: claim.workflowId });
    await expect(watchOf(claim).result()).resolves.toMatchObject({ state: 'closed' });

    const alone = await claimed({ policy: POLICY });
    expect((await eventCountOf(claim)) - (await eventCountOf(alone))).toBe(5);
    expect(await eventCountOf(claim)).toBeLessThan(50);
  });

  it('has it do what is due when it is due', async () => {
    const claim = await claimed();
    const [input] = (await watchOf(claim).fetchHistory()).events ?? [];
    const payload = input?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(payload!).toString())).toEqual({
      tenant: 'acme',
      archiveId: claim.workflowId.split(':')[2],
      expiry: EXPIRY,
    });
  });

  it('starts it where the archive was abandoned by an earlier claim', async () => {
    const claim = await claimed({ awaitAvailable: done() });
    await expect(watchOf(claim).result()).resolves.toMatchObject({ state: 'closed' });
  });

  it.each(['runs', 'ended'])('leaves alone a watch that %s', async (what) => {
    const claim = await lapse.claim({
      policy,
      findAbandoned: () => Promise.resolve(ABANDONED),
      abandonArchive: async () => {
        await lapse.client.workflow.start('watchExpiry', {
          args: [{ tenant: 'acme', archiveId: claim.workflowId.split(':')[2] }],
          taskQueue: 'archivist',
          workflowId: watchOf(claim).workflowId,
          ...(what === 'runs' && { startDelay: '10 days' }),
        });
        if (what === 'ended') await watchOf(claim).result();
      },
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect((await watchOf(claim).describe()).parentExecution).toBeUndefined();
  });

  it.each<[what: string, script: Script]>([
    ['secured it only', { policy: { ...policy, abandon: false } }],
    ['finds it closed', { awaitAvailable: done(true) }],
    ['began before there were watches', { policy: POLICY }],
  ])('starts none where it %s', async (_, script) => {
    const claim = await claimed(script);
    await expect(watchOf(claim).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  });

  it('tells of a closed archive that it is closed', async () => {
    const claim = await claimed({ awaitAvailable: done(true) });
    await expect(claim.result()).resolves.toMatchObject({ state: 'closed', alreadyDone: true });
  });
});
