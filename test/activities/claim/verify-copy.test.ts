import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { checkBag } from '../../support/check-bag';
import { factsOf, openWorkshop, requestsTo, secure, type Workshop } from '../workshop';
import { ledgerEvents } from '../../ledger/archives';

describe('verifyCopy', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(workshop.store.locationOf(key));
  const asideOf = async ({ tenant, archiveId }: ArchiveKey) =>
    (await readdir(join(workshop.folder, 'archives', '.damaged', tenant)).catch(() => [])).filter((name) =>
      name.startsWith(archiveId),
    );

  async function downloaded(spec = {}) {
    const key = await workshop.archive(spec);
    const facts = await factsOf(workshop, key);
    return { key, facts, copy: await workshop.run('downloadArchive', key, facts) };
  }

  it('seals a valid bag with the record as it came, and records it as secured', async () => {
    const { key, facts, copy } = await downloaded();
    const { conferenceId, sha256 = '' } = facts;
    const secured = await workshop.run('verifyCopy', key, facts, copy);
    const location = workshop.store.locationOf(key);
    expect(secured).toEqual({ conferenceId, sha256, sizeBytes: 64 * 1024, location });
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'secured',
      ...secured,
      fixity: { ok: true },
    });
    const record = await readFile(join(bagOf(key), 'metadata', 'record.json'), 'utf8');
    expect(record).toBe(await workshop.ledger.findRecord(key));
  });

  it('gives the same answer however often it runs', async () => {
    const { key, facts, copy } = await downloaded();
    const first = await workshop.run('verifyCopy', key, facts, copy);
    await expect(workshop.run('verifyCopy', key, facts, copy)).resolves.toEqual(first);
    expect(await asideOf(key)).toEqual([]);
  });

  it('gives the same answer to an attempt whose predecessor ended the claim, as the platform was told before', async () => {
    const { key, facts, copy } = await downloaded();
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await workshop.run('awaitAvailable', key, { deadlineAt: Date.now() + 60_000 });
    const run = (attempt: number) =>
      workshop.runWith({ runId: 'one', attempt }, 'verifyCopy', key, facts, copy);
    const first = await run(1);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned', ended: {} });
    await expect(run(2)).resolves.toEqual(first);
  });

  it('goes on from a bag that an attempt sealed before it died', async () => {
    const { key, facts, copy } = await downloaded();
    const dying = { ...workshop.ledger, secureCopy: () => Promise.reject(new Error('killed')) };
    await expect(workshop.runWith({ ledger: dying }, 'verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'Unexpected',
    });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'verifying' });
    await expect(workshop.run('verifyCopy', key, facts, copy)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
    expect(await requestsTo(workshop.simulator, 'download', key)).toBe(1);
  });

  it('discards a copy that is not what the record says, and has it downloaded again', async () => {
    const { key, facts, copy } = await downloaded({ record: { sha256CheckSum: 'ab'.repeat(32) } });
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    await expect(workshop.store.open(key, copy.copyId)).rejects.toMatchObject({ type: 'CopyMissing' });
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
    const events = await ledgerEvents(workshop.database, key);
    expect(events.at(-1)).toMatchObject({ type: 'fixity check', outcome: 'failure' });
  });

  it('discards nothing if a later attempt has taken the archive over', async () => {
    const { key, facts, copy } = await downloaded({ record: { sha256CheckSum: 'ab'.repeat(32) } });
    let later = copy;
    const ledger = {
      ...workshop.ledger,
      noteBadCopy: async (...args: Parameters<Workshop['ledger']['noteBadCopy']>) => {
        later = await workshop.run('downloadArchive', key, facts);
        return await workshop.ledger.noteBadCopy(...args);
      },
    };
    await expect(workshop.runWith({ ledger }, 'verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'FencedOff',
      nonRetryable: false,
    });
    await (await workshop.store.open(key, later.copyId)).close();
  });

  it.each(['cd'.repeat(32), undefined])(
    'goes by the checksum in the ledger, whatever it is told (%s)',
    async (sha256) => {
      const { key, facts, copy } = await downloaded();
      const { conferenceId, platformStatus } = facts;
      const told = { conferenceId, platformStatus, ...(sha256 !== undefined && { sha256 }) };
      const verified = workshop.run('verifyCopy', key, told, { ...copy, sha256: 'ef'.repeat(32) });
      if (sha256 === undefined) await expect(verified).resolves.toMatchObject({ sha256: facts.sha256 });
      else await expect(verified).rejects.toMatchObject({ type: 'RecordInvalid' });
    },
  );

  it('takes no other file for one that was secured before, though the platform gives it', async () => {
    const [key, another] = [await workshop.archive(), await workshop.archive({ seed: 'another file' })];
    const { conferenceId, sha256 } = await secure(workshop, key);
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    await rm(bagOf(key), { recursive: true });
    const platformOf: Workshop['platformOf'] = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return { ...platform, download: (_, part, signal) => platform.download(another, part, signal) };
    };
    const copy = await workshop.runWith({ platformOf }, 'downloadArchive', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
  });

  it('compares with the bytes as they arrived if the record has no checksum', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: null } });
    const settings = { ...workshop.settings, requireChecksum: false };
    const found = await workshop.runWith({ settings }, 'awaitAvailable', key, {
      deadlineAt: Date.now() + 60_000,
    });
    if (found.outcome !== 'available') throw new Error('It is not available.');
    const copy = await workshop.run('downloadArchive', key, found.facts);
    expect(copy.sha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(
      workshop.run('verifyCopy', key, found.facts, { ...copy, sha256: 'ab'.repeat(32) }),
    ).rejects.toMatchObject({ type: 'ChecksumMismatch' });
    const again = await workshop.run('downloadArchive', key, found.facts);
    await expect(workshop.run('verifyCopy', key, found.facts, again)).resolves.toMatchObject({
      sha256: copy.sha256,
    });
  });

  it('takes a checksum in capital letters', async () => {
    const key = await workshop.archive({ seed: 'capitals', record: {} });
    const { sha256 } = await workshop.simulator.archive(key.archiveId);
    const record = { sha256CheckSum: sha256?.toUpperCase() };
    const shouting = await workshop.archive({ seed: 'capitals', record });
    await expect(secure(workshop, shouting)).resolves.toMatchObject({ sha256 });
  });

  it('needs a person if the bytes are right and no zip', async () => {
    const text = 'this is no zip';
    const sha256 = createHash('sha256').update(text).digest('hex');
    const key = await workshop.archive({ record: { sha256CheckSum: sha256 } });
    const facts = await factsOf(workshop, key);
    const incoming = await workshop.store.receive(key);
    await incoming.append(Buffer.from(text));
    await incoming.finish();
    const copy = { copyId: incoming.copyId, sizeBytes: text.length };
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ZipUnreadable',
    });
  });

  it('begins again from the record if the ledger does not know the archive', async () => {
    const { key, facts, copy } = await downloaded();
    for (const table of ['records', 'archives'])
      await workshop.database.query(`DELETE FROM ${table} WHERE archive_id = $1`, [key.archiveId]);
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'LedgerBehind',
      nonRetryable: true,
    });
  });
});
