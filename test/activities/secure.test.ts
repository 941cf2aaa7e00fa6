import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformOf } from '../../src/platform/platform';
import { SEALED } from '../../src/store/archive-store';
import { activityEnvironment } from '../support/activity-environment';
import { checkBag } from '../support/check-bag';
import { factsOf, openWorkshop, requestsTo, secure, type Workshop } from './workshop';

const MIB = 1024 * 1024;

describe('securing an archive', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  /** The platform, but its download stands still for `pauseMs` after the first byte. */
  function slowly(pauseMs: number): PlatformOf {
    return (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        async download(key, part, signal) {
          const download = await platform.download(key, part, signal);
          return { ...download, body: Readable.from(pausedIn(download.body, pauseMs, signal)) };
        },
      };
    };
  }

  it('downloads the bytes that the platform has', async () => {
    const key = await workshop.archive({ size: 8 * MIB });
    const facts = await factsOf(workshop, key);
    const copy = await workshop.run('downloadArchive', key, facts);
    expect(copy).toEqual({ copyId: expect.any(String) as string, sizeBytes: 8 * MIB });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'downloading' });
  });

  it('reports a download that lasts, as its bytes come', async () => {
    const key = await workshop.archive({ size: 2 * MIB });
    const facts = await factsOf(workshop, key);
    const environment = activityEnvironment();
    const reports: { bytes: number; totalBytes: number }[] = [];
    environment.on('heartbeat', (progress: (typeof reports)[number]) => reports.push(progress));
    await workshop.runWith({ environment, platformOf: slowly(1_100) }, 'downloadArchive', key, facts);
    expect(reports[0]).toMatchObject({ totalBytes: 2 * MIB });
    expect(reports[0]?.bytes).toBeGreaterThan(0);
  });

  it('stops a download that is cancelled, and seals nothing', async () => {
    const key = await workshop.archive({ size: 2 * MIB });
    const facts = await factsOf(workshop, key);
    const environment = activityEnvironment();
    const download = workshop.runWith(
      { environment, platformOf: slowly(60_000) },
      'downloadArchive',
      key,
      facts,
    );
    setTimeout(() => environment.cancel(), 100);
    await expect(download).rejects.toMatchObject({ name: 'CancelledFailure' });
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
  });

  it('proves the copy by reading it back, and counts the files in its zip', async () => {
    const key = await workshop.archive();
    const facts = await factsOf(workshop, key);
    const copy = await workshop.run('downloadArchive', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, copy)).resolves.toEqual({
      ...copy,
      sha256: facts.sha256,
      entries: 5,
    });
    expect((await workshop.ledger.find(key))?.lastVerifiedAt).toBeInstanceOf(Date);
  });

  it('seals a valid bag with the record as it came, and records it as secured', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const bag = fileURLToPath(secured.location);
    await expect(checkBag(bag)).resolves.toEqual([]);
    const entry = await workshop.ledger.find(key);
    expect(entry).toMatchObject({ state: 'secured', ...secured });
    expect(await readFile(join(bag, 'metadata', 'record.json'), 'utf8')).toBe(entry?.recordSource);
  });

  it('takes a bag that is already there for the copy, without downloading, and proves it again', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const facts = await factsOf(workshop, key);
    const copy = await workshop.run('downloadArchive', key, facts);
    expect(copy).toMatchObject({ copyId: SEALED, sha256: secured.sha256 });
    expect(await requestsTo(workshop.simulator, 'download', key)).toBe(1);
    const verified = await workshop.run('verifyCopy', key, facts, copy);
    await expect(workshop.run('secureCopy', key, facts, verified)).resolves.toEqual(secured);
  });

  it('finds one changed byte in a sealed bag, moves the bag aside and heals by a new download', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await flipByte(join(fileURLToPath(secured.location), 'data', 'archive.zip'));
    const facts = await factsOf(workshop, key);
    const damaged = await workshop.run('downloadArchive', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, damaged)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    await expect(workshop.store.findSealed(key)).resolves.toBeUndefined();
    await secure(workshop, key);
    const healed = await readFile(join(fileURLToPath(secured.location), 'data', 'archive.zip'));
    expect(createHash('sha256').update(healed).digest('hex')).toBe(secured.sha256);
  });

  it('does not seal a copy that is not what the record says', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: 'ab'.repeat(32) } });
    const facts = await factsOf(workshop, key);
    const copy = await workshop.run('downloadArchive', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    await expect(
      workshop.run('secureCopy', key, facts, { ...copy, sha256: 'ab'.repeat(32), entries: 1 }),
    ).rejects.toMatchObject({
      type: 'CopyMissing',
    });
  });

  it('takes a checksum in capital letters', async () => {
    const key = await workshop.archive({ seed: 'capitals', record: {} });
    const { sha256 } = await workshop.simulator.archive(key.archiveId);
    const shouting = await workshop.archive({
      seed: 'capitals',
      record: { sha256CheckSum: sha256?.toUpperCase() },
    });
    await expect(secure(workshop, shouting)).resolves.toMatchObject({ sha256 });
  });

  it('needs a person where the bytes are right and no zip', async () => {
    const key = await workshop.archive();
    const text = 'this is no zip';
    const sha256 = createHash('sha256').update(text).digest('hex');
    const incoming = await workshop.store.receive(key);
    await incoming.append(Buffer.from(text));
    await incoming.finish();
    const copy = { copyId: incoming.copyId, sizeBytes: text.length, sha256 };
    const facts = { ...(await factsOf(workshop, key)), sha256 };
    await expect(workshop.run('verifyCopy', key, facts, copy)).rejects.toMatchObject({
      type: 'ZipUnreadable',
    });
  });
});

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}

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
