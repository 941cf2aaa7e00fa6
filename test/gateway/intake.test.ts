import { randomUUID } from 'node:crypto';
import {
  claimWorkflowId,
  parseArchiveId,
  parseConferenceId,
  parseTenantId,
  type ArchiveKey,
} from '../../src/domain/ids';
import { batchWrites, NotWritten } from '../../src/gateway/batch-writes';
import type { Fence } from '../../src/ledger/ledger';
import { until } from '../e2e/until';
import { sent } from '../ledger/archives';
import { listedRuns } from '../support/temporal';
import { notification, PATH, post } from './gateway';
import { startWholeGateway, type WholeGateway } from './whole-gateway';

describe('writes in batches', () => {
  const BOUNDS = { limit: 10, timeoutMs: 200 };

  function written(items: readonly string[]): Promise<string[]> {
    return Promise.resolve(items.map((item) => `${item} written`));
  }

  describe('concurrent items', () => {
    it('are written together if they arrive during a write, and each gets its own result', async () => {
      const batches: (readonly string[])[] = [];
      let end = (): void => undefined;
      const write = batchWrites(async (items: readonly string[]) => {
        batches.push(items);
        if (batches.length === 1) await new Promise<void>((resolve) => (end = resolve));
        return await written(items);
      }, BOUNDS);
      const first = write('a');
      const others = ['b', 'c', 'd'].map(write);
      end();
      await expect(Promise.all([first, ...others])).resolves.toEqual(
        ['a', 'b', 'c', 'd'].map((item) => `${item} written`),
      );
      expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
    });

    it('all fail with their write, and the next write is attempted', async () => {
      let isBroken = true;
      const write = batchWrites(
        (items: readonly string[]) => (isBroken ? Promise.reject(new Error('broken')) : written(items)),
        BOUNDS,
      );
      const outcomes = await Promise.allSettled([write('a'), write('b')]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      isBroken = false;
      await expect(write('c')).resolves.toBe('c written');
    });

    it('are rejected at once if too many wait', async () => {
      const write = batchWrites(written, BOUNDS);
      // The first one is being written; the others wait.
      const all = Array.from({ length: 1 + BOUNDS.limit + 2 }, (_, index) => write(String(index)));
      const outcomes = await Promise.allSettled(all);
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(refused).toHaveLength(2);
      expect(refused[0]?.reason).toBeInstanceOf(NotWritten);
    });

    it('fail if the write takes too long, and do not block the next one', async () => {
      let writes = 0;
      const write = batchWrites((items: readonly string[]) => {
        writes += 1;
        return writes === 1 ? new Promise<never>(() => undefined) : written(items);
      }, BOUNDS);
      const [first, second] = [write('a'), write('b')];
      await expect(first).rejects.toBeInstanceOf(NotWritten);
      await expect(second).resolves.toBe('b written');
    });
  });
});

describe('the intake', () => {
  let gateway: WholeGateway;
  beforeAll(async () => {
    gateway = await startWholeGateway();
  });
  afterAll(() => gateway.close());

  function key(archiveId: string): ArchiveKey {
    return { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId(archiveId) };
  }

  async function announce(archiveId: string, url = gateway.url): Promise<string> {
    const answer = await post(url + PATH, notification(archiveId));
    const { status } = (await answer.json()) as { readonly status: string };
    return `${answer.status} ${status}`;
  }

  async function eventsOf(archiveId: string) {
    const claim = gateway.observer.workflow.getHandle(claimWorkflowId(key(archiveId)));
    const history = await until('the claim', () => claim.fetchHistory().catch(() => undefined));
    return history.events ?? [];
  }

  async function signalsOf(archiveId: string): Promise<number> {
    const events = await eventsOf(archiveId);
    return events.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
  }

  /** What the first step of a claim does. */
  async function begin(archiveId: string, status = 'PACKING'): Promise<Fence> {
    const fence = { at: Date.now(), runId: randomUUID(), step: 1, attempt: 1 };
    await gateway.ledger.beginClaim(key(archiveId), fence, {
      deadlineAt: Date.now() + 3_600_000,
      record: { conferenceId: parseConferenceId(`c-${archiveId}`), status, ...sent('{}') },
      expiry: { recheckMs: 1_000, periodMs: 2_000 },
    });
    return fence;
  }

  describe('a notification', () => {
    it('is in the queue when it is acknowledged, and its claim is started at once', async () => {
      await expect(announce('first')).resolves.toBe('202 accepted');
      await expect(gateway.ledger.measureQueue()).resolves.toMatchObject({ entries: 1 });
      const [started] = await eventsOf('first');
      const [input] = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      expect(JSON.parse(String(input?.data))).toEqual({
        tenant: 'mycompany',
        archiveId: 'first',
        deadlineMs: 7 * 24 * 3_600_000,
      });
    });

    it('is a duplicate the second time, before and after its claim begins', async () => {
      await announce('twice');
      await expect(announce('twice')).resolves.toBe('202 duplicate');
      await begin('twice', 'AVAILABLE');
      await expect(announce('twice')).resolves.toBe('202 duplicate');
    });

    it('is accepted once and starts one claim, even if many copies arrive at once', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => announce('fifty')));
      expect(answers.sort()).toEqual(['202 accepted', ...Array<string>(49).fill('202 duplicate')]);
      await expect(signalsOf('fifty')).resolves.toBe(0);
      await expect(listedRuns(gateway.observer, claimWorkflowId(key('fifty')))).resolves.toBe(1);
    });

    it('is accepted once by several gateways', async () => {
      const other = await gateway.startAnother();
      const urls = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? gateway.url : other));
      const answers = await Promise.all(urls.map((url) => announce('several', url)));
      expect(answers.sort()).toEqual(['202 accepted', ...Array<string>(19).fill('202 duplicate')]);
      await eventsOf('several');
    });

    it('wakes a waiting claim', async () => {
      await announce('waits');
      await eventsOf('waits');
      await begin('waits', 'PACKING');
      await expect(announce('waits')).resolves.toBe('202 accepted');
      await until('the signal', async () => (await signalsOf('waits')) === 1);
    });

    it('wakes a claim in attention', async () => {
      await announce('attention');
      await eventsOf('attention');
      const fence = await begin('attention', 'AVAILABLE');
      await gateway.ledger.needAttention(key('attention'), fence, 'ChecksumMissing');
      await expect(announce('attention')).resolves.toBe('202 accepted');
      await until('the signal', async () => (await signalsOf('attention')) === 1);
    });

    it('changes nothing if a person gave up the archive', async () => {
      await announce('given-up');
      await eventsOf('given-up');
      await begin('given-up');
      await gateway.ledger.writeOrder(key('given-up'), { kind: 'giveUp', by: 'erika' });
      await expect(announce('given-up')).resolves.toBe('202 duplicate');
      await expect(signalsOf('given-up')).resolves.toBe(0);
    });
  });

  describe('the gateway', () => {
    it('is ready while Temporal and the ledger answer', async () => {
      const ready = await fetch(`${gateway.url}/readyz`);
      expect(ready.status).toBe(200);
      await expect(ready.json()).resolves.toEqual({ status: 'ok', checks: { temporal: 'ok', ledger: 'ok' } });
    });

    it('counts the outcomes of the rows of the queue, and publishes how many are left', async () => {
      await announce('counted');
      await eventsOf('counted');
      await until('the count', async () =>
        /queue_drained_total\{outcome="started"\} [1-9]/.test(await gateway.metrics.registry.metrics()),
      );
      const metrics = await gateway.metrics.registry.metrics();
      expect(metrics).toMatch(/^archivist_gateway_queue_entries [1-9]\d*$/m);
      expect(metrics).toMatch(/^archivist_gateway_queue_oldest_seconds \d/m);
      expect(metrics).toContain('archivist_gateway_rechecks_overdue{tenant="mycompany"} 0\n');
    });
  });
});
