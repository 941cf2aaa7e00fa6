import fs, { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { checkBag } from '../../support/check-bag';
import { factsOf, openActivitySite, TENANT, type ActivitySite } from '../activity-site';

describe('partial copies', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => site.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));
  const incomingOf = ({ tenant, archiveId }: ArchiveKey) =>
    join(site.folder, 'archives/.incoming', tenant, archiveId);

  it.each(['giveUp', 'cancel'] as const)(
    'are removed from the folder of incoming files after the order %s',
    async (kind) => {
      const key = await site.archive({
        size: 8 * 1024 * 1024,
        faults: [{ fault: 'truncate', times: 1 }],
      });
      const facts = await factsOf(site, key);
      await site.run('downloadArchive', key, facts).catch(() => undefined);
      await site.run('giveOrder', key, { kind, by: 'jane' });
      await site.run('sweepDue', TENANT);
      await expect(readdir(incomingOf(key))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('stay for the next claim after the deadline has passed', async () => {
    const key = await site.archive({ size: 8 * 1024 * 1024, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(site, key);
    await site.run('downloadArchive', key, facts).catch(() => undefined);
    await site.run('endClaim', key, { kind: 'deadline', reason: 'DeadlineExceeded' });
    await site.run('sweepDue', TENANT);
    expect(await readdir(incomingOf(key))).toHaveLength(1);
  });

  it('are removed if the archive was missed', async () => {
    const key = await site.archive({ size: 8 * 1024 * 1024, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(site, key);
    await site.run('downloadArchive', key, facts).catch(() => undefined);
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await site.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await site.run('sweepDue', TENANT);
    await expect(readdir(incomingOf(key))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are never written into a file that is the payload of a bag', async () => {
    const key = await site.archive();
    const facts = await factsOf(site, key);
    const copy = await site.run('downloadArchive', key, facts);
    // A process that dies between the seal and the removal of what it sealed leaves a second name of the file.
    const removals = jest
      .spyOn(fs, 'rm')
      .mockRejectedValue(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'rm' }));
    const realRename = fs.rename;
    const renames = jest.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      if (String(to).includes('gone-'))
        throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'rename' });
      await realRename(from, to);
    });
    await site.run('verifyCopy', key, facts, copy);
    removals.mockRestore();
    renames.mockRestore();
    expect(await readdir(incomingOf(key))).toEqual([copy.copyId]);
    const resumed = await site.store.resume(key);
    expect(resumed).toBeUndefined();
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
  });
});
