import { createLedger } from '../../src/ledger/ledger';
import { newKey, secure } from '../ledger/archives';
import { openDatabase } from '../support/postgres';
import { faultOfChain } from './checker/chain';
import { readEvents, readRows } from './checker/read-ledger';

it('the chain check accepts events that the ledger itself has written', async () => {
  const key = newKey();
  const database = await openDatabase();
  await secure(createLedger(database), key);

  const reading = { query: async (sql: string) => ({ rows: await database.query(sql) }) };
  const [rows, events] = [await readRows(reading), await readEvents(reading)];
  await database.close();
  expect(rows).toMatchObject([{ archiveId: key.archiveId, state: 'secured', eventCount: events.length }]);
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['fixity check', 'accession']));
  expect(faultOfChain(rows[0]!, events)).toBeUndefined();
});
