import type { ArchiveRecord } from '../../src/domain/record';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { storableJson } from '../../src/ledger/columns';
import { withDatabase } from '../support/postgres';
import { begin, fence, newConference, newKey, secure, sent, ledgerEvents } from './archives';

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
  'a byte order mark': '\uFEFF{"a":1}',
  'keys in an order, and twice': '{"b":1,"a":2,"b":1.000}',
};

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  const poll = (key: ReturnType<typeof newKey>, record: Partial<ArchiveRecord>) =>
    ledger.beginClaim(key, fence(1), begin(record));

  it('the ledger keeps the record of the owning attempt, whatever an older attempt writes', async () => {
    const key = newKey();
    const [older, newer] = [fence(1), fence(1, { attempt: 2 })];
    await ledger.beginClaim(key, newer, begin(sent('{"status":"AVAILABLE"}')));
    await expect(
      ledger.beginClaim(key, older, begin(sent('{"status":"PROCESSING"}'))),
    ).resolves.toMatchObject({ verdict: 'fenced' });
    expect(String(await ledger.findRecord(key))).toBe('{"status":"AVAILABLE"}');
  });

  it.each(Object.entries(ODD_RECORDS))('the ledger keeps a record with %s exactly', async (_, source) => {
    const key = newKey();
    await poll(key, sent(source));
    expect(String(await ledger.findRecord(key))).toBe(source);
    const rows = await database().query(
      'SELECT record IS NOT NULL AS kept FROM records WHERE archive_id = $1',
      [key.archiveId],
    );
    expect(rows).toEqual([{ kept: true }]);
  });

  it('the ledger keeps a record in another encoding byte by byte', async () => {
    const key = newKey();
    const source = Buffer.from('{"expert":"Jürgen\u0000"}', 'latin1');
    await poll(key, { source, content: { expert: 'Jürgen\u0000' }, status: 'A\u0000B\ud800' });
    expect(await ledger.findRecord(key)).toEqual(source);
    expect(await ledger.find(key)).toMatchObject({ platformStatus: 'A\uFFFDB\uFFFD', state: 'waiting' });
  });

  it('the ledger writes a record only if it is new', async () => {
    const key = newKey();
    const record = { ...sent('{"a":1}'), conferenceId: newConference() };
    const version = () => database().query('SELECT ctid FROM records WHERE archive_id = $1', [key.archiveId]);
    await poll(key, record);
    const before = await version();
    await poll(key, record);
    expect(await version()).toEqual(before);
    await poll(key, { ...record, ...sent('{"a":2}') });
    expect(String(await ledger.findRecord(key))).toBe('{"a":2}');
  });

  it('the ledger keeps the record of a secured copy unchanged', async () => {
    const key = newKey();
    await secure(ledger, key);
    const kept = await ledger.findRecord(key);
    await ledger.beginClaim(key, fence(1, { runId: 'next' }), begin(sent('{"a":2}')));
    expect(await ledger.findRecord(key)).toEqual(kept);
  });

  it('the ledger returns nothing for an archive without a record', async () => {
    expect(await ledger.findRecord(newKey())).toBeUndefined();
  });

  it('entries and events do not contain the record, and events no undocumented status', async () => {
    const key = newKey();
    await poll(key, { ...sent(`{"name":"${PERSON}"}`), status: PERSON });
    await poll(key, { ...sent(`{"name":"Dr. ${PERSON}"}`), status: 'FAILED' });
    expect(JSON.stringify([await ledger.find(key), await ledger.list({ limit: 100 })])).not.toContain(
      'Mustermann',
    );
    const history = JSON.stringify(await ledgerEvents(database(), key));
    expect(history).not.toContain('Mustermann');
    expect(history).toContain('undocumented');
    expect(history).toContain('FAILED');
  });

  it('errors do not contain the text of the database error', async () => {
    // PostgreSQL's own message, detail and context all quote the row.
    await database().query(
      `ALTER TABLE records ADD CONSTRAINT nobody CHECK (record::text NOT LIKE '%Mustermann%') NOT VALID`,
    );
    const key = newKey();
    const error: unknown = await poll(key, sent(`"${PERSON}"`)).catch((reason: unknown) => reason);
    await database().query('ALTER TABLE records DROP CONSTRAINT nobody');
    expect(error).toMatchObject({
      name: 'ArchivistError',
      type: 'LedgerUnavailable',
      message: 'The ledger could not do "begin claim" (23514).',
    });
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error)).not.toContain('Mustermann');
    // The whole of it is taken back.
    expect(await ledger.find(key)).toBeUndefined();
  });
});

describe('storableJson', () => {
  it('keeps values that jsonb can store', () => {
    const source = '{"a":[1,true,null,"😀"],"__proto__":{"b":"c"}}';
    expect(storableJson(JSON.parse(source))).toBe(source);
  });

  it('replaces characters that jsonb cannot store', () => {
    expect(storableJson(JSON.parse(String.raw`{"a\u0000":"\ud800x"}`))).toBe('{"a\uFFFD":"\uFFFDx"}');
    expect(storableJson(JSON.parse('{"a":1e999}'))).toBe('{"a":null}');
  });
});
