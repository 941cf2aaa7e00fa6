import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json';

const BIN = join(__dirname, '..', '..', 'bin', 'archivist.js');
const needed = manifest.engines.node.replace('>=', '');

it.each(['18.20.8', '20.9.0', '20.18.3'])(
  'commands refuse Node.js %s, and name the required version',
  (version) => {
    const { status, stderr } = runAs(version);
    expect(status).toBe(2);
    expect(stderr).toBe(`archivist: Node.js ${needed} or newer is needed; this is ${version}.\n`);
  },
);

it.each([`${needed}.0`, '22.1.0'])('commands accept Node.js %s', (version) => {
  expect(runAs(version).stderr).not.toContain('is needed');
});

/** Runs the program in a Node.js that says it is of another version. */
function runAs(version: string) {
  const folder = mkdtempSync(join(tmpdir(), 'archivist-node-'));
  const preload = join(folder, 'version.js');
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  const ended = spawnSync(process.execPath, ['-r', preload, BIN, '--version'], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return ended;
}
