import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { checkBag } from '../../support/check-bag';
import { factsOf, openActivitySite, requestsTo, secure, type ActivitySite } from '../activity-site';
import { ledgerEvents } from '../../ledger/archives';

describe('verifyCopy', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));
  const asideOf = async ({ tenant, archiveId }: ArchiveKey) =>
    (await readdir(join(site.folder, 'archives', '.damaged', tenant)).catch(() => [])).filter((name) =>
      name.startsWith(archiveId),
    );

  async function downloaded(spec = {}) {
    const key = await site.archive(spec);
    const facts = await factsOf(site, key);
    return { key, facts, copy: await site.run('downloadArchive', key, facts) };
  }

  it('seals a valid bag with the unchanged record, and records the archive as secured', async () => {
    const { key, facts, copy } = await downloaded();
    const { conferenceId, sha256 = '' } = facts;
    const secured = await site.run('verifyCopy', key, facts, copy);
    const location = site.store.locationOf(key);
    expect(secured).toEqual({ conferenceId, sha256, sizeBytes: 64 * 1024, location });
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'secured',
      ...secured,
      fixity: { ok: true },
    });
    const record = await readFile(join(bagOf(key), 'metadata', 'record.json'));
    expect(record).toEqual(await site.ledger.findRecord(key));
  });

  it('returns the same result however often it runs', async () => {
    const { key, facts, copy } = await downloaded();
    const first = await site.run('verifyCopy', key, facts, copy);
    await expect(site.run('verifyCopy', key, facts, copy)).resolves.toEqual(first);
    expect(await asideOf(key)).toEqual([]);
  });

  it('returns the same result to a retry whose predecessor ended the claim as told', async () => {
    const { key, facts, copy } = await downloaded();
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('awaitAvailable', key, { deadlineAt: Date.now() + 60_000 });
    const run = (attempt: number) => site.runWith({ runId: 'one', attempt }, 'verifyCopy', key, facts, copy);
    const first = await run(1);
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned', ended: {} });
    await expect(run(2)).resolves.toEqual(first);
  });

  it('continues with a bag that an attempt sealed before it died', async () => {
    const { key, facts, copy } = await downloaded();
    const dying = { ...site.ledger, secureCopy: () => Promise.reject(new Error('killed')) };
    await expect(site.runWith({ ledger: dying }, 'verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'Unexpected',
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'verifying' });
    await expect(site.run('verifyCopy', key, facts, copy)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
    expect(await requestsTo(site.simulator, 'download', key)).toBe(1);
  });

  it('discards a copy that differs from the record, and requests another download', async () => {
    const { key, facts, copy } = await downloaded({ record: { sha256CheckSum: 'ab'.repeat(32) } });
    await expect(site.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    await expect(site.store.open(key, copy.copyId)).rejects.toMatchObject({ type: 'CopyMissing' });
    await expect(site.store.findSealed(key)).resolves.toBeUndefined();
    const events = await ledgerEvents(site.database, key);
    expect(events.at(-1)).toMatchObject({ type: 'fixity check', outcome: 'failure' });
  });

  it('discards nothing if a later attempt has taken over the archive', async () => {
    const { key, facts, copy } = await downloaded({ record: { sha256CheckSum: 'ab'.repeat(32) } });
    let later = copy;
    const ledger = {
      ...site.ledger,
      noteBadCopy: async (...args: Parameters<ActivitySite['ledger']['noteBadCopy']>) => {
        later = await site.run('downloadArchive', key, facts);
        return await site.ledger.noteBadCopy(...args);
      },
    };
    await expect(site.runWith({ ledger }, 'verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'FencedOff',
      nonRetryable: false,
    });
    await (await site.store.open(key, later.copyId)).close();
  });

  it.each(['cd'.repeat(32), undefined])(
    'uses the checksum in the ledger, whatever its input says (%s)',
    async (sha256) => {
      const { key, facts, copy } = await downloaded();
      const { conferenceId, platformStatus } = facts;
      const told = { conferenceId, platformStatus, ...(sha256 !== undefined && { sha256 }) };
      const verified = site.run('verifyCopy', key, told, { ...copy, sha256: 'ef'.repeat(32) });
      if (sha256 === undefined) await expect(verified).resolves.toMatchObject({ sha256: facts.sha256 });
      else await expect(verified).rejects.toMatchObject({ type: 'RecordInvalid' });
    },
  );

  it('does not replace a secured copy by another file, even if the platform serves that file', async () => {
    const [key, another] = [await site.archive(), await site.archive({ seed: 'another file' })];
    const { conferenceId, sha256 } = await secure(site, key);
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    await rm(bagOf(key), { recursive: true });
    const platformOf: ActivitySite['platformOf'] = (tenant) => {
      const platform = site.platformOf(tenant);
      return { ...platform, download: (_, part, signal) => platform.download(another, part, signal) };
    };
    const copy = await site.runWith({ platformOf }, 'downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    await expect(site.store.findSealed(key)).resolves.toBeUndefined();
  });

  it('compares with the checksum taken during the download if the record has none', async () => {
    const key = await site.archive({ record: { sha256CheckSum: null } });
    const settings = { ...site.settings, requireChecksum: false };
    const found = await site.runWith({ settings }, 'awaitAvailable', key, {
      deadlineAt: Date.now() + 60_000,
    });
    if (found.outcome !== 'available') throw new Error('It is not available.');
    const copy = await site.run('downloadArchive', key, found.facts);
    expect(copy.sha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(
      site.run('verifyCopy', key, found.facts, { ...copy, sha256: 'ab'.repeat(32) }),
    ).rejects.toMatchObject({ type: 'ChecksumMismatch' });
    const again = await site.run('downloadArchive', key, found.facts);
    await expect(site.run('verifyCopy', key, found.facts, again)).resolves.toMatchObject({
      sha256: copy.sha256,
    });
  });

  it('accepts a checksum in upper case', async () => {
    const key = await site.archive({ seed: 'capitals', record: {} });
    const { sha256 } = await site.simulator.archive(key.archiveId);
    const record = { sha256CheckSum: sha256?.toUpperCase() };
    const shouting = await site.archive({ seed: 'capitals', record });
    await expect(secure(site, shouting)).resolves.toMatchObject({ sha256 });
  });

  it('restarts from the record if the ledger does not know the archive', async () => {
    const { key, facts, copy } = await downloaded();
    for (const table of ['records', 'archives'])
      await site.database.query(`DELETE FROM ${table} WHERE archive_id = $1`, [key.archiveId]);
    await expect(site.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'LedgerBehind',
      nonRetryable: true,
    });
  });
});
