import { Client, Connection } from '@temporalio/client';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { claimsOn } from '../../src/worker/claims';
import { until } from '../e2e/until';
import { failing, DAY } from '../workflows/turns';
import { startTimeLapse, type Claim, type TimeLapse } from '../workflows/time-lapse';

const TENANT = parseTenantId('acme');

describe('claims, as reconciliation starts them', () => {
  let lapse: TimeLapse;
  beforeAll(async () => {
    lapse = await startTimeLapse();
  });
  afterAll(() => lapse.close());

  function keyOf({ workflowId }: Pick<Claim, 'workflowId'>) {
    return { tenant: TENANT, archiveId: parseArchiveId(workflowId.split(':')[2]) };
  }

  it('are started where there is none, and only once while it is under way', async () => {
    const claims = claimsOn(lapse.client);
    const key = { tenant: TENANT, archiveId: parseArchiveId('fresh') };
    expect(await claims.start(key, 60_000)).toBe('started');
    expect(await claims.start(key, 0)).toBe('duplicate');
    expect(await claims.startAnew(key, 0)).toBe('duplicate');
    await lapse.client.workflow.getHandle(claimWorkflowId(key)).terminate();
    expect(await claims.start(key, 60_000)).toBe('started');
    await lapse.client.workflow.getHandle(claimWorkflowId(key)).terminate();
  });

  it('that succeeded are started anew only where that is asked for', async () => {
    const claims = claimsOn(lapse.client);
    const claim = await lapse.claim();
    await claim.result();
    expect(await claims.start(keyOf(claim), 0)).toBe('duplicate');
    expect(await claims.startAnew(keyOf(claim), 0)).toBe('started');
  });

  it('are woken while they wait; one that has ended is no matter', async () => {
    const claims = claimsOn(lapse.client);
    const claim = await lapse.claim({ awaitAvailable: failing('NotYetAvailable', DAY) });
    await claims.wake(keyOf(claim));
    await until('it is told', async () => {
      const { events } = await claim.fetchHistory();
      return events?.some(
        (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'announced',
      );
    });
    await claim.terminate();
    await expect(claims.wake(keyOf(claim))).resolves.toBeUndefined();
  });

  it('are silent where Temporal does not answer', async () => {
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const key = { tenant: TENANT, archiveId: parseArchiveId('nowhere') };
    expect(await claimsOn(client, 200).start(key, 0)).toBe('silent');
    await expect(claimsOn(client, 200).wake(key)).resolves.toBeUndefined();
    await client.connection.close();
  });
});
