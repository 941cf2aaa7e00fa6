import { randomUUID } from 'node:crypto';
import { parseArchiveId, type ArchiveKey } from '../../../src/domain/ids';
import type { GivenOrder } from '../../../src/domain/orders';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';
import { ledgerEvents } from '../../ledger/archives';

const by = 'jane@example.com';
const RESTRAINING = ['hold', 'giveUp', 'cancel', 'deadline'] as const;

describe('an order', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => site.simulator.clearFaults());
  afterAll(() => site.close());

  const order = (key: ArchiveKey, kind: Exclude<GivenOrder['kind'], 'extend'>, reason?: string) =>
    site.run('giveOrder', key, { kind, by, ...(reason !== undefined && { reason }) });
  const silence = () => site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);

  async function begun(): Promise<ArchiveKey> {
    const key = await site.archive();
    await site.run('awaitAvailable', key, untilTomorrow());
    return key;
  }

  async function secured(): Promise<ArchiveKey> {
    const key = await site.archive();
    await secure(site, key);
    return key;
  }

  /** A request for the archive's conference that may still take effect, or that is over. */
  async function flight(key: ArchiveKey, outcome?: 'refused' | 'unsent'): Promise<string> {
    const id = randomUUID();
    await site.database.query(
      `INSERT INTO abandons (id, tenant, conference_id, members, archive_id, run_id, worker, over_at, outcome)
       SELECT $1::uuid, tenant, conference_ids[1], ARRAY[archive_id], archive_id, 'run', 'worker',
         CASE WHEN $3::text IS NOT NULL THEN now() END, $3::text
       FROM archives WHERE archive_id = $2`,
      [id, key.archiveId, outcome ?? null],
    );
    return id;
  }

  describe.each(RESTRAINING)('%s', (kind) => {
    it('is confirmed if the record shows that the platform was not told', async () => {
      const key = await secured();
      await expect(order(key, kind, 'a dispute')).resolves.toEqual({
        answer: 'confirmed',
        state: kind === 'hold' ? 'secured' : 'failed',
      });
      const secured_ = await site.ledger.find(key);
      if (kind === 'hold') expect(secured_).toMatchObject({ held: { by } });
      else expect(secured_).toMatchObject({ decided: { by }, ended: expect.any(Object) as object });
      const again = await site.run('abandonArchive', key, {} as never).catch((error: unknown) => error);
      expect(again).toMatchObject({ outcome: 'waits' });
    });

    it('is too late if the ledger knows that the platform was told', async () => {
      const key = await site.archive();
      await claim(site, key);
      await expect(order(key, kind)).resolves.toEqual({ answer: 'tooLate', state: 'abandoned' });
    });

    it('is too late if the record shows that the platform was told, and the ledger then knows it', async () => {
      const key = await secured();
      await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
      await expect(order(key, kind)).resolves.toEqual({ answer: 'tooLate', state: 'abandoned' });
      await expect(site.ledger.find(key)).resolves.toMatchObject({ toldAt: expect.any(Date) as Date });
    });

    it('is answered as undecided within three seconds while a request may still take effect', async () => {
      const key = await secured();
      await flight(key);
      const begin = Date.now();
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'undecided', state: 'secured' });
      expect(Date.now() - begin).toBeLessThan(3_000);
    });

    it('waits a moment for the outcome: a request that ends without effect', async () => {
      const key = await secured();
      const id = await flight(key);
      setTimeout(() => void site.ledger.endFlight(id, 'refused'), 500);
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'confirmed' });
    });

    it('waits a moment for the outcome: a request that took effect', async () => {
      const key = await secured();
      await flight(key);
      setTimeout(() => void site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' }), 500);
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'tooLate', state: 'abandoned' });
    });

    it('is decided from the ledger alone only if no request ever touched the archive', async () => {
      const [untouched, touched] = [await secured(), await secured()];
      await flight(touched, 'refused');
      await silence();
      await expect(order(untouched, kind)).resolves.toMatchObject({ answer: 'confirmed' });
      await expect(order(touched, kind)).resolves.toMatchObject({ answer: 'undecided' });
    });

    it('checks the requests of the conference that the record names now', async () => {
      const conferenceId = `moved-${kind}`;
      const [key, sibling] = [await secured(), await site.archive({ conferenceId })];
      await secure(site, sibling);
      await flight(sibling);
      await site.simulator.setFaults([
        { fault: 'recordFields', archiveId: key.archiveId, fields: { conferenceId } },
      ]);
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'undecided' });
    });

    it('for an archive unknown to the ledger writes row and order at once, if the record shows it', async () => {
      const key = await site.archive();
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'confirmed' });
      const entry = await site.ledger.find(key);
      expect(entry).toMatchObject(kind === 'hold' ? { held: { by } } : { decided: { by }, state: 'failed' });
    });

    it('for an archive unknown to both ledger and platform is not stored', async () => {
      const key = { tenant: TENANT, archiveId: parseArchiveId(`unknown-${kind}`) };
      await expect(order(key, kind)).resolves.toEqual({ answer: 'unknown' });
      await expect(site.ledger.find(key)).resolves.toBeUndefined();
    });

    it('for an archive unknown to the ledger is not recorded while the platform is silent', async () => {
      const key = await site.archive();
      await silence();
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'notRecorded' });
      await expect(site.ledger.find(key)).resolves.toBeUndefined();
    });

    it('may be given twice without harm', async () => {
      const key = await begun();
      await order(key, kind);
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'confirmed' });
      const orders = (await ledgerEvents(site.database, key)).filter(({ detail }) => 'order' in detail);
      expect(orders).toHaveLength(1);
    });
  });
});
