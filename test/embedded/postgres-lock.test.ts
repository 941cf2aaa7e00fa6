import fs, { readdir, readFile, rm, utimes, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lockDirectory } from '../../src/embedded/postgres/lock';

/** The lock of a ledger's directory. */
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'archivist-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('a stale lock is taken by only one of many concurrent processes', async () => {
  for (let round = 0; round < 20; round++) {
    const place = path.join(directory, String(round));
    const dead = await lockDirectory(place);
    await dead();
    const taken = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(place)));
    const locks = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(locks).toHaveLength(1);
    await locks[0]!();
  }
});

it('a lock is not taken by a slow process while others took it, released it, and took it again', async () => {
  await (
    await lockDirectory(directory)
  )();
  let held: (() => Promise<void>) | undefined;
  const drafts = jest.spyOn(fs, 'writeFile').mockImplementationOnce(async (...draft) => {
    await (
      await lockDirectory(directory)
    )();
    held = await lockDirectory(directory);
    await writeFile(...draft);
  });
  await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${process.pid}`);
  drafts.mockRestore();
  await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${process.pid}`);
  await held!();
});

it('a lock is not held by a later process with the id of the dead one', async () => {
  const lock = await lockDirectory(directory);
  await rewriteHolder((holder) => ({ ...holder, startedAt: '1' }));
  const next = await lockDirectory(directory);
  await next();
  await lock();
});

it('a lock is held by a process in another container as long as that gives signs of life', async () => {
  const lock = await lockDirectory(directory);
  await rewriteHolder(elsewhere);
  const refused = expect(lockDirectory(directory)).rejects.toThrow('in use by process 999999 on elsewhere');
  await pause(700);
  await signOfLife(0);
  await refused;
  await lock();
});

it('a lock is taken once a process in another container was silent for long enough to be dead', async () => {
  const lock = await lockDirectory(directory);
  await rewriteHolder(elsewhere);
  await signOfLife(19_000);
  const begun = Date.now();
  const next = await lockDirectory(directory);
  expect(Date.now() - begun).toBeGreaterThan(500);
  await next();
  await lock();
});

it('a stalled holder learns that another process has taken its lock', async () => {
  const lost = new Promise<void>((resolve) => void lockDirectory(directory, resolve).then(takeOver));
  async function takeOver(): Promise<void> {
    await rewriteHolder(elsewhere);
    await signOfLife(60_000);
    await (
      await lockDirectory(directory)
    )();
  }
  await lost;
  expect(path.basename(await holderFile())).toBe('2');
});

it('a lock is free after a power failure has torn its file', async () => {
  const lock = await lockDirectory(directory);
  await writeFile(await holderFile(), '');
  const next = await lockDirectory(directory);
  await next();
  await lock();
});

function elsewhere(holder: object): object {
  return { ...holder, pid: 999_999, space: 'another container', host: 'elsewhere' };
}

async function signOfLife(agoMs: number): Promise<void> {
  const then = new Date(Date.now() - agoMs);
  await utimes(await holderFile(), then, then);
}

async function holderFile(): Promise<string> {
  const place = path.join(directory, 'lock');
  const [name] = await readdir(place);
  return path.join(place, name!);
}

async function rewriteHolder(change: (holder: object) => object): Promise<void> {
  const file = await holderFile();
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as object)));
}
