import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { matching } from '../simulator/matchers';
import { checkBag } from '../support/check-bag';
import { descendantsOf, isRunning } from '../support/descendants';
import { killProcesses, launchArchivist } from '../support/processes';
import { until } from './until';

const aNumber: unknown = expect.any(Number);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('archivist-e2e-');
});
afterAll(async () => {
  await killProcesses();
  await rm(folder, { recursive: true, force: true });
});

test('the demo claims its archives, reports that in one line of JSON, and leaves no process behind', async () => {
  const place = join(folder, 'demo');
  const args = ['demo', '--archives', '3', '--size', '64KiB', '--json', '--folder', place];
  const demo = await launchArchivist(args);
  const children = new Set<number>();
  const look = setInterval(() => descendantsOf(demo.pid).forEach((child) => children.add(child)), 100);
  const { code, stdout, stderr } = await demo.ended;
  clearInterval(look);

  expect({ code, stderr }).toEqual({ code: 0, stderr });
  const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as unknown;
  expect(summary).toEqual({
    archives: 3,
    secured: 3,
    abandoned: 3,
    duplicates: aNumber, // A list that another claim read may have shown an archive before its notification came.
    unsafeAbandons: 0,
    bytes: 3 * 65_536,
    seconds: aNumber,
    historyEvents: { min: aNumber, max: aNumber },
    folder: place,
  });

  const bags = join(place, 'data', 'archives', 'demo');
  const names = await readdir(bags);
  expect(names).toHaveLength(3);
  for (const name of names) expect(await checkBag(join(bags, name))).toEqual([]);

  // The simulator, `up` and its Temporal, at least.
  expect(children.size).toBeGreaterThanOrEqual(3);
  expect([...children].filter(isRunning)).toEqual([]);
});

test('the demo ends soon if it is told to while it starts, and leaves no process behind', async () => {
  const demo = await launchArchivist(['demo', '--folder', join(folder, 'stopped')]);
  await until('its first server', () => Promise.resolve(descendantsOf(demo.pid).length > 1));
  const children = descendantsOf(demo.pid);
  const told = performance.now();
  const { code, stderr } = await demo.stop();
  expect({ code, stderr }).toEqual({ code: 1, stderr: matching('archivist: Stopped before the end.') });
  expect(performance.now() - told).toBeLessThan(15_000);
  expect(children.filter(isRunning)).toEqual([]);
});
