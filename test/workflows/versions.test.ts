import { startInRealTime, type RunningWorkflows } from './running-workflows';
import { failing, inTurn, NOTHING_DUE } from './script';

const VERSION = { deploymentName: 'archivist', buildId: 'one' };

describe('workers of a versioned deployment', () => {
  let site: RunningWorkflows;
  beforeAll(async () => {
    site = await startInRealTime({
      workerDeploymentOptions: {
        version: VERSION,
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'AUTO_UPGRADE',
      },
    });
    await makeCurrent();
  });
  afterAll(() => site.close());

  /** Resolves when Temporal has seen the workers and sends them what belongs to no version yet. */
  async function makeCurrent(): Promise<void> {
    const { workflowService, options } = site.client;
    for (;;) {
      try {
        await workflowService.setWorkerDeploymentCurrentVersion({
          namespace: options.namespace,
          ...VERSION,
        });
        return;
      } catch {
        await site.sleep(200);
      }
    }
  }

  /** How a workflow goes on when another version becomes current: 1 is `PINNED`, 2 `AUTO_UPGRADE`. */
  async function behaviorOf(workflowId: string): Promise<unknown> {
    const { raw } = await site.client.workflow.getHandle(workflowId).describe();
    return raw.workflowExecutionInfo?.versioningInfo?.behavior;
  }

  it('keep claims on the version that began them', async () => {
    const claim = await site.claim();
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(await behaviorOf(claim.workflowId)).toBe(1);
  });

  it('move everything that a schedule starts to a new version', async () => {
    const key = site.archive({ beginRepair: failing('PlatformUnavailable', 60_000) });
    site.scripts.set('acme', {
      sweepDue: inTurn(() => Promise.resolve({ ...NOTHING_DUE, rechecked: 1, damaged: [key] })),
    });
    const ids = ['sweep:acme', 'reconcile:acme', 'rotate:acme', `repair:acme:${key.archiveId}`];
    await (await site.start('sweepCopies', 'sweep:acme', { tenant: 'acme' })).result();
    await (await site.start('reconcileTenant', 'reconcile:acme', { tenant: 'acme' })).result();
    await site.start('rotateCallback', 'rotate:acme', { tenant: 'acme' });
    while (!site.scripts.callsOf('acme').some(({ name }) => name === 'newestGeneration'))
      await site.sleep(50);
    await site.reach({ workflowId: `repair:acme:${key.archiveId}` }, 'beginRepair');
    for (const id of ids) expect([id, await behaviorOf(id)]).toEqual([id, 2]);
  });
});
