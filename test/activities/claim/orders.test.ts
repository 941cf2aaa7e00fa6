import { openWorkshop, requestsTo, secure, type Workshop } from './workshop';

const by = 'jane@example.com';

describe('what people order', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const copyOnly = () => ({ settings: { ...workshop.settings, abandon: false } });

  it('a hold refuses the abandon until the release, whatever the claim knows of it', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await expect(workshop.run('holdArchive', key, by)).resolves.toEqual({
      by,
      since: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'Held',
      nonRetryable: false,
      nextRetryDelay: 60_000,
    });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
    await workshop.run('releaseArchive', key, by);
    await workshop.run('abandonArchive', key, secured);
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(1);
  });

  it('a hold refuses the abandon of every other archive of the conference, which would abandon it, too', async () => {
    const conferenceId = 'held-conference';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await secure(workshop, other);
    await workshop.run('holdArchive', other, by);
    await expect(workshop.run('abandonArchive', one, secured)).rejects.toMatchObject({ type: 'Held' });
    expect(await requestsTo(workshop.simulator, 'abandon', one)).toBe(0);
  });

  it('a hold is told to whoever comes second, and to nobody once the archive is abandoned', async () => {
    const key = await workshop.archive();
    const first = await workshop.run('holdArchive', key, by);
    await expect(workshop.run('holdArchive', key, 'john')).resolves.toEqual(first);
    await workshop.run('releaseArchive', key, by);
    await workshop.run('abandonArchive', key, await secure(workshop, key));
    await expect(workshop.run('holdArchive', key, by)).resolves.toBeUndefined();
  });

  it('a hold is known to the next claim from its start', async () => {
    const key = await workshop.archive();
    await expect(workshop.run('readClaimPolicy', key)).resolves.not.toHaveProperty('held');
    const held = await workshop.run('holdArchive', key, by);
    await expect(workshop.run('readClaimPolicy', key)).resolves.toMatchObject({ held, abandon: true });
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('no ledger'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('a claim begins without knowing of a hold where the ledger %s', async (_, find) => {
    const ledger = { ...workshop.ledger, find };
    const policy = await workshop.runWith({ ledger }, 'readClaimPolicy', await workshop.archive());
    expect(policy).toMatchObject({ deadlineMs: workshop.settings.deadline });
    expect(policy).not.toHaveProperty('held');
  });

  it('an ordered abandon is done in copy-only mode, with all other guards', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.run('orderAbandon', key, by);
    await workshop.run('holdArchive', key, by);
    await expect(workshop.runWith(copyOnly(), 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'Held',
    });
    await workshop.run('releaseArchive', key, by);
    await workshop.runWith(copyOnly(), 'abandonArchive', key, secured);
    await expect(workshop.simulator.archive(key.archiveId)).resolves.toMatchObject({ status: 'ABANDONED' });
  });

  it('an ordered abandon is one of that archive only', async () => {
    const [key, other] = [await workshop.archive(), await workshop.archive()];
    const secured = await secure(workshop, key);
    await secure(workshop, other);
    await workshop.run('orderAbandon', other, by);
    await expect(workshop.runWith(copyOnly(), 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'NotSecured',
    });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('an abandon of what is not secured cannot be ordered', async () => {
    const key = await workshop.archive();
    await workshop.run('awaitAvailable', key);
    await expect(workshop.run('orderAbandon', key, by)).rejects.toMatchObject({
      type: 'NotSecured',
      nonRetryable: true,
    });
    expect(await workshop.ledger.find(key)).not.toHaveProperty('abandonOrderedBy');
  });

  it('an archive without a checksum is accepted where a person said so', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: null } });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'ChecksumMissing' });
    const found = await workshop.run('awaitAvailable', key, { acceptWithoutChecksum: true });
    expect(found).toMatchObject({ outcome: 'available', facts: { platformStatus: 'AVAILABLE' } });
    expect(found).not.toHaveProperty('facts.sha256');
  });

  it('a decision is in the ledger once, with who made it', async () => {
    const key = await workshop.archive();
    const decision = { id: 'message-1', choice: 'retry', by } as const;
    await workshop.run('recordDecision', key, decision);
    await workshop.run('recordDecision', key, decision);
    expect(await workshop.ledger.history(key)).toMatchObject([
      { type: 'appraisal', detail: { order: 'decide', choice: 'retry', by } },
    ]);
  });

  it.each(['', 'jane doe', 'x'.repeat(65)])('nothing is ordered by %j', async (name) => {
    const key = await workshop.archive();
    const refused = { type: 'InvalidInput', nonRetryable: true };
    await expect(workshop.run('holdArchive', key, name)).rejects.toMatchObject(refused);
    await expect(workshop.run('releaseArchive', key, name)).rejects.toMatchObject(refused);
    await expect(workshop.run('orderAbandon', key, name)).rejects.toMatchObject(refused);
    const decision = { id: 'message-1', choice: 'retry', by: name } as const;
    await expect(workshop.run('recordDecision', key, decision)).rejects.toMatchObject(refused);
  });
});
