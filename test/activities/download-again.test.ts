import { rm } from 'node:fs/promises';
import type { PlatformOf } from '../../src/platform/platform';
import { abandoned, bagOf, factsOfSecured } from './after-abandon';
import { openWorkshop, requestsTo, type Workshop } from './workshop';

describe('downloadAgain', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  it('says that the platform no longer has the file once that says so, and asks for no file', async () => {
    const key = await abandoned(workshop);
    await rm(bagOf(workshop, key), { recursive: true });
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    const before = await requestsTo(workshop.simulator, 'download', key);
    await expect(
      workshop.run('downloadAgain', key, await factsOfSecured(workshop, key)),
    ).rejects.toMatchObject({
      type: 'CopyDamaged',
      nonRetryable: true,
    });
    expect(await requestsTo(workshop.simulator, 'download', key)).toBe(before);
  });

  it('downloads nothing where a person put the bag back', async () => {
    const key = await abandoned(workshop);
    const before = await requestsTo(workshop.simulator, 'download', key);
    await expect(
      workshop.run('downloadAgain', key, await factsOfSecured(workshop, key)),
    ).resolves.toMatchObject({
      copyId: 'sealed',
    });
    expect(await requestsTo(workshop.simulator, 'download', key)).toBe(before);
  });

  it('takes no other file for the one that was secured, though the platform gives it', async () => {
    const key = await abandoned(workshop);
    const facts = await factsOfSecured(workshop, key);
    const another = await workshop.archive({ seed: 'another file' });
    await rm(bagOf(workshop, key), { recursive: true });
    const platformOf: PlatformOf = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return { ...platform, download: (_, part, signal) => platform.download(another, part, signal) };
    };
    const copy = await workshop.runWith({ platformOf }, 'downloadAgain', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
  });
});
