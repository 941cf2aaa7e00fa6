import { join } from 'node:path';
import type { CreatedArchive, RequestEntry, SimulatorClient } from '../../src/simulator';
import { checkBag } from '../support/check-bag';
import { sha256Of } from './sha256';
import type { Site } from './site';

/** What must hold of an archive whose claim is over, by the platform's journal and by the files. */
export async function expectClaimed(
  { simulator, bagOf, unsafeAbandons }: Site,
  { archiveId, conferenceId }: CreatedArchive,
): Promise<void> {
  const { status, sha256 } = await simulator.archive(archiveId);
  expect({ archiveId, status }).toEqual({ archiveId, status: 'ABANDONED' });
  expect(await checkBag(bagOf(archiveId))).toEqual([]);
  expect(await sha256Of(join(bagOf(archiveId), 'data', 'archive.zip'))).toBe(sha256);
  const abandons = await abandonsOf(simulator, conferenceId);
  expect(abandons.filter(({ effect }) => effect)).toHaveLength(1);
  expect(unsafeAbandons).toEqual([]);
}

/** Every abandon of the conference that reached the platform. */
export async function abandonsOf(
  simulator: SimulatorClient,
  conferenceId: string,
): Promise<readonly RequestEntry[]> {
  return await requests(simulator, { endpoint: 'abandon', conferenceId });
}

/** Every download of the archive that the platform served, whole or not. */
export async function downloadsOf(
  simulator: SimulatorClient,
  archiveId: string,
): Promise<readonly RequestEntry[]> {
  return await requests(simulator, { endpoint: 'download', archiveId });
}

async function requests(
  simulator: SimulatorClient,
  filter: { readonly endpoint: string; readonly conferenceId?: string; readonly archiveId?: string },
): Promise<readonly RequestEntry[]> {
  const entries = await simulator.journal({ ...filter, kind: 'request' });
  return entries.filter((entry) => entry.kind === 'request');
}
