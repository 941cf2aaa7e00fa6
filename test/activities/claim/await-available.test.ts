import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../../src/domain/ids';
import { openActivitySite, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

describe('awaitAvailable', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const poll = (key: ArchiveKey) => site.run('awaitAvailable', key, untilTomorrow());

  it('returns conference, checksum and status of an available archive, and nothing else of its record', async () => {
    const key = await site.archive();
    const { conferenceId, sha256 } = await site.simulator.archive(key.archiveId);
    const input = untilTomorrow();
    await expect(site.run('awaitAvailable', key, input)).resolves.toEqual({
      outcome: 'available',
      facts: { conferenceId, sha256, platformStatus: 'AVAILABLE' },
      urgent: false,
      deadlineAt: input.deadlineAt,
    });
  });

  it('begins the claim in the ledger with run, deadline, conference and checksum', async () => {
    const key = await site.archive();
    const { conferenceId, sha256 } = await site.simulator.archive(key.archiveId);
    const input = untilTomorrow();
    await site.runWith({ runId: 'run-1' }, 'awaitAvailable', key, input);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'announced',
      runId: 'run-1',
      deadlineAt: new Date(input.deadlineAt),
      conferenceIds: [conferenceId],
      sha256,
    });
  });

  it('removes the archive from the queue', async () => {
    const key = await site.archive();
    await site.ledger.enqueueHints([key], 5_000);
    await poll(key);
    const { entries } = await site.ledger.measureQueue();
    expect(entries).toBe(0);
  });

  it.each([{ fault: 'status', statusCode: 503 }, { fault: 'otherArchive' }] as const)(
    'shows that a worker is running although it cannot begin the claim: $fault',
    async (fault) => {
      const faults = [{ ...fault, endpoint: 'record' as const }];
      const key = await site.archive({ faults });
      await site.ledger.enqueueHints([key], 5_000);
      const pass = "UPDATE queue SET queued_at = queued_at - interval '1 hour' WHERE archive_id = $1";
      await site.database.query(pass, [key.archiveId]);
      await expect(poll(key)).rejects.toThrow();
      const { oldestSeconds } = await site.ledger.measureQueue();
      expect(oldestSeconds).toBe(0);
      await site.database.query('DELETE FROM queue');
    },
  );

  it('keeps the record in the ledger exactly as the platform sent it', async () => {
    const key = await site.archive({ record: { note: 'Jane Doe', nested: { n: 1.5 } } });
    await poll(key);
    const { url, apiKey } = site.simulator;
    const address = `${url}/api/v2/communication/archives/archives/${key.archiveId}`;
    const answer = await fetch(address, { headers: { 'api-key': apiKey } });
    expect(String(await site.ledger.findRecord(key))).toBe(await answer.text());
  });

  it.each(['PROCESSING', 'ARTIFACT_GATHERING_COMPLETE', 'PACKING', 'SOMETHING_NEW'])(
    'polls again while the status is %s',
    async (status) => {
      const key = await site.archive({ statuses: [{ status }] });
      await site.simulator.untilStatus(key.archiveId, status);
      await expect(poll(key)).rejects.toMatchObject({
        type: 'NotYetAvailable',
        nonRetryable: false,
        category: 'BENIGN',
      });
      await expect(site.ledger.find(key)).resolves.toMatchObject({
        state: 'waiting',
        platformStatus: status,
      });
    },
  );

  it('doubles the pause between two polls up to claim.poll.max', async () => {
    const key = await site.archive({ statuses: [{ status: 'PROCESSING' }] });
    const pauses = [];
    for (const attempt of [1, 2, 3, 6, 1000]) {
      const failure: unknown = await site
        .runWith({ attempt }, 'awaitAvailable', key, untilTomorrow())
        .catch((error: unknown) => error);
      pauses.push((failure as { nextRetryDelay: number }).nextRetryDelay);
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
  });

  it('asks a person if the platform failed to create the archive', async () => {
    const key = await site.archive({ statuses: [{ status: 'FAILED', error: 'no disk' }] });
    await site.simulator.untilStatus(key.archiveId, 'FAILED');
    await expect(poll(key)).rejects.toMatchObject({ type: 'PlatformFailed', nonRetryable: true });
  });

  it('asks a person if the record has no checksum, unless none is required', async () => {
    const key = await site.archive({ record: { sha256CheckSum: null } });
    await expect(poll(key)).rejects.toMatchObject({ type: 'ChecksumMissing' });
    const settings = { ...site.settings, requireChecksum: false };
    const found = await site.runWith({ settings }, 'awaitAvailable', key, untilTomorrow());
    expect(found).toMatchObject({ outcome: 'available' });
    expect(found).not.toHaveProperty('facts.sha256');
  });

  it('accepts a record without a checksum if a person accepted that', async () => {
    const key = await site.archive({ record: { sha256CheckSum: null } });
    await expect(poll(key)).rejects.toMatchObject({ type: 'ChecksumMissing' });
    await site.run('giveOrder', key, { kind: 'acceptWithoutChecksum', by: 'jane' });
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'available' });
  });

  it('asks a person if the record has no usable conference; the archive counts for every conference', async () => {
    const key = await site.archive({ record: { conferenceId: '../../etc' } });
    await expect(poll(key)).rejects.toMatchObject({ type: 'RecordInvalid' });
    const members = await site.ledger.members(TENANT, 'any-conference' as never);
    expect(members).toContainEqual(expect.objectContaining({ archiveId: key.archiveId, conferenceIds: [] }));
    await site.database.query("UPDATE archives SET conference_ids = '{named}' WHERE archive_id = $1", [
      key.archiveId,
    ]);
  });

  it('asks a person if the record belongs to another archive', async () => {
    const key = await site.archive({ record: { archiveId: 'another' } });
    await expect(poll(key)).rejects.toMatchObject({ type: 'RecordInvalid' });
  });

  it('stores nothing about an archive that the platform never showed', async () => {
    const key = { tenant: TENANT, archiveId: parseArchiveId('unknown') };
    await site.ledger.enqueueHints([key], 5_000);
    await expect(poll(key)).resolves.toEqual({ outcome: 'unknown' });
    await expect(site.ledger.find(key)).resolves.toBeUndefined();
  });

  it('keeps polling an archive that was shown before, because an error does not prove that it is gone', async () => {
    const key = await site.archive();
    await poll(key);
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404 }]);
    await expect(poll(key)).rejects.toMatchObject({ type: 'ArchiveNotFound', nonRetryable: false });
    await site.simulator.clearFaults();
  });

  it('asks a person if the tenant is not configured', async () => {
    const key = { tenant: parseTenantId('nobody'), archiveId: parseArchiveId('a') };
    await expect(poll(key)).rejects.toMatchObject({ type: 'UnknownTenant' });
  });

  it.each(['giveUp', 'cancel'] as const)(
    'does not claim an archive against the decision %s of a person',
    async (kind) => {
      const key = await site.archive();
      await site.run('giveOrder', key, { kind, by: 'jane' });
      await expect(poll(key)).resolves.toEqual({
        outcome: 'decided',
        decision: kind === 'cancel' ? 'cancelled' : kind,
      });
      await site.run('giveOrder', key, { kind: 'claim', by: 'jane' });
      await expect(poll(key)).resolves.toMatchObject({ outcome: 'available' });
    },
  );

  it('ends a given-up run in the ledger, so that a newly ordered claim can begin', async () => {
    const key = await site.archive({ statuses: [{ status: 'PROCESSING' }] });
    await site.simulator.untilStatus(key.archiveId, 'PROCESSING');
    const again = () => site.runWith({ runId: 'run-1' }, 'awaitAvailable', key, untilTomorrow());
    await expect(again()).rejects.toMatchObject({ type: 'NotYetAvailable' });
    for (const kind of ['giveUp', 'claim'] as const) await site.run('giveOrder', key, { kind, by: 'jane' });
    await expect(again()).rejects.toMatchObject({ type: 'GivenUp', nonRetryable: true });
    await expect(poll(key)).rejects.toMatchObject({ type: 'NotYetAvailable' });
  });

  it('rejects an archive id that is a path', async () => {
    const key = { tenant: TENANT, archiveId: '../a' } as unknown as ArchiveKey;
    await expect(poll(key)).rejects.toMatchObject({ type: 'InvalidInput' });
  });

  it('rejects an input that is not an object', async () => {
    await expect(site.run('awaitAvailable', null as never, untilTomorrow())).rejects.toMatchObject({
      type: 'InvalidInput',
    });
  });
});
