import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkBag } from '../support/check-bag';
import { BAGIT_TOOL, validateWithBagitTool } from '../support/bagit-tool';
import { composeTagFiles, checksumIn, isBagOf, sizeIn } from '../../src/store/bag';
import { archiveOf, clear, contentsOf, KEY, keyOf, newStore, RECORD, sealed, sha256 } from './fixture';

afterEach(clear);

const withBagitTool = BAGIT_TOOL === undefined ? test.skip : test;

test('a sealed bag is complete and valid', async () => {
  const { store, bagOf } = await newStore();
  await sealed(store, archiveOf());
  expect(await checkBag(bagOf(KEY))).toEqual([]);
});

withBagitTool('a sealed bag is valid for the BagIt tool of the Library of Congress', async () => {
  const { store, bagOf } = await newStore();
  await sealed(store, archiveOf());
  validateWithBagitTool(bagOf(KEY));

  await changeOneByte(join(bagOf(KEY), 'data/archive.zip'));
  expect(() => validateWithBagitTool(bagOf(KEY))).toThrow();
});

test('a bag contains archive and record byte for byte', async () => {
  const { store, bagOf } = await newStore();
  const bytes = archiveOf();
  await sealed(store, bytes);
  expect(await readFile(join(bagOf(KEY), 'data/archive.zip'))).toEqual(bytes);
  expect(await readFile(join(bagOf(KEY), 'metadata/record.json'), 'utf8')).toBe(RECORD);
});

test('a bag names its archive and its size', async () => {
  const { store, bagOf } = await newStore();
  await sealed(store, archiveOf(1234));
  const info = await readFile(join(bagOf(KEY), 'bag-info.txt'), 'utf8');
  expect(info).toMatch(/^Bagging-Date: \d{4}-\d\d-\d\d$/m);
  expect(info).toContain('\nExternal-Identifier: archive-1\n');
  expect(info).toContain('\nBag-Group-Identifier: mycompany\n');
  expect(info).toContain('\nInternal-Sender-Identifier: conference-1\n');
  expect(info).toContain('\nPayload-Oxum: 1234.1\n');
});

test.each(['data/archive.zip', 'metadata/record.json', 'bag-info.txt', 'bagit.txt', 'manifest-sha256.txt'])(
  'one changed byte in %s makes the bag invalid',
  async (file) => {
    const { store, bagOf } = await newStore();
    await sealed(store, archiveOf());
    await changeOneByte(join(bagOf(KEY), file));
    expect(await checkBag(bagOf(KEY))).not.toEqual([]);
  },
);

test('no line break enters bag-info.txt', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ':', '\r', '\n', ' ') }), (conferenceId) => {
      const files = composeTagFiles(KEY, { ...contentsOf(archiveOf(1)), conferenceId }, new Date());
      const info = files.find(({ name }) => name === 'bag-info.txt')?.content ?? '';
      expect(String(info).split(/\r\n|\r|\n/)).toHaveLength(9);
    }),
  );
});

test('values in the tag files are read as they were written', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 45 }), fc.uint8Array(), fc.boolean(), (sizeBytes, seed, windows) => {
      const checksum = sha256(Buffer.from(seed));
      const contents = { ...contentsOf(archiveOf(1)), sizeBytes, sha256: checksum };
      const [, info = '', manifest = ''] = composeTagFiles(KEY, contents, new Date()).map(({ content }) =>
        windows ? String(content).replaceAll('\n', '\r\n') : String(content),
      );
      expect(sizeIn(info)).toBe(sizeBytes);
      expect(checksumIn(manifest)).toBe(checksum);
      expect(isBagOf(info, KEY)).toBe(true);
      expect(isBagOf(info, keyOf('Archive-1'))).toBe(false);
      expect(isBagOf(info, keyOf('archive-1', 'another'))).toBe(false);
    }),
  );
});

async function changeOneByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 1;
  await writeFile(path, bytes);
}
