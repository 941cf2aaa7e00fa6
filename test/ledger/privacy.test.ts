import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { newKey, recordNote } from './archives';
import { onEveryDatabase } from './on-every-database';

const PERSON = 'Erika Mustermann';

onEveryDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  it('keeps the record out of the events, and a status that is not documented too', async () => {
    const key = newKey();
    await ledger.progress(key, 'waiting');
    await ledger.noteRecord(
      key,
      recordNote({ recordSource: `{"name":"${PERSON}"}`, platformStatus: PERSON }),
    );
    await ledger.noteRecord(
      key,
      recordNote({ recordSource: `{"name":"Dr. ${PERSON}"}`, platformStatus: 'FAILED' }),
    );
    const history = JSON.stringify(await ledger.history(key));
    expect(history).not.toContain('Mustermann');
    expect(history).toContain('undocumented');
    expect(history).toContain('FAILED');
  });

  it('keeps the text of the database out of its errors', async () => {
    // PostgreSQL's own message, detail and context all quote the row.
    await database().query(
      `ALTER TABLE archives ADD CONSTRAINT nobody CHECK (record_source NOT LIKE '%Mustermann%') NOT VALID`,
    );
    const refused = ledger.noteRecord(newKey(), recordNote({ recordSource: `"${PERSON}"` }));
    const error: unknown = await refused.catch((reason: unknown) => reason);
    await database().query('ALTER TABLE archives DROP CONSTRAINT nobody');
    expect(error).toMatchObject({
      name: 'ArchivistError',
      type: 'LedgerUnavailable',
      message: 'The ledger could not do "note record" (23514).',
    });
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error)).not.toContain('Mustermann');
  });
});
