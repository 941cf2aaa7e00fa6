import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformOf } from '../../../src/platform/create-platform';
import { SEALED } from '../../../src/store/archive-store';
import { activityEnvironment } from '../../support/activity-environment';
import { factsOf, openActivitySite, requestsTo, secure, type ActivitySite } from '../activity-site';

const MIB = 1024 * 1024;

describe('downloadArchive', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  /** The platform, but its download stands still for `pauseMs` after the first byte. */
  function slowly(pauseMs: number): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        async download(key, part, signal) {
          const download = await platform.download(key, part, signal);
          return { ...download, body: Readable.from(pausedIn(download.body, pauseMs, signal)) };
        },
      };
    };
  }

  it('downloads the bytes of the platform', async () => {
    const key = await site.archive({ size: 8 * MIB });
    const facts = await factsOf(site, key);
    const copy = await site.run('downloadArchive', key, facts);
    expect(copy).toEqual({ copyId: expect.any(String) as string, sizeBytes: 8 * MIB });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'downloading' });
  });

  it('heartbeats the progress of a long download', async () => {
    const key = await site.archive({ size: 2 * MIB });
    const facts = await factsOf(site, key);
    const environment = activityEnvironment();
    const reports: { bytes: number; totalBytes: number }[] = [];
    environment.on('heartbeat', (progress) => reports.push(progress as (typeof reports)[number]));
    await site.runWith({ environment, platformOf: slowly(1_100) }, 'downloadArchive', key, facts);
    expect(reports[0]).toMatchObject({ totalBytes: 2 * MIB });
    expect(reports[0]?.bytes).toBeGreaterThan(0);
  });

  it('stops when it is cancelled, and seals nothing', async () => {
    const key = await site.archive({ size: 2 * MIB });
    const facts = await factsOf(site, key);
    const environment = activityEnvironment();
    const download = site.runWith({ environment, platformOf: slowly(60_000) }, 'downloadArchive', key, facts);
    setTimeout(() => environment.cancel(), 100);
    await expect(download).rejects.toMatchObject({ name: 'CancelledFailure' });
    await expect(site.store.findSealed(key)).resolves.toBeUndefined();
  });

  it('uses a sealed bag that has the checksum of the record as the copy', async () => {
    const key = await site.archive();
    const { conferenceId, sha256, sizeBytes } = await secure(site, key);
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    await expect(site.run('downloadArchive', key, facts)).resolves.toEqual({
      copyId: SEALED,
      sha256,
      sizeBytes,
    });
    expect(await requestsTo(site.simulator, 'download', key)).toBe(1);
  });

  it('downloads a new copy if the latest fixity check of the sealed one failed', async () => {
    const key = await site.archive();
    const { conferenceId, sha256 } = await secure(site, key);
    const seen = (await site.ledger.find(key))?.fixity?.at ?? new Date();
    await site.ledger.noteMemberFixity(key, { verdict: 'damaged', seen });
    const facts = { conferenceId, sha256, platformStatus: 'AVAILABLE' };
    const copy = await site.run('downloadArchive', key, facts);
    expect(copy.copyId).not.toBe(SEALED);
    expect(await requestsTo(site.simulator, 'download', key)).toBe(2);
  });

  it('fails permanently once the claim has ended', async () => {
    const key = await site.archive();
    const facts = await factsOf(site, key);
    const runId = 'one';
    await site.runWith({ runId }, 'downloadArchive', key, facts);
    await site.runWith({ runId }, 'endClaim', key, { kind: 'failed', reason: 'GivenUp' });
    await expect(site.runWith({ runId }, 'downloadArchive', key, facts)).rejects.toMatchObject({
      type: 'GivenUp',
      nonRetryable: true,
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'failed' });
  });

  it('restarts from the record if the ledger does not know the archive', async () => {
    const [key, known] = [await site.archive(), await site.archive()];
    await expect(site.run('downloadArchive', key, await factsOf(site, known))).rejects.toMatchObject({
      type: 'LedgerBehind',
      nonRetryable: true,
    });
  });
});

async function* pausedIn(body: Readable, pauseMs: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  let paused = false;
  for await (const chunk of body) {
    if (paused) yield chunk as Buffer;
    else {
      const [first, rest] = [(chunk as Buffer).subarray(0, 1), (chunk as Buffer).subarray(1)];
      yield first;
      await pause(pauseMs, undefined, { signal });
      paused = true;
      yield rest;
    }
  }
}
