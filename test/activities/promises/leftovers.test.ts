import fs, { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { checkBag } from '../../support/check-bag';
import { factsOf, openWorkshop, TENANT, type Workshop } from '../workshop';

describe('copies that are not sealed', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => workshop.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(workshop.store.locationOf(key));
  const incomingOf = ({ tenant, archiveId }: ArchiveKey) =>
    join(workshop.folder, 'archives/.incoming', tenant, archiveId);

  it.each(['giveUp', 'cancel'] as const)(
    'that were begun and never finished are removed after a %s',
    async (kind) => {
      const key = await workshop.archive({
        size: 8 * 1024 * 1024,
        faults: [{ fault: 'truncate', times: 1 }],
      });
      const facts = await factsOf(workshop, key);
      await workshop.run('downloadArchive', key, facts).catch(() => undefined);
      await workshop.run('giveOrder', key, { kind, by: 'jane' });
      await workshop.run('sweepDue', TENANT);
      await expect(readdir(incomingOf(key))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('that were begun stay for the next claim when the deadline passed', async () => {
    const key = await workshop.archive({ size: 8 * 1024 * 1024, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(workshop, key);
    await workshop.run('downloadArchive', key, facts).catch(() => undefined);
    await workshop.run('endClaim', key, { kind: 'deadline', reason: 'DeadlineExceeded' });
    await workshop.run('sweepDue', TENANT);
    expect(await readdir(incomingOf(key))).toHaveLength(1);
  });

  it('that were begun and never finished are removed when the archive was missed', async () => {
    const key = await workshop.archive({ size: 8 * 1024 * 1024, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(workshop, key);
    await workshop.run('downloadArchive', key, facts).catch(() => undefined);
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await workshop.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await workshop.run('sweepDue', TENANT);
    await expect(readdir(incomingOf(key))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that arrive are never written into a file that is the payload of a bag', async () => {
    const key = await workshop.archive();
    const facts = await factsOf(workshop, key);
    const copy = await workshop.run('downloadArchive', key, facts);
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
    await workshop.run('verifyCopy', key, facts, copy);
    removals.mockRestore();
    renames.mockRestore();
    expect(await readdir(incomingOf(key))).toEqual([copy.copyId]);
    const resumed = await workshop.store.resume(key);
    expect(resumed).toBeUndefined();
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
  });
});
