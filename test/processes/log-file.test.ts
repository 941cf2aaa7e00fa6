import fs from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/processes/log-file';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archivist-test-'));
  file = join(folder, 'child.log');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** A disk with room for so many bytes more. @returns what frees it */
function fillDisk(room: number): () => void {
  const { writeSync } = fs;
  const write = (fd: number, bytes: Buffer, start: number): number => {
    const part = bytes.subarray(start, start + room);
    room -= part.length;
    if (part.length > 0) return writeSync(fd, part);
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
  };
  const full = jest.spyOn(fs, 'writeSync').mockImplementation(write as unknown as typeof fs.writeSync);
  return () => full.mockRestore();
}

const TOLD = 'archivist: 2 lines were lost: they could not be written';

it('a log goes on after its disk was full, with the number of lines that were lost', async () => {
  const log = openLog(file);
  log.add('one');
  const free = fillDisk(3);
  log.add('two is cut');
  log.add('three');
  free();
  log.add('four');
  log.close();
  expect(await readFile(file, 'utf8')).toBe(`one\ntwo\n${TOLD}\nfour\n`);
});

it('a log says at its end which lines were lost since the last one', async () => {
  const log = openLog(file);
  log.add('one');
  const free = fillDisk(0);
  log.add('two');
  log.add('three');
  free();
  log.close();
  expect(await readFile(file, 'utf8')).toBe(`one\n${TOLD}\n`);
});

it('a log that cannot be opened is opened later, and only its owner can read it', async () => {
  await rm(folder, { recursive: true });
  const log = openLog(file);
  log.add('one');
  log.add('two');
  await fs.promises.mkdir(folder);
  log.add('three');
  log.close();
  expect(await readFile(file, 'utf8')).toBe(`${TOLD}\nthree\n`);
  expect((await stat(file)).mode & 0o077).toBe(0);
});
