import { once } from 'node:events';
import { openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StdioOptions } from 'node:child_process';
import { freePort } from '../../src/processes/free-port';
import { until } from '../e2e/until';
import { notification, PATH, post } from '../gateway/gateway';
import { openCommandSite, type CommandSite } from './command-site';
import { startCommand, startScript } from './sources';

const GUARDED = `
  const { guardStreams, outputRead } = require('./src/cli/streams');
  const { createLogger, say, tellLoss } = require('./src/cli/output');
  guardStreams(tellLoss);`;

describe('a gateway whose log cannot be written', () => {
  let site: CommandSite;
  beforeAll(async () => {
    site = await openCommandSite();
  });
  afterAll(() => site.close());

  const logs: Record<string, () => StdioOptions> = {
    'to a full disk': () => ['ignore', 'ignore', openSync('/dev/full', 'w')],
    'to a reader that stands still': () => ['ignore', 'ignore', 'pipe'],
  };

  it.each(Object.keys(logs))('keeps running %s, and obeys SIGTERM', async (kind) => {
    const port = await freePort('127.0.0.1');
    const url = `http://127.0.0.1:${port}`;
    const { child, ended } = startCommand(
      ['gateway', '--port', String(port)],
      { ...site.environment, ARCHIVIST_LOG_LEVEL: 'trace' },
      logs[kind]!(),
    );
    await until(
      'the gateway to be ready',
      async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok,
    );
    for (let index = 0; index < 300; index += 1) {
      const answer = await post(url + PATH, notification(`a${index}`));
      expect(answer.status).toBe(202);
    }
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const told = performance.now();
    child.kill('SIGTERM');
    await expect(ended).resolves.toBe(0);
    expect(performance.now() - told).toBeLessThan(10_000);
  });
});

describe('log lines that cannot be written', () => {
  it('are counted, and reported when there is room again', async () => {
    const { child, ended } = startScript(`
      const fs = require('node:fs');
      const { writeSync } = fs;
      let isFull = true;
      fs.writeSync = (fd, bytes, ...rest) => {
        if (!isFull) return writeSync(fd, bytes, ...rest);
        throw Object.assign(new Error(), { code: 'ENOSPC' });
      };
      fs.fstatSync = () => ({ isFIFO: () => false, isSocket: () => false });
      ${GUARDED}
      const log = createLogger('test');
      log.info('one'); log.info('two'); log.info('three');
      isFull = false;
      log.info('four');`);
    const lines = (await text(child.stderr!)).trim().split('\n');
    await expect(ended).resolves.toBe(0);
    const logged = lines.map((line) => JSON.parse(line) as { msg: string; lines?: number });
    expect(logged.map(({ msg, lines: count }) => ({ msg, count }))).toEqual([
      { msg: 'Lines of the log were lost: they could not be written', count: 3 },
      { msg: 'four' },
    ]);
  });

  it('are reported at the end of the process if nothing else is logged', async () => {
    const { child, ended } = startScript(`
      const fs = require('node:fs');
      const { writeSync } = fs;
      fs.writeSync = () => {
        throw Object.assign(new Error(), { code: 'ENOSPC' });
      };
      fs.fstatSync = () => ({ isFIFO: () => false, isSocket: () => false });
      ${GUARDED}
      createLogger('test').info('one');
      fs.writeSync = writeSync;
      outputRead();`);
    const line = await text(child.stderr!);
    await expect(ended).resolves.toBe(0);
    expect(JSON.parse(line)).toMatchObject({ lines: 1 });
  });

  it('do not accumulate in memory while a reader stalls, and are reported when it reads again', async () => {
    const { child, ended } = startScript(`
      ${GUARDED}
      const log = createLogger('test');
      for (let index = 0; index < 4000; index += 1) log.info('x'.repeat(1000));
      if (process.stderr.writableLength > 2_000_000) process.exit(9);
      const again = setInterval(() => {
        if (process.stderr.writableLength > 0) return;
        clearInterval(again);
        log.info('read again');
      }, 50);`);
    await sleep(500);
    const lines = (await text(child.stderr!)).trim().split('\n');
    await expect(ended).resolves.toBe(0);
    expect(lines.at(-1)).toContain('read again');
    const { lines: lost } = JSON.parse(lines.at(-2)!) as { lines: number };
    expect(lost).toBeGreaterThan(1_000);
    expect(lines.length - 2 + lost).toBe(4_000);
  });
});

describe('the output of a command', () => {
  it('reaches a slow reader completely', async () => {
    const { child, ended } = startScript(`
      ${GUARDED}
      for (let index = 0; index < 4000; index += 1) say('x'.repeat(1000));
      outputRead().then(() => process.exit(0));`);
    await sleep(1_500);
    expect((await text(child.stdout!)).length).toBe(4_000 * 1_001);
    await expect(ended).resolves.toBe(0);
  });

  it('ends without a stack trace if its reader has gone', async () => {
    const { child, ended } = startCommand(['--help'], {});
    child.stdout?.destroy();
    const said = text(child.stderr!);
    await expect(ended).resolves.toBe(0);
    await expect(said).resolves.toBe('');
  });

  it('causes a readable failure if a full disk rejects it', async () => {
    const { child, ended } = startCommand(['--help'], {}, ['ignore', openSync('/dev/full', 'w'), 'pipe']);
    const said = text(child.stderr!);
    await once(child, 'exit');
    await expect(ended).resolves.toBe(1);
    await expect(said).resolves.toBe('archivist: The output could not be written whole (ENOSPC).\n');
  });
});
