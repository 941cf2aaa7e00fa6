import { abandonArchive } from '../../../src/activities/claim/abandon-archive';
import { decideAgain } from '../../../src/activities/claim/orders';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { GivenOrder } from '../../../src/domain/orders';
import type { AbandonRequest } from '../../../src/platform/abandon';
import type { PlatformOf } from '../../../src/platform/create-platform';
import { activityEnvironment } from '../../support/activity-environment';
import { openActivitySite, requestsTo, secure, TENANT, type ActivitySite } from '../activity-site';

const by = 'jane';
const RESTRAINING = ['hold', 'giveUp', 'cancel', 'deadline'] as const;

/** What a person decided stands, and no answer says "held" or "given up" of what was told, or may be told at this moment. */
describe('orders of people', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => site.simulator.clearFaults());
  afterAll(() => site.close());

  const statusOf = async (key: ArchiveKey) => (await site.simulator.archive(key.archiveId)).status;
  const order = (key: ArchiveKey, kind: Exclude<GivenOrder['kind'], 'extend'>) =>
    site.run('giveOrder', key, { kind, by });

  async function secured(spec = {}): Promise<ArchiveKey> {
    const key = await site.archive(spec);
    await secure(site, key);
    return key;
  }

  /** The platform, but something happens between the ledger's authorisation and the write of the request. */
  function between(happens: (request: AbandonRequest) => Promise<void>): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        openAbandon: async (...args) => {
          const request = await platform.openAbandon(...args);
          const send: AbandonRequest['send'] = async (mayBeSent) => {
            await happens(request);
            return await request.send(mayBeSent);
          };
          return { ...request, send };
        },
      };
    };
  }

  const abandonWith = (platformOf: PlatformOf, key: ArchiveKey, leaseMs = 30_000) =>
    activityEnvironment().run(() => abandonArchive({ ...site, platformOf, abandonTimes: { leaseMs } }, key));

  it.each(['hold', 'giveUp'] as const)(
    '3. %s for one archive is not confirmed between the last check and the request of another one',
    async (kind) => {
      const conferenceId = `between-${kind}`;
      const [one, other] = [await secured({ conferenceId }), await secured({ conferenceId })];
      let answer;
      await abandonWith(
        between(async () => void (answer = await order(other, kind))),
        one,
      );
      expect(answer).toMatchObject({ answer: 'undecided' });
      await expect(order(other, kind)).resolves.toMatchObject({ answer: 'tooLate', state: 'abandoned' });
      expect(await statusOf(other)).toBe('ABANDONED');
    },
  );

  it('3. giveUp without a copy is never confirmed if a pending request told the platform', async () => {
    const conferenceId = 'joined-later';
    let joined: ArchiveKey | undefined;
    await abandonWith(
      between(async () => {
        joined = await site.archive({ conferenceId });
        await expect(order(joined, 'giveUp')).resolves.toMatchObject({ answer: 'undecided' });
      }),
      await secured({ conferenceId }),
    );
    for (let times = 0; times < 2; times += 1)
      await expect(decideAgain(site, joined!)).resolves.toEqual({ answer: 'tooLate', state: 'failed' });
  });

  it('3. giveUp in time stays confirmed, even if somebody else abandons the archive later', async () => {
    const key = await site.archive();
    await expect(order(key, 'giveUp')).resolves.toMatchObject({ answer: 'confirmed' });
    await site.ledger.noteTold(TENANT, [{ archiveId: key.archiveId, status: 'ABANDONED' }], site.expiry);
    await expect(decideAgain(site, key)).resolves.toEqual({ answer: 'confirmed', state: 'failed' });
  });

  it.each(RESTRAINING)(
    '5. %s is not confirmed as in time while the answer to an effective abandon is slow',
    async (kind) => {
      const key = await secured();
      await site.simulator.setFaults([
        { fault: 'noAnswer', endpoint: 'abandon', afterEffect: true, times: 1 },
      ]);
      const environment = activityEnvironment();
      const impatient = { ...site, abandonTimes: { answerMs: 1_000 } };
      const abandoned = environment.run(() => abandonArchive(impatient, key));
      await untilStatus(key, 'ABANDONED');
      const answered = order(key, kind);
      // What a workflow does that hears of an order, or of its deadline: the request is not withdrawn by it.
      environment.cancel();
      await expect(answered).resolves.toMatchObject({ answer: 'tooLate', state: 'abandoned' });
      await expect(abandoned).resolves.toEqual({ outcome: 'abandoned' });
    },
  );

  it.each(['hold', 'deadline'] as const)(
    '5. an abandon that failed here counts for %s as one that may take effect there',
    async (kind) => {
      const key = await secured();
      await site.simulator.setFaults([{ fault: 'status', endpoint: 'abandon', statusCode: 503 }]);
      await expect(abandonWith(site.platformOf, key, 300)).rejects.toMatchObject({
        type: 'AbandonUnconfirmed',
      });
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'undecided', state: 'secured' });
      // No later request is authorised all the same.
      await expect(site.run('abandonArchive', key, {} as never)).resolves.toMatchObject({
        outcome: 'waits',
      });
      expect(await requestsTo(site.simulator, 'abandon', key)).toBe(1);
    },
  );

  it('11. a process that stalls before its request sends nothing after an order was confirmed', async () => {
    const key = await secured();
    let answer;
    const stalled = between(async () => {
      answer = await order(key, 'hold');
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    await expect(abandonWith(stalled, key, 2_000)).rejects.toMatchObject({ type: 'AbandonUnconfirmed' });
    expect(answer).toMatchObject({ answer: 'undecided' });
    await expect(order(key, 'hold')).resolves.toMatchObject({ answer: 'confirmed' });
    expect(await statusOf(key)).toBe('AVAILABLE');
  });

  it('a hold that came before the last check is confirmed, and nothing is sent', async () => {
    const conferenceId = 'held-before';
    const [one, other] = [await secured({ conferenceId }), await secured({ conferenceId })];
    await expect(order(other, 'hold')).resolves.toMatchObject({ answer: 'confirmed' });
    await expect(site.run('abandonArchive', one, {} as never)).resolves.toMatchObject({
      waitsFor: 'held',
    });
    expect(await requestsTo(site.simulator, 'abandon', one)).toBe(0);
  });

  async function untilStatus(key: ArchiveKey, status: string): Promise<void> {
    while ((await statusOf(key)) !== status) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('a hold whose process died before it read the record is too late if a stranger told the platform', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.ledger.writeOrder(key, { kind: 'hold', by: 'jane' });
    await expect(decideAgain(site, key)).resolves.toMatchObject({ answer: 'tooLate' });
  });
});
