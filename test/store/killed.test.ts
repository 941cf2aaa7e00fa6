import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveStore } from '../../src/store/archive-store';
import { checkBag } from '../support/check-bag';
import { archiveOf, contentsOf, keyOf, newStore, sealed } from './fixture';

const KILLS = 8;
/** So many archives are sealed before each of them, however slow the machine is. */
const SEALED_BEFORE = 2;

test('a process that is killed at any moment leaves no bag or a whole one, and the next one goes on', async () => {
  const { root, store } = await newStore();
  let output = '';
  for (let run = 0; run < KILLS; run += 1) output += await killedAtRandom(root, `run${run}`);

  const bags = await readdir(join(root, 'mycompany'));
  for (const bag of bags) expect(await checkBag(join(root, 'mycompany', bag))).toEqual([]);

  const acknowledged = [...output.matchAll(/^sealed (\S+) ([0-9a-f]{64})$/gm)];
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  for (const [, archiveId = '', sha256] of acknowledged)
    expect(await store.findSealed(keyOf(archiveId))).toMatchObject({ sha256 });

  for (const archiveId of begunOnly(output)) await goOn(store, archiveId);
  expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
});

async function killedAtRandom(root: string, prefix: string): Promise<string> {
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', join(__dirname, 'seal-forever.ts'), root, prefix]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  while (output.split('\nsealed ').length <= SEALED_BEFORE) await once(child.stdout, 'data');
  await pause(Math.random() * 200);
  child.kill('SIGKILL');
  await once(child, 'close');
  return output;
}

function begunOnly(output: string): readonly string[] {
  const begun = [...output.matchAll(/^begun (\S+)$/gm)].map(([, archiveId = '']) => archiveId);
  return begun.filter((archiveId) => !output.includes(`sealed ${archiveId} `));
}

/** What the next attempt does: look for a bag, and download again where there is none. */
async function goOn(store: ArchiveStore, archiveId: string): Promise<void> {
  const key = keyOf(archiveId);
  const found = await store.findSealed(key);
  if (found === undefined) await sealed(store, archiveOf(), key);
  else await store.seal(key, 'sealed', { ...contentsOf(archiveOf(1)), ...found });
}
