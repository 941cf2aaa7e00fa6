import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { storableJson } from '../../src/ledger/storable';
import { newKey, recordNote } from './archives';
import { withDatabase } from '../support/postgres';

const PERSON = 'Erika Mustermann';

const ODD_RECORDS = {
  'an escaped U+0000': String.raw`{"a\u0000b":"c\u0000d"}`,
  'escaped lone surrogates': String.raw`{"\ud800":["\udfff","\ud83d\ude00"]}`,
  'huge numbers': `{"a":1e999999,"b":-1e-999999,"c":${'9'.repeat(1_000)}}`,
  'deep nesting': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  'deep objects': `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  'a megabyte': JSON.stringify({ note: 'ä'.repeat(524_288) }),
  'keys that mean something in JavaScript': '{"__proto__":{"toJSON":1},"constructor":null,"toJSON":"x"}',
  'no object at all': 'null',
  'keys in an order, and twice': '{"b":1,"a":2,"b":1.000}',
};

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  it.each(Object.entries(ODD_RECORDS))('keeps a record with %s exactly', async (_, recordSource) => {
    const key = newKey();
    await ledger.noteRecord(key, recordNote({ recordSource }));
    expect((await ledger.find(key))?.recordSource).toBe(recordSource);
    const [row] = await database().query(
      'SELECT record IS NOT NULL AS kept FROM archives WHERE archive_id = $1',
      [key.archiveId],
    );
    expect(row).toEqual({ kept: true });
  });

  it.each([
    ['a raw U+0000', '{"a":"\u0000"}', '{"a":"\uFFFD"}'],
    ['a raw lone surrogate', '{"a":"\ud800"}', '{"a":"\uFFFD"}'],
    ['no JSON', '<html>', '<html>'],
  ])('keeps what it can of %s', async (_, recordSource, kept) => {
    const key = newKey();
    await ledger.noteRecord(
      key,
      recordNote({ recordSource, platformStatus: 'A\u0000B\ud800', sha256: 'no checksum' }),
    );
    expect(await ledger.find(key)).toMatchObject({ recordSource: kept, platformStatus: 'A\uFFFDB\uFFFD' });
    expect(await ledger.find(key)).not.toHaveProperty('sha256');
  });

  it('appends no event for the same record again, however often it is polled', async () => {
    const key = newKey();
    const note = recordNote();
    for (let poll = 0; poll < 5; poll++) await ledger.noteRecord(key, note);
    expect(await ledger.history(key)).toHaveLength(1);
    await ledger.noteRecord(key, { ...note, platformStatus: 'EXPIRED' });
    expect(await ledger.history(key)).toHaveLength(2);
  });

  it('does not touch the state', async () => {
    const key = newKey();
    await ledger.noteRecord(key, recordNote());
    expect((await ledger.find(key))?.state).toBe('announced');
    await ledger.progress(key, 'verifying');
    await ledger.noteRecord(key, recordNote());
    expect((await ledger.find(key))?.state).toBe('verifying');
  });

  it('lists entries without their records', async () => {
    await ledger.noteRecord(newKey(), recordNote());
    const listed = await ledger.list({ limit: 100 });
    expect(listed.some((entry) => entry.recordSource !== undefined)).toBe(false);
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

describe('storableJson', () => {
  it('keeps what jsonb can hold', () => {
    const source = '{"a":[1,true,null,"😀"],"__proto__":{"b":"c"}}';
    expect(storableJson(source)).toBe(source);
  });

  it('replaces what jsonb cannot hold', () => {
    expect(storableJson(String.raw`{"a\u0000":"\ud800x"}`)).toBe('{"a\uFFFD":"\uFFFDx"}');
    expect(storableJson('{"a":1e999}')).toBe('{"a":null}');
  });

  it('is undefined for what is no JSON', () => {
    expect(storableJson('<html>')).toBeUndefined();
  });
});
