import { ApplicationFailure } from '@temporalio/common';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { freePort } from '../../src/processes/free-port';
import { parseTenantId } from '../../src/domain/ids';
import type { rotateCallback } from '../../src/workflows';
import { ask } from '../simulator/platform-access';
import type { Running } from '../support/processes';
import { startLoad, type Load } from './rotation/load';
import { openTemporalSite, type TemporalSite } from './temporal-site';
import { TENANT } from './site';
import { until } from './until';
import { createDatabase } from '../support/postgres';

/** A gateway process reads the ledger every 5 seconds. */
const WAITS = { spreadMs: 8_000, overlapMs: 1_000, drainMs: 13_000 };
const ROTATION = `rotate:${TENANT}`;

describe('on PostgreSQL', () => {
  let site: TemporalSite;
  let ledger: Ledger;
  let worker: Running;
  let load: Load;
  beforeAll(async () => {
    const url = await createDatabase();
    const port = await freePort('127.0.0.1');
    const gateway = { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` };
    site = await openTemporalSite({ ledger: url, config: { gateway } });
    await site.done('setup');
    ledger = createLedger(openPostgres(url));
    await site.start('gateway');
    worker = await site.start('worker');
    await begin('registerWebhook', `webhook-register:${TENANT}`);
    await site.done('webhook', 'register');
    load = await startLoad(site.simulator);
  });
  afterAll(async () => {
    await load.stop();
    await ledger.close();
    await site.close();
  });

  async function begin(type: string, workflowId: string): Promise<void> {
    await site.client.workflow.start(type, {
      args: [{ tenant: TENANT, waits: WAITS }],
      taskQueue: 'archivist',
      workflowId,
    });
  }

  /** Kills the worker; what it had begun counts as failed at once, and not after Temporal's timeouts. Then another begins. */
  async function replaceWorker(): Promise<void> {
    await worker.kill();
    const { client } = site;
    const { raw } = await client.workflow.getHandle(ROTATION).describe();
    await client.workflowService.resetStickyTaskQueue({
      namespace: client.options.namespace,
      execution: { workflowId: ROTATION },
    });
    for (const { activityId } of raw.pendingActivities ?? []) {
      const failure = ApplicationFailure.retryable('Its worker was killed.', 'WorkerKilled');
      if (activityId)
        await client.activity.fail({ workflowId: ROTATION, activityId }, failure).catch(() => undefined);
    }
    worker = await site.start('worker');
  }

  /** Resolves once the platform did what it was asked, and whoever asked is about to hear of it: too late. */
  function killedOnAnswerTo(method: string): Promise<void> {
    return new Promise((resolve, reject) => {
      site.rules.onAnswer = async (passing) => {
        if (passing.method !== method) return undefined;
        site.rules.onAnswer = undefined;
        await replaceWorker().then(resolve, reject);
        return undefined;
      };
    });
  }

  const states = () => ledger.listGenerations(parseTenantId(TENANT));

  async function subscriptions() {
    const access = { url: site.platform, apiKey: site.secrets.apiKey };
    const { list } = await ask(access, 'GET', '/subscriptions/subscriptions');
    return list().map(({ subscriptionId }) => subscriptionId);
  }

  it('a rotation survives the kill of its worker while it waits, registers and deletes', async () => {
    const [before] = await subscriptions();
    const registered = killedOnAnswerTo('POST');
    await begin('rotateCallback', ROTATION);
    await until('a secret waits', async () => (await states()).some((each) => !each.registeredAt));
    await replaceWorker();
    await registered;
    await killedOnAnswerTo('DELETE');
    const rotation = site.client.workflow.getHandle<typeof rotateCallback>(ROTATION);
    const { subscriptionId } = await rotation.result();
    await load.stop();

    expect(await subscriptions()).toEqual([subscriptionId]);
    expect(subscriptionId).not.toBe(before);
    expect((await states()).filter(({ retiredAt }) => !retiredAt)).toMatchObject([{ subscriptionId }]);
    const deliveries = await site.simulator.journal({ kind: 'delivery' });
    expect(deliveries.filter((entry) => 'statusCode' in entry && entry.statusCode === 404)).toEqual([]);
    expect(load.undelivered).toEqual([]);
  });
});
