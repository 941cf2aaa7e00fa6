import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, isSurelyDead, thisBoot, thisProcess, type Holder } from '../../src/processes/holder';

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

function start(command: string): ChildProcess {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function said(child: ChildProcess): Promise<string> {
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  return text.toString().trim();
}

/** A process of this space, as it would write itself down. */
async function holder(pid: number, changes: Partial<Holder> = {}): Promise<Holder> {
  const { space, host, lastSignMs } = await thisProcess();
  const startedAt = (await statOf(pid))?.[21];
  return { pid, space, host, lastSignMs, ...(startedAt !== undefined && { startedAt }), ...changes };
}

/** The fields of proc(5) `/proc/[pid]/stat`; the shells of these tests have no spaces in their names. */
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  return (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined))?.split(' ');
}

async function verdictOn(one: Holder) {
  return { alive: await isAlive(one), surelyDead: await isSurelyDead(one) };
}

const ALIVE = { alive: true, surelyDead: false };
const DEAD = { alive: false, surelyDead: true };
/** Only Linux tells when a process began, and whether it only waits for its parent. */
const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

test('this process is alive', async () => {
  expect(await verdictOn(await thisProcess())).toEqual(ALIVE);
});

test('a process is alive while it runs, and dead once it was killed', async () => {
  const child = start('echo; exec sleep 60');
  await said(child);
  const one = await holder(child.pid!);
  expect(await verdictOn(one)).toEqual(ALIVE);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await verdictOn(one)).toEqual(DEAD);
});

test('a stopped process may continue, and never counts as dead, however long it is silent', async () => {
  const child = start('echo; exec sleep 60');
  await said(child);
  child.kill('SIGSTOP');
  expect(await verdictOn(await holder(child.pid!, { lastSignMs: 0 }))).toEqual(ALIVE);
});

onLinux('a process that has ended is dead though its parent did not ask how', async () => {
  const pid = Number(await said(start('sleep 0.01 & echo $!; exec sleep 60')));
  while ((await statOf(pid))?.[2] !== 'Z') await pause(5);
  expect(await verdictOn(await holder(pid))).toEqual(DEAD);
});

onLinux('another process with the id of a dead one is not it', async () => {
  expect(await verdictOn(await holder(process.pid, { startedAt: '1' }))).toEqual(DEAD);
});

test.each(['another boot', 'the same boot, in another container'])(
  'a process of %s may be alive if it recently gave a sign of life, and is never surely dead',
  async (space) => {
    const child = start('exit 0');
    await once(child, 'close');
    const unseen = { space, pid: child.pid! };
    expect(await verdictOn(await holder(child.pid!, unseen))).toEqual(ALIVE);
    const silent = { ...unseen, lastSignMs: Date.now() - 60_000 };
    expect(await verdictOn(await holder(child.pid!, silent))).toEqual({ alive: false, surelyDead: false });
  },
);

onLinux('a boot has a name, which is the same for all that runs in it', async () => {
  expect(await thisBoot()).toMatch(/^[0-9a-f-]{36}$/);
  expect(await thisBoot()).toBe(await thisBoot());
  expect((await thisProcess()).space).toContain(await thisBoot());
});
