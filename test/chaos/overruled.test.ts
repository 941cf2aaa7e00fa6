import { casesOf } from './checker/case';
import type { Evidence } from './checker/evidence';
import { overruled } from './checker/overruled';
import { makeUpSite } from './made-up-site';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

let store: string;
let site: Evidence;
beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'archivist-checker-'));
  site = await makeUpSite(store);
});
afterEach(() => rm(store, { recursive: true, force: true }));

/** What is found of a hold that was confirmed, and released at that second; the abandon was sent at the 40th. */
function foundOf(second: string): string[] {
  const releasedAt = Date.parse(`2026-01-31T12:00:${second}.000Z`);
  return overruled(casesOf(site, []), [{ archiveId: 'a1', releasedAt }], []);
}

it('the checker detects a hold that did not keep its archive from being abandoned', () => {
  expect(foundOf('41')).toEqual([
    expect.stringMatching(/^a1: its hold was confirmed, and the abandon of .*:40/),
  ]);
});

it('the checker accepts an abandon that was sent after the release', () => {
  expect(foundOf('39')).toEqual([]);
});

it.each([
  ['finds', true],
  ['does not look for', false],
])('%s an abandon after a giveUp, if that was confirmed: %s', (_, isConfirmed) => {
  const givenUp = [{ archiveId: 'a1', conferenceId: 'c1', isConfirmed }];
  const expected = expect.stringMatching(/^a1: that it is given up was confirmed, and the abandon/) as string;
  expect(overruled(casesOf(site, []), [], givenUp)).toEqual(isConfirmed ? [expected] : []);
});
