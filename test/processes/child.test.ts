import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer } from 'node:net';
import { describeExit, spawnChild, type Child, type ChildOptions } from '../../src/processes/child';
import { until } from '../e2e/until';
import { isRunning } from '../support/descendants';
import { freePort, isFree } from '../../src/processes/free-port';

const FOREVER = 'setInterval(() => {}, 1000);';
const onLinux = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0 ? it : it.skip;

const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.stop(0);
});

async function start(program: string, options: Partial<ChildOptions> = {}): Promise<Child> {
  const child = await spawnChild(process.execPath, ['-e', program], { env: process.env, ...options });
  children.push(child);
  return child;
}

it('a child reports how it ended, and the last output of both streams', async () => {
  const child = await start(`console.log('out'); console.error('err'); process.exitCode = 7;`);
  const exit = await child.exited;
  expect(describeExit(exit)).toBe('ended with exit code 7');
  expect(child.tail().split('\n').sort()).toEqual(['err', 'out']);
});

it('a child passes on each line at once, and keeps all of them in a log that only its owner can read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-test-'));
  const logFile = join(folder, 'logs', 'child.log');
  const lines: string[] = [];
  const child = await start(`for (let i = 0; i < 30; i += 1) console.log(i);`, {
    logFile,
    onLine: (line, stream) => lines.push(`${stream} ${line}`),
  });
  await child.exited;
  expect(lines).toHaveLength(30);
  expect(lines[29]).toBe('stdout 29');
  expect(child.tail().split('\n')).toHaveLength(20);
  expect((await readFile(logFile, 'utf8')).split('\n')).toHaveLength(31);
  expect((await stat(logFile)).mode & 0o077).toBe(0);
  await rm(folder, { recursive: true });
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a child is asked to end with %s, and killed after its grace period',
  async (stopSignal) => {
    const program = `process.on('${stopSignal}', () => console.log('asked')); console.log('up'); ${FOREVER}`;
    let sayUp: (() => void) | undefined;
    const up = new Promise<void>((resolve) => (sayUp = resolve));
    const child = await start(program, { stopSignal, onLine: () => sayUp?.() });
    await up;
    await child.stop(300);
    expect(describeExit(await child.exited)).toBe('was ended by SIGKILL');
    expect(child.tail()).toContain('asked');
  },
);

it('a child can be stopped twice, and after it has ended', async () => {
  const child = await start(FOREVER);
  await Promise.all([child.stop(5_000), child.stop(5_000)]);
  await child.stop(5_000);
  expect(isRunning(child.pid)).toBe(false);
});

/** A process that starts `program` as its child, with these options, and says the child's id. */
async function parentOf(program: string, options: object): Promise<{ kill(): void; child: number }> {
  const script = `
    const { spawnChild } = require('./src/processes/child');
    const options = { env: process.env, ...${JSON.stringify(options)} };
    void spawnChild(process.execPath, [...process.execArgv, '-e', ${JSON.stringify(program)}], options).then(({ pid }) => console.log(pid));
    ${FOREVER}`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  return { kill: () => parent.kill('SIGKILL'), child: Number(said.toString()) };
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && isRunning(pid); tries += 1) await pause(50);
  return !isRunning(pid);
}

/** Resolves when `setpriv` has asked the kernel for the signal, and has become the program. */
async function isBound(pid: number): Promise<void> {
  const program = await realpath(process.execPath);
  await until('the program', async () => (await readlink(`/proc/${pid}/exe`)) === program);
}

onLinux('ends by the kernel when the process that started it is killed', async () => {
  const { kill, child } = await parentOf(FOREVER, {});
  await isBound(child);
  expect(isRunning(child)).toBe(true);
  kill();
  expect(await isGone(child)).toBe(true);
});

onLinux(
  'is killed by the kernel when the process that started it is killed, even if it stands still',
  async () => {
    const { kill, child } = await parentOf(FOREVER, { orphanSignal: 'SIGKILL' });
    await isBound(child);
    process.kill(child, 'SIGSTOP');
    kill();
    expect(await isGone(child)).toBe(true);
  },
);

it('a child notices by itself that its parent is gone', async () => {
  // SIGCONT does nothing: the kernel does not end it.
  const program = `require('./src/processes/child').endWithParent(); setTimeout(() => {}, 60_000);`;
  const { kill, child } = await parentOf(program, { watchesParent: true, orphanSignal: 'SIGCONT' });
  await pause(1_500);
  expect(isRunning(child)).toBe(true);
  kill();
  expect(await isGone(child)).toBe(true);
});

it('a child may end by itself although it watches its parent', async () => {
  const program = `require('./src/processes/child').endWithParent();`;
  const child = await spawnChild(process.execPath, ['--import', 'tsx', '-e', program], {
    env: process.env,
    watchesParent: true,
  });
  expect(describeExit(await child.exited)).toBe('ended with exit code 0');
});

describe('a free port', () => {
  const IP = '127.0.0.1';

  it('can be listened on, and is never assigned by a system automatically', async () => {
    const port = await freePort(IP);
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
    const server = createServer().listen(port, IP);
    await once(server, 'listening');
    expect(await isFree(IP, port)).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await isFree(IP, port)).toBe(true);
  });

  it('is reported as unavailable on an address that does not belong to this machine', async () => {
    await expect(freePort('192.0.2.1')).rejects.toThrow('Nothing can listen on 192.0.2.1');
  });
});
