import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import { claimWorkflowId } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { until } from '../e2e/until';
import { key, startQueuedClaims, type QueuedClaims } from './queued-claims';

describe('a running claim that has not begun in the ledger', () => {
  let claims: QueuedClaims;
  beforeAll(async () => {
    claims = await startQueuedClaims();
  });
  afterAll(() => claims.close());

  it('is woken once for each time that the archive is announced again', async () => {
    const archive = key('unread');
    const drainer = claims.drain({ spans: { poll: 50, ending: 100, retry: 100 } });
    const waits = (outcome: 'started' | 'running', times: number) =>
      until(`${outcome} ${times} times`, () => Promise.resolve(drainer.count(outcome) >= times));
    await claims.ledger.enqueueHints([archive], 1_000);
    await waits('started', 1);
    // While no worker has asked for the record, nobody waits for news.
    await expect(claims.ledger.enqueueHints([archive], 1_000)).resolves.toEqual(['duplicate']);
    await claims.ledger.noteUnread(archive);
    await expect(claims.ledger.enqueueHints([archive, archive], 1_000)).resolves.toEqual([
      'accepted',
      'duplicate',
    ]);
    await waits('running', 3);
    await expect(claims.signals(archive)).resolves.toBe(1);
    await expect(claims.ledger.enqueueHints([archive], 1_000)).resolves.toEqual(['accepted']);
    await waits('running', 6);
    await expect(claims.signals(archive)).resolves.toBe(2);
    // One that was started without the queue.
    await claims.client.workflow.start(CLAIM_ARCHIVE, {
      args: [key('direct')],
      taskQueue: TASK_QUEUES.claims,
      workflowId: claimWorkflowId(key('direct')),
    });
    await claims.ledger.enqueueHints([key('direct')], 1_000);
    await waits('running', 9);
    await expect(claims.signals(key('direct'))).resolves.toBe(1);
    await claims.stopDrainers();
  });
});
