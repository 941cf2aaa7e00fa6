import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { openPglite } from '../../src/embedded/pglite';
import { lockDirectory } from '../../src/embedded/pglite-lock';
import { copyEmptyPglite } from '../ledger/empty-pglite';

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'archivist-pglite-'));
  directory = path.join(parent, 'data', 'ledger');
});
afterEach(() => rm(parent, { recursive: true }));

it('makes a database that only its owner can read, and opens it again', async () => {
  const first = await openPglite(directory);
  await first.query('CREATE TABLE kept (value text)');
  await first.query('INSERT INTO kept VALUES ($1)', ['here']);
  await first.close();
  await first.close();
  expect((await stat(directory)).mode & 0o077).toBe(0);
  const second = await openPglite(directory);
  expect(await second.query('SELECT value FROM kept')).toEqual([{ value: 'here' }]);
  await second.close();
});

it('serves one process: another one, and this one again, are told which has it', async () => {
  await copyEmptyPglite(directory);
  const holder = spawnHolder(directory);
  await nextLine(holder);
  await expect(openPglite(directory)).rejects.toMatchObject({
    type: 'LedgerUnavailable',
    message: expect.stringMatching(
      new RegExp(`in use by process ${String(holder.pid)} .*PGlite serves one process.*ledger: postgres://`),
    ) as unknown,
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');

  const database = await openPglite(directory);
  await expect(openPglite(directory)).rejects.toThrow(`in use by process ${process.pid} `);
  const refused = spawnHolder(directory);
  const exited = once(refused, 'exit');
  expect(await text(refused.stderr!)).toContain('PGlite serves one process');
  expect(await exited).toEqual([1, null]);
  await database.close();
});

it('keeps what it acknowledged when its process is killed, and is taken over at once', async () => {
  await copyEmptyPglite(directory);
  const holder = spawnHolder(directory);
  const exited = once(holder, 'exit');
  let acknowledged = -1;
  for await (const line of createInterface({ input: holder.stdout! })) {
    if (line !== 'open') acknowledged = Number(line);
    if (acknowledged === 300) holder.kill('SIGKILL');
  }
  // The end of its output comes before its own.
  await exited;
  expect(acknowledged).toBeGreaterThanOrEqual(300);
  const database = await openPglite(directory);
  const rows = await database.query('SELECT url::integer AS number FROM stores ORDER BY number');
  await database.close();
  expect(rows.slice(0, acknowledged + 1)).toEqual(
    Array.from({ length: acknowledged + 1 }, (_, number) => ({ number })),
  );
});

describe('the lock', () => {
  it('is taken by one of many that find it stale at once', async () => {
    for (let round = 0; round < 20; round++) {
      const place = path.join(parent, String(round));
      const dead = await lockDirectory(place);
      await dead.release();
      const taken = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(place)));
      const locks = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]!.release();
    }
  });

  it('is not held by a later process with the id of the dead one', async () => {
    const lock = await lockDirectory(directory);
    await rewriteHolder((holder) => ({ ...holder, startedAt: '1' }));
    const next = await lockDirectory(directory);
    await next.release();
    await lock.release();
  });

  it('is held by a process that cannot be seen for as long as it gives signs of life', async () => {
    const lock = await lockDirectory(directory);
    await rewriteHolder((holder) => ({
      ...holder,
      pid: 999_999,
      space: 'another container',
      host: 'elsewhere',
    }));
    await expect(lockDirectory(directory)).rejects.toThrow('in use by process 999999 on elsewhere');
    const past = new Date(Date.now() - 60_000);
    await utimes(await holderFile(), past, past);
    const next = await lockDirectory(directory);
    await next.release();
    await lock.release();
  });

  it('is free after a power failure has torn its file', async () => {
    const lock = await lockDirectory(directory);
    await writeFile(await holderFile(), '');
    const next = await lockDirectory(directory);
    await next.release();
    await lock.release();
  });

  async function holderFile(): Promise<string> {
    const [name] = await readdir(`${directory}.lock`);
    return path.join(`${directory}.lock`, name!);
  }

  async function rewriteHolder(change: (holder: Record<string, unknown>) => unknown): Promise<void> {
    const file = await holderFile();
    await writeFile(
      file,
      JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>)),
    );
  }
});

function spawnHolder(place: string): ChildProcess {
  return spawn(process.execPath, ['-r', 'tsx/cjs', path.join(__dirname, 'pglite-process.ts'), place], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function nextLine(child: ChildProcess): Promise<void> {
  await once(child.stdout!, 'data');
}
