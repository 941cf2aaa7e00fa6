import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { read, tenantOf, withTenant } from './sample';

describe('a key in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'archivist-secrets-'));
    file = path.join(folder, 'key');
    await writeFile(file, 'first-key\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is replaced by what its file holds later, however it was written there', async () => {
    const { apiKey } = tenantOf(read(withTenant({ apiKey: `file:${file}` })));
    expect(apiKey.reveal()).toBe('first-key');
    await writeFile(file, 'other-key\n');
    expect(apiKey.reveal()).toBe('other-key');
    // As Kubernetes and editors replace files.
    await writeFile(`${file}.new`, 'third-key');
    await rename(`${file}.new`, file);
    expect(apiKey.reveal()).toBe('third-key');
  });

  it('stays what it was while its file is away, empty or no key, and follows the next one', async () => {
    const { apiKey } = tenantOf(read(withTenant({ apiKey: `file:${file}` })));
    await rm(file);
    expect(apiKey.reveal()).toBe('first-key');
    for (const text of ['', 'half a\nkey', '\u0000']) {
      await writeFile(file, text);
      expect(apiKey.reveal()).toBe('first-key');
    }
    await writeFile(file, 'other-key');
    expect(apiKey.reveal()).toBe('other-key');
    expect(inspect(apiKey)).toBe('[secret]');
  });
});
