import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { SEALED } from '../../../src/store/archive-store';
import { checkBag } from '../../support/check-bag';
import { factsOf, openActivitySite, requestsTo, secure, type ActivitySite } from '../activity-site';

describe('verifyCopy, if the archive already has a bag,', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));
  const payloadOf = (key: ArchiveKey) => join(bagOf(key), 'data', 'archive.zip');
  const asideOf = async ({ tenant, archiveId }: ArchiveKey) =>
    (await readdir(join(site.folder, 'archives', '.damaged', tenant)).catch(() => [])).filter((name) =>
      name.startsWith(archiveId),
    );

  async function downloaded(spec = {}) {
    const key = await site.archive(spec);
    const facts = await factsOf(site, key);
    return { key, facts, copy: await site.run('downloadArchive', key, facts) };
  }

  it('uses the existing bag as the copy without a download, and verifies it again', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    const { conferenceId, sha256 } = secured;
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    const copy = await site.run('downloadArchive', key, facts);
    expect(copy).toMatchObject({ copyId: SEALED, sha256 });
    expect(await requestsTo(site.simulator, 'download', key)).toBe(1);
    await expect(site.run('verifyCopy', key, facts, copy)).resolves.toEqual(secured);
  });

  it('finds one changed byte in a sealed bag, and replaces the bag only by a verified copy', async () => {
    const key = await site.archive();
    const { conferenceId, sha256 } = await secure(site, key);
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    await flipByte(payloadOf(key));
    const sealed = await site.run('downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, sealed)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: false } });
    expect(await asideOf(key)).toEqual([]);
    await expect(site.store.findSealed(key)).resolves.toMatchObject({ sha256 });

    const fresh = await site.run('downloadArchive', key, facts);
    expect(fresh.copyId).not.toBe(SEALED);
    await expect(site.run('verifyCopy', key, facts, fresh)).resolves.toMatchObject({ sha256 });
    expect(await asideOf(key)).toHaveLength(1);
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
    expect(
      createHash('sha256')
        .update(await readFile(payloadOf(key)))
        .digest('hex'),
    ).toBe(sha256);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'secured',
      fixity: { ok: true },
    });
  });

  it('replaces an incomplete bag', async () => {
    const key = await site.archive();
    const { conferenceId, sha256 } = await secure(site, key);
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    await rm(join(bagOf(key), 'manifest-sha256.txt'));
    const copy = await site.run('downloadArchive', key, facts);
    await site.run('verifyCopy', key, facts, copy);
    expect(await asideOf(key)).toHaveLength(1);
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
  });

  it('replaces a damaged bag that was sealed but never recorded', async () => {
    const { key, facts, copy } = await downloaded();
    await site.run('verifyCopy', key, facts, copy);
    await site.database.query(
      `UPDATE archives SET state = 'verifying', secured_at = NULL, fixity_ok = NULL, fixity_at = NULL WHERE archive_id = $1`,
      [key.archiveId],
    );
    await flipByte(payloadOf(key));
    const sealed = await site.run('downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, sealed)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    const fresh = await site.run('downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, fresh)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
    expect(await asideOf(key)).toHaveLength(1);
  });
});

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}
