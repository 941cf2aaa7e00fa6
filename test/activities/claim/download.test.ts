import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformOf } from '../../../src/platform/create-platform';
import { activityEnvironment } from '../../support/activity-environment';
import {
  attempt,
  bring,
  downloadsOf,
  failure,
  incomingFiles,
  incomingSizes,
  MIB,
  untilDownloads,
} from './downloading';
import { factsOf, openActivitySite, type ActivitySite } from '../activity-site';

describe('an interrupted download', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());
  beforeEach(() => site.simulator.clearFaults());

  /** An archive whose first download breaks off in its middle. */
  async function brokenOff(size = 24 * MIB) {
    const key = await site.archive({ size, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(site, key);
    expect(await failure(attempt(site, key, facts))).toMatchObject({
      type: 'TransferInterrupted',
      nonRetryable: false,
    });
    return { key, facts, size };
  }

  it('resumes where it stopped, and requests only the rest', async () => {
    const { key, facts, size } = await brokenOff();
    const copy = await attempt(site, key, facts, { attempt: 2 });
    expect(copy.sizeBytes).toBe(size);
    const [first, second, ...others] = await untilDownloads(site, key, 2);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ fault: 'truncate' });
    expect(second).toMatchObject({ statusCode: 206, range: { end: size }, complete: true });
    expect(second?.range?.start).toBeGreaterThan(size / 2 - 2 * MIB);
    await expect(site.run('verifyCopy', key, facts, copy)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
    expect(await incomingSizes(site, key)).toEqual([]);
  });

  it('is complete without another request if all bytes arrived and only the result was lost', async () => {
    const key = await site.archive({ size: 2 * MIB });
    const facts = await factsOf(site, key);
    const first = await attempt(site, key, facts);
    const second = await attempt(site, key, facts, { attempt: 2 });
    expect(second.sizeBytes).toBe(first.sizeBytes);
    expect(await downloadsOf(site, key)).toHaveLength(1);
    await expect(site.run('verifyCopy', key, facts, second)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
  });

  it('restarts if the file has changed meanwhile', async () => {
    const { key, facts, size } = await brokenOff();
    await site.simulator.setFaults([{ fault: 'newETag', archiveId: key.archiveId }]);
    const { secured, failures } = await bring(site, key, facts);
    expect(failures).toEqual([]);
    expect(secured.sizeBytes).toBe(size);
    expect(await incomingSizes(site, key)).toEqual([]);
  });

  it('restarts if the server no longer serves ranges', async () => {
    const { key, facts } = await brokenOff();
    await site.simulator.setFaults([{ fault: 'ignoreRange', archiveId: key.archiveId }]);
    const { secured, failures } = await bring(site, key, facts);
    expect([secured.sha256, failures]).toEqual([facts.sha256, []]);
    expect((await untilDownloads(site, key, 2))[1]?.statusCode).toBe(200);
  });

  it('is verified as a whole: damage on the disk between two attempts causes another download', async () => {
    const { key, facts } = await brokenOff();
    const [file] = await incomingFiles(site, key);
    const spoilt = await open(file!, 'r+');
    await spoilt.write(Buffer.alloc(100), 0, 100, 5000);
    await spoilt.close();
    const { secured, failures } = await bring(site, key, facts);
    expect([secured.sha256, failures]).toEqual([facts.sha256, ['ChecksumMismatch']]);
    const downloads = await untilDownloads(site, key, 3);
    expect(downloads.at(-1)).toMatchObject({ statusCode: 200, complete: true });
  });

  it('keeps the partial copy if it was cancelled', async () => {
    const key = await site.archive({ size: 24 * MIB, faults: [{ fault: 'stall', times: 1 }] });
    const facts = await factsOf(site, key);
    const environment = activityEnvironment();
    const stalled = failure(attempt(site, key, facts, {}, environment));
    while (Math.max(0, ...(await incomingSizes(site, key))) < 10 * MIB) await pause(10);
    environment.cancel();
    expect(await stalled).toMatchObject({ name: 'CancelledFailure' });
    await bring(site, key, facts);
    const [, second] = await untilDownloads(site, key, 2);
    expect(second?.statusCode).toBe(206);
    expect(second?.range?.start).toBeGreaterThan(9 * MIB);
  });

  it('restarts if the record has no checksum, and is hashed as it arrives', async () => {
    const { key, facts } = await brokenOff();
    const { sha256, ...unknown } = facts;
    const copy = await attempt(site, key, unknown, { attempt: 2 });
    expect(copy.sha256).toBe(sha256);
    expect((await untilDownloads(site, key, 2))[1]).toMatchObject({ statusCode: 200, complete: true });
    await expect(site.run('verifyCopy', key, unknown, copy)).resolves.toMatchObject({ sha256 });
  });

  it('restarts if the file ends where the copy does, although it was announced to be longer', async () => {
    const size = MIB;
    const key = await site.archive({ size });
    const facts = await factsOf(site, key);
    const source = { validator: `"${facts.sha256}"`, totalBytes: size + 1000 };
    const left = await site.store.receive(key, source);
    await left.append(Buffer.alloc(size));
    await left.release();
    const { secured, failures } = await bring(site, key, facts);
    expect([secured.sha256, failures]).toEqual([facts.sha256, []]);
  });

  it('reads no more bytes than an answer announced, and requests the rest', async () => {
    const key = await site.archive({ size: 3 * MIB });
    const facts = await factsOf(site, key);
    const { secured, failures } = await bring(site, key, facts, shortAnswers());
    expect([secured.sha256, failures]).toEqual([facts.sha256, []]);
    const downloads = await untilDownloads(site, key, 3);
    expect(downloads.map(({ range }) => range?.start).sort()).toEqual([0, MIB, 2 * MIB]);
  });

  it.each([
    ['does not serve parts after all', { fault: 'ignoreRange' }],
    ['has another file by then', { fault: 'newETag', otherBytes: false }],
    ['has no such range', { fault: 'rangeNotSatisfiable' }],
  ] as const)('restarts if a server that sends less than requested %s', async (_, fault) => {
    const key = await site.archive({ size: 3 * MIB, faults: [fault] });
    const facts = await factsOf(site, key);
    const { secured, failures } = await bring(site, key, facts, shortAnswers(1));
    expect([secured.sha256, failures]).toEqual([facts.sha256, ['TransferInterrupted']]);
  });

  /** A platform whose first `count` answers announce and send at most 1 MiB of what was requested, and then other bytes. */
  function shortAnswers(count = Infinity): { readonly platformOf: PlatformOf } {
    let answered = 0;
    const platformOf: PlatformOf = (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        async download(...asked) {
          const download = await platform.download(...asked);
          if ((answered += 1) > count) return download;
          const end = Math.min(download.start + MIB, 3 * MIB);
          const body = Readable.from(followedByOthers(download.body, end - download.start));
          return { ...download, end, body };
        },
      };
    };
    return { platformOf };
  }
});

/** So many bytes of a stream, and then others that nobody announced. */
async function* followedByOthers(body: Readable, length: number): AsyncGenerator<Buffer> {
  let left = length;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  yield Buffer.alloc(2 * MIB);
}
