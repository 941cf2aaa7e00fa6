import { createHash } from 'node:crypto';
import {
  archiveZip,
  fingerprint,
  MINIMUM_SIZE_BYTES,
  type Blueprint,
} from '../../src/simulator/content/archive-zip';
import { excerpt, slices, type ByteSource } from '../../src/simulator/content/bytes';
import { STRING } from './matchers';
import { entriesOf, filesOf, openZip, readFile } from './zip-reader';

const GIB = 2 ** 30;
const FULL: Blueprint = { seed: 'full', sizeBytes: 300_001 };

async function contentOf(blueprint: Blueprint): Promise<ByteSource> {
  const { recordingCrc32 } = await fingerprint(blueprint, new AbortController().signal);
  return archiveZip(blueprint).sealedWith(recordingCrc32);
}

function whole(content: ByteSource): Buffer {
  return content.read(0, content.length);
}

describe('the zip of an archive', () => {
  test('contains a recording, chat, whiteboard, contract and document with correct CRCs', async () => {
    const files = await filesOf(await contentOf(FULL));

    expect(files.map(({ name }) => name)).toEqual([
      'recordings/conference.mp4',
      'chat/messages.json',
      'whiteboard/strokes.json',
      'contracts/agreement.txt',
      'documents/agenda.txt',
    ]);
    expect(files.every(({ crcIsRight }) => crcIsRight)).toBe(true);
    expect(files.every(({ modifiedAt }) => modifiedAt.getUTCFullYear() >= 2025)).toBe(true);
  });

  test('contains files of the type that their names suggest', async () => {
    const [mp4, chat, whiteboard, contract, document] = await filesOf(await contentOf(FULL));

    expect(mp4!.bytes.toString('latin1', 4, 12)).toBe('ftypisom');
    expect(24 + Number(mp4!.bytes.readBigUInt64BE(32))).toBe(mp4!.size);
    expect(JSON.parse(chat!.bytes.toString())).toMatchObject({ 0: { from: STRING, text: STRING } });
    expect(JSON.parse(whiteboard!.bytes.toString())).toBeInstanceOf(Array);
    expect(contract!.bytes.toString()).toMatch(/^Agreement: .+\nConcluded on 2025-/);
    expect(document!.bytes.toString()).toContain('1. Questions\n');
  });

  test.each([MINIMUM_SIZE_BYTES, 200, 512, 1024, 1500, 4096, 10_000, 65_536, 1_048_577])(
    'of %i bytes has exactly that length and opens',
    async (sizeBytes) => {
      const content = await contentOf({ seed: 'any', sizeBytes });

      expect(content.length).toBe(sizeBytes);
      expect((await filesOf(content)).every(({ crcIsRight }) => crcIsRight)).toBe(true);
    },
  );

  test('is the same for the same seed and size, and differs for another seed', async () => {
    const bytes = whole(await contentOf(FULL));

    expect(whole(await contentOf({ ...FULL })).equals(bytes)).toBe(true);
    expect(whole(await contentOf({ ...FULL, seed: 'other' })).equals(bytes)).toBe(false);
  });

  test('has the same bytes in ranges as in a whole download', async () => {
    const content = await contentOf(FULL);
    const bytes = whole(content);
    const ranges = [
      [0, 1],
      [29, 60],
      [1, 15],
      [70_007, 100_003],
      [FULL.sizeBytes - 9000, 9000],
      [FULL.sizeBytes - 1, 1],
    ] as const;

    for (const [offset, length] of ranges) {
      expect(content.read(offset, length).equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
    const streamed = Buffer.concat([...slices(excerpt(content, 12_345, 290_001))]);
    expect(streamed.equals(bytes.subarray(12_345, 290_001))).toBe(true);
  });

  test('has the SHA-256 of its fingerprint', async () => {
    const { sha256 } = await fingerprint(FULL, new AbortController().signal);

    expect(
      createHash('sha256')
        .update(whole(await contentOf(FULL)))
        .digest('hex'),
    ).toBe(sha256);
  });

  test('of more than 4 GiB is a zip64 that can be opened without generating all of it', async () => {
    const sizeBytes = 5 * GIB + 7;
    const content = archiveZip({ seed: 'big', sizeBytes }).sealedWith(0);
    const zip = await openZip(content);
    const entries = await entriesOf(zip);

    expect(content.length).toBe(sizeBytes);
    expect(entries).toHaveLength(5);
    expect(entries[0]!.uncompressedSize).toBeGreaterThan(5 * GIB - 10_000);
    expect(entries[4]!.relativeOffsetOfLocalHeader).toBeGreaterThan(5 * GIB - 10_000);
    for (const entry of entries.slice(1))
      expect(await readFile(zip, entry)).toMatchObject({ crcIsRight: true });
  });

  test('of more than 4 GiB has bytes at both ends and in the middle', () => {
    const content = archiveZip({ seed: 'big', sizeBytes: 5 * GIB + 7 }).sealedWith(0);

    expect(content.read(0, 4).toString('latin1')).toBe('PK\x03\x04');
    expect(content.read(content.length - 22, 4).toString('latin1')).toBe('PK\x05\x06');
    const middle = content.read(4 * GIB - 100, 300);
    expect(content.read(4 * GIB, 100).equals(middle.subarray(100, 200))).toBe(true);
    expect(content.read(3 * GIB, 100).equals(middle.subarray(100, 200))).toBe(false);
  });

  test.each([2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32])(
    'has exactly %i bytes around the limit where zip64 begins',
    async (sizeBytes) => {
      const content = archiveZip({ seed: 'edge', sizeBytes }).sealedWith(0);

      expect(content.length).toBe(sizeBytes);
      expect(await entriesOf(await openZip(content))).toHaveLength(5);
    },
  );

  test('stops computing its fingerprint when that is no longer needed', async () => {
    const unwanted = new AbortController();
    const computing = fingerprint({ seed: 'big', sizeBytes: 5 * GIB }, unwanted.signal);
    unwanted.abort();

    await expect(computing).rejects.toThrow('aborted');
  });
});

describe('an invalid zip', () => {
  test.each(['notAZip', 'cutZip'] as const)(
    'of the kind %s has its size and the checksum of its bytes',
    async (content) => {
      const blueprint = { seed: 'broken', sizeBytes: 20_000, content };
      const file = await contentOf(blueprint);
      const { sha256 } = await fingerprint(blueprint, new AbortController().signal);

      expect(file.length).toBe(20_000);
      expect(createHash('sha256').update(whole(file)).digest('hex')).toBe(sha256);
      await expect(filesOf(file)).rejects.toThrow();
    },
  );

  test('begins like a zip if it was truncated', async () => {
    const file = await contentOf({ seed: 'broken', sizeBytes: 20_000, content: 'cutZip' });

    expect(file.read(0, 4).toString('latin1')).toBe('PK\x03\x04');
  });
});
