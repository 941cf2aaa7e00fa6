import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openPglite } from '../../src/embedded/pglite';
import { createLedger } from '../../src/ledger/create-ledger';
import { migrate } from '../../src/ledger/migrate';
import { newKey, recordNote, securedArchive } from '../ledger/archives';
import { copyEmptyPglite } from '../ledger/empty-pglite';
import { faultOfChain } from './checker/chain';
import { readEvents, readRows } from './checker/read-ledger';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'archivist-checker-'));
  await copyEmptyPglite(path.join(folder, 'ledger'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes what the ledger itself has written for whole', async () => {
  const key = newKey();
  const database = await openPglite(path.join(folder, 'ledger'));
  await migrate(database);
  const ledger = createLedger(database);
  const record = recordNote();
  const { conferenceId, sha256 } = record;
  await ledger.noteRecord(key, record);
  await ledger.noteVerification(key, { sha256: sha256!, sizeBytes: 7, ok: true });
  await ledger.secure(key, securedArchive({ conferenceId: conferenceId! }));
  await database.close();

  const reading = await PGlite.create(path.join(folder, 'ledger'));
  const [rows, events] = [await readRows(reading), await readEvents(reading)];
  await reading.close();
  expect(rows).toMatchObject([{ archiveId: key.archiveId, state: 'secured', eventCount: 3 }]);
  expect(events.map(({ type }) => type)).toEqual(['metadata modification', 'fixity check', 'accession']);
  expect(faultOfChain(rows[0]!, events)).toBeUndefined();
});
