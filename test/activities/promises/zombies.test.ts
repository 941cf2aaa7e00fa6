import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { Ledger } from '../../../src/ledger/ledger';
import type { PlatformOf } from '../../../src/platform/create-platform';
import type { ArchiveStore } from '../../../src/store/archive-store';
import { SEALED } from '../../../src/store/archive-store';
import { checkBag } from '../../support/check-bag';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

/** An attempt that stands still, and goes on when others have long done its work, changes nothing. */
describe('a stalled attempt', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));
  const payloadOf = (key: ArchiveKey) => join(bagOf(key), 'data/archive.zip');
  const asideOf = ({ tenant }: ArchiveKey) =>
    readdir(join(site.folder, 'archives/.damaged', tenant)).catch(() => []);

  /** The platform, but something happens while a record is on its way. */
  function slowRecords(meanwhile: () => Promise<void>): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        async fetchRecord(...args) {
          const record = await platform.fetchRecord(...args);
          await meanwhile();
          return record;
        },
      };
    };
  }

  /** The ledger, but something happens before one of its statements. */
  function slowLedger(name: keyof Ledger, meanwhile: () => Promise<void>): Ledger {
    const call = site.ledger[name] as (...args: unknown[]) => Promise<unknown>;
    const slow = async (...args: unknown[]) => {
      await meanwhile();
      return await call(...args);
    };
    return { ...site.ledger, [name]: slow };
  }

  async function flipBit(path: string): Promise<void> {
    const bytes = await readFile(path);
    bytes[100]! ^= 1;
    await writeFile(path, bytes);
  }

  describe('9. in awaitAvailable', () => {
    it('does not undo a giveUp, and nothing claims the archive again', async () => {
      const key = await site.archive({ statuses: [{ status: 'PROCESSING' }] });
      await site.simulator.untilStatus(key.archiveId, 'PROCESSING');
      const runId = 'given-up';
      await site.runWith({ runId }, 'awaitAvailable', key, untilTomorrow()).catch(() => undefined);
      const platformOf = slowRecords(async () => {
        await site.run('giveOrder', key, { kind: 'giveUp', by: 'jane' });
      });
      await expect(
        site.runWith({ runId, attempt: 2, platformOf }, 'awaitAvailable', key, untilTomorrow()),
      ).resolves.toEqual({ outcome: 'decided', decision: 'giveUp' });
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'failed' });
      await site.simulator.setStatus(key.archiveId, { status: 'AVAILABLE' });
      await expect(site.run('reconcileArchives', TENANT)).resolves.toMatchObject({ queued: 0 });
    });

    it('does not take an archive back from a later attempt that has secured it', async () => {
      const key = await site.archive();
      const platformOf = slowRecords(async () => {
        await secure(site, key);
      });
      await expect(
        site.runWith({ platformOf }, 'awaitAvailable', key, untilTomorrow()),
      ).rejects.toMatchObject({ type: 'FencedOff', nonRetryable: false });
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'secured' });
    });

    it('still records that the platform was told, because facts only grow', async () => {
      const key = await site.archive();
      await secure(site, key);
      await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
      const ledger = slowLedger('beginClaim', async () => {
        await site.run('downloadArchive', key, {
          conferenceId: 'c' as never,
          platformStatus: 'AVAILABLE',
        });
      });
      await site.runWith({ ledger }, 'awaitAvailable', key, untilTomorrow()).catch(() => undefined);
      await expect(site.ledger.find(key)).resolves.toMatchObject({ toldAt: expect.any(Date) as Date });
    });
  });

  describe('10. in verifyCopy', () => {
    it('does not move the bag that a later attempt has repaired, sealed and abandoned', async () => {
      const key = await site.archive();
      const { conferenceId, sha256 } = await secure(site, key);
      const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
      await flipBit(payloadOf(key));
      const copy = await site.run('downloadArchive', key, facts);
      expect(copy.copyId).toBe(SEALED);
      const runId = 'one';
      const ledger = slowLedger('noteBadCopy', async () => {
        await site.runWith({ runId, attempt: 2 }, 'verifyCopy', key, facts, copy).catch(() => undefined);
        await claim(site, key);
      });
      await expect(site.runWith({ runId, ledger }, 'verifyCopy', key, facts, copy)).rejects.toMatchObject({
        type: 'FencedOff',
      });
      await expect(checkBag(bagOf(key))).resolves.toEqual([]);
      await expect(site.ledger.find(key)).resolves.toMatchObject({
        state: 'abandoned',
        fixity: { ok: true },
      });
    });

    it('does not replace the bag that a later attempt has put in the place of the bad one', async () => {
      const key = await site.archive();
      const { conferenceId, sha256 } = await secure(site, key);
      const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
      await flipBit(payloadOf(key));
      const sealed = await site.run('downloadArchive', key, facts);
      await site.run('verifyCopy', key, facts, sealed).catch(() => undefined);
      const copy = await site.run('downloadArchive', key, facts);
      const before = (await asideOf(key)).length;
      const seal: ArchiveStore['seal'] = async (...args) => {
        await secure(site, key);
        return await site.store.seal(...args);
      };
      const store = { ...site.store, seal };
      await site.runWith({ store }, 'verifyCopy', key, facts, copy).catch(() => undefined);
      expect((await asideOf(key)).length).toBe(before + 1);
      await expect(checkBag(bagOf(key))).resolves.toEqual([]);
      await expect(site.ledger.find(key)).resolves.toMatchObject({
        state: 'secured',
        fixity: { ok: true },
      });
    });

    it('called by hand with a wrong checksum moves nothing, and does not mark the copy as bad', async () => {
      const key = await site.archive();
      const { conferenceId, sha256, sizeBytes } = await secure(site, key);
      const facts = { conferenceId, sha256: 'ab'.repeat(32), platformStatus: 'AVAILABLE' };
      const copy = { copyId: SEALED, sizeBytes, sha256: 'ab'.repeat(32) };
      await expect(site.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
        type: 'RecordInvalid',
      });
      await expect(site.store.findSealed(key)).resolves.toMatchObject({ sha256 });
      await expect(site.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: true } });
    });
  });

  it('in downloadArchive does not take back a secured archive', async () => {
    const key = await site.archive();
    const found = await site.run('awaitAvailable', key, untilTomorrow());
    if (found.outcome !== 'available') throw new Error('It is not available.');
    const { facts } = found;
    const ledger = slowLedger('takeStep', async () => {
      await secure(site, key);
    });
    await expect(site.runWith({ ledger }, 'downloadArchive', key, facts)).rejects.toMatchObject({
      type: 'FencedOff',
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'secured' });
  });

  it('in abandonArchive is not authorised once a later attempt has taken over the archive', async () => {
    const key = await site.archive();
    await secure(site, key);
    let isFirst = true;
    const ledger = slowLedger('intend', async () => {
      if (isFirst) await site.run('awaitAvailable', key, untilTomorrow());
      isFirst = false;
    });
    await expect(site.runWith({ ledger }, 'abandonArchive', key, {} as never)).rejects.toMatchObject({
      type: 'FencedOff',
      nonRetryable: false,
    });
    expect((await site.simulator.archive(key.archiveId)).status).toBe('AVAILABLE');
  });

  it('of an older run is fenced off even if its ids sort higher', async () => {
    const key = await site.archive();
    const [older, newer] = ['ffffffff-run', '00000000-run'];
    const platformOf = slowRecords(async () => {
      await site.runWith({ runId: newer }, 'awaitAvailable', key, untilTomorrow());
    });
    await expect(
      site.runWith({ runId: older, platformOf }, 'awaitAvailable', key, untilTomorrow()),
    ).rejects.toMatchObject({ type: 'FencedOff' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ runId: newer });
  });
});
