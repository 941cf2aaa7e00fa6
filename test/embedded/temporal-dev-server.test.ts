import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes';
import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../src/embedded/temporal-tools';
import { startTemporal } from '../support/temporal';
import { emptyFolder, programThatPrints, programThatRunsInTurn, removeFolders } from '../support/tool-files';

const canBind = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;

const servers: DevServer[] = [];

async function start(options: Parameters<typeof startTemporal>[0] = {}): Promise<DevServer> {
  const server = await startTemporal(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await removeFolders();
});

async function withClient<T>(server: DevServer, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 150 && isAlive(pid); tries += 1) await pause(100);
  return !isAlive(pid);
}

it('the dev server has its namespace and search attributes from the moment it has started', async () => {
  const server = await start({ namespace: 'archives' });
  const { customAttributes } = await withClient(server, ({ connection }) =>
    connection.operatorService.listSearchAttributes({ namespace: 'archives' }),
  );
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)));
  expect(server.uiUrl).toBeUndefined();
});

it('the dev server serves the UI if that is requested', async () => {
  const server = await start({ ui: true });
  const page = await fetch(server.uiUrl!);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<html');
});

it('the dev server has ended once it is closed', async () => {
  const server = await start();
  await server.stop();
  await server.exited;
  expect(isAlive(server.pid)).toBe(false);
});

it('the dev server can be closed twice', async () => {
  const server = await start();
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
});

it('the dev server keeps its data after a restart on the same file', async () => {
  const dbFilename = path.join(await emptyFolder(), 'new', 'temporal.db');
  const first = await start({ dbFilename });
  const started = await withClient(first, (client) =>
    client.workflow.start('claimArchive', { taskQueue: 'nobody', workflowId: 'claim:t:a' }),
  );
  await first.stop();
  const second = await start({ dbFilename });
  const described = await withClient(second, (client) => client.workflow.getHandle('claim:t:a').describe());
  expect(described.runId).toBe(started.firstExecutionRunId);
});

it('the dev server appends its output to the log file', async () => {
  const folder = await emptyFolder();
  const logFile = path.join(folder, 'logs', 'temporal.log');
  for (const output of ['first', 'second']) {
    const cliPath = await programThatPrints(folder, 'temporal', output);
    await expect(start({ cliPath, logFile })).rejects.toThrow(output);
  }
  expect(await readFile(logFile, 'utf8')).toBe('first\nsecond\n');
});

it('the dev server refuses a taken port, even if another dev server uses it', async () => {
  const port = Number((await start()).address.split(':')[1]);
  await expect(start({ port })).rejects.toThrow(
    new Error(`Port ${port} on 127.0.0.1 is taken; Temporal's dev server cannot listen there.`),
  );
});

it('the dev server starts again if another program took its chosen port', async () => {
  const folder = await emptyFolder();
  const taken = await programThatPrints(
    folder,
    'taken',
    'listen tcp 127.0.0.1:1: bind: address already in use',
  );
  const cliPath = await programThatRunsInTurn(folder, 'temporal', [taken, await findTool(TEMPORAL_CLI)]);
  const server = await start({ cliPath });
  await withClient(server, ({ connection }) =>
    connection.operatorService.listSearchAttributes({ namespace: server.namespace }),
  );
});

it('the dev server gives up if its ports are taken each time', async () => {
  const cliPath = await programThatPrints(await emptyFolder(), 'temporal', 'bind: address already in use');
  await expect(start({ cliPath })).rejects.toThrow(/ended before it served:\nbind: address already in use/);
});

it('the error contains the last output of a dev server that ends instead of starting', async () => {
  const cliPath = await programThatPrints(await emptyFolder(), 'temporal', 'Error: no room on disk');
  await expect(start({ cliPath })).rejects.toThrow(/ended before it served:\nError: no room on disk/);
});

it('the error says that the program does not exist', async () => {
  await expect(start({ cliPath: '/nowhere/temporal' })).rejects.toThrow(/\/nowhere\/temporal/);
});

(canBind ? it : it.skip)('ends when its parent is killed with SIGKILL', async () => {
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'temporal-dev-server-parent.ts')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  expect(await isGone(pid)).toBe(true);
});
