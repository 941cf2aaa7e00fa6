import { Client } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger';
import { migrate } from '../../src/ledger/migrate';
import { openPostgres } from '../../src/ledger/postgres';
import { newKey, recordNote, securedArchive } from '../ledger/archives';
import { createDatabase } from '../support/postgres';
import { faultOfChain } from './checker/chain';
import { readEvents, readRows } from './checker/read-ledger';

it('takes what the ledger itself has written for whole', async () => {
  const key = newKey();
  const url = await createDatabase();
  const database = openPostgres(url);
  await migrate(database);
  const ledger = createLedger(database);
  const record = recordNote();
  const { conferenceId, sha256 } = record;
  await ledger.noteRecord(key, record);
  await ledger.noteVerification(key, { sha256: sha256!, sizeBytes: 7, ok: true });
  await ledger.secure(key, securedArchive({ conferenceId: conferenceId! }));
  await ledger.close();

  const reading = new Client({ connectionString: url });
  await reading.connect();
  const [rows, events] = [await readRows(reading), await readEvents(reading)];
  await reading.end();
  expect(rows).toMatchObject([{ archiveId: key.archiveId, state: 'secured', eventCount: 3 }]);
  expect(events.map(({ type }) => type)).toEqual(['metadata modification', 'fixity check', 'accession']);
  expect(faultOfChain(rows[0]!, events)).toBeUndefined();
});
