import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { newKey, secure, tell } from './archives';
import { verifyChain } from './verify-chain';
import { withDatabase } from '../support/postgres';

/** Of a claim that goes to `secured` at once. */
const EVENTS = 5;

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  beforeEach(async () => {
    ledger = createLedger(database());
    key = newKey();
    await secure(ledger, key);
  });

  /** As somebody who may do anything to the database. */
  async function tamper(statement: string, parameters: unknown[] = [key.archiveId]) {
    await database().query('ALTER TABLE events DISABLE TRIGGER events_are_append_only');
    await database().query(statement, parameters);
    await database().query('ALTER TABLE events ENABLE TRIGGER events_are_append_only');
  }

  it('an untouched event chain verifies', async () => {
    expect(await verifyChain(database(), key)).toEqual({ ok: true, events: EVENTS });
  });

  it('the event chain of an unknown archive verifies and is empty', async () => {
    expect(await verifyChain(database(), newKey())).toEqual({ ok: true, events: 0 });
  });

  it('verification does not depend on the settings of the session', async () => {
    const session = database();
    const verdict = await session.exclusively(async (run) => {
      await run(
        `SET LOCAL timezone = 'Asia/Kathmandu'; SET LOCAL datestyle = 'German'; SET LOCAL extra_float_digits = 0`,
      );
      const query = (text: string, parameters: readonly unknown[] = []) =>
        run(text.replace(/\$(\d)/g, (_, index: string) => `'${String(parameters[Number(index) - 1])}'`));
      return verifyChain({ ...session, query }, key);
    });
    expect(verdict).toEqual({ ok: true, events: EVENTS });
  });

  it.each([
    [`UPDATE events SET outcome = 'failure'`, 'altered'],
    [`UPDATE events SET type = 'deletion'`, 'altered'],
    [`UPDATE events SET at = at + interval '1 microsecond'`, 'altered'],
    [`UPDATE events SET detail = '{"state":"closed"}'`, 'altered'],
    [`UPDATE events SET hash = repeat('0', 64)`, 'altered'],
    [
      `UPDATE events SET detail = '{}', hash = event_hash(previous_hash, tenant, archive_id, sequence, at, type, outcome, '{}')`,
      'altered',
    ],
    ['DELETE FROM events', 'missing'],
  ])('verification shows where the chain was broken by %s', async (change, fault) => {
    await tamper(`${change} WHERE archive_id = $1 AND sequence = 2`);
    const verdict = await verifyChain(database(), key);
    expect(verdict).toMatchObject({ ok: false, fault });
    expect(verdict).toMatchObject({ sequence: change.includes('event_hash') ? 3 : 2 });
  });

  it('verification detects that the last event was deleted', async () => {
    await tamper(`DELETE FROM events WHERE archive_id = $1 AND sequence = ${EVENTS}`);
    expect(await verifyChain(database(), key)).toEqual({ ok: false, sequence: EVENTS, fault: 'missing' });
  });

  it('verification detects that all events were deleted', async () => {
    await tamper('DELETE FROM events WHERE archive_id = $1');
    expect(await verifyChain(database(), key)).toEqual({ ok: false, sequence: 1, fault: 'missing' });
  });

  it.each([
    ['shortened', 'UPDATE chains SET sequence = sequence - 1 WHERE archive_id = $1', EVENTS, 'added'],
    ['lengthened', 'UPDATE chains SET sequence = sequence + 1 WHERE archive_id = $1', EVENTS + 1, 'missing'],
    ['altered', "UPDATE chains SET hash = repeat('0', 64) WHERE archive_id = $1", EVENTS, 'altered'],
    ['removed', 'DELETE FROM chains WHERE archive_id = $1', 1, 'added'],
  ])('verification detects that the head of the chain was %s', async (_, change, sequence, fault) => {
    await tamper(change);
    expect(await verifyChain(database(), key)).toEqual({ ok: false, sequence, fault });
  });

  it('verification detects that all events were deleted together with the head', async () => {
    await tamper('DELETE FROM chains WHERE archive_id = $1');
    await tamper('DELETE FROM events WHERE archive_id = $1');
    expect(await verifyChain(database(), key)).toEqual({ ok: false, sequence: 1, fault: 'missing' });
  });

  it('verification detects an event that was added after the head', async () => {
    await tamper(
      `INSERT INTO events SELECT tenant, archive_id, ${EVENTS + 1}, at, type, outcome, detail, hash, hash
       FROM events WHERE archive_id = $1 AND sequence = ${EVENTS}`,
    );
    expect(await verifyChain(database(), key)).toEqual({ ok: false, sequence: EVENTS + 1, fault: 'added' });
  });

  it.each([
    'UPDATE events SET detail = detail',
    'DELETE FROM events',
    'TRUNCATE events',
    'TRUNCATE events CASCADE',
  ])('the ledger refuses %s', async (statement) => {
    await expect(database().query(statement)).rejects.toMatchObject({ code: '23001' });
    expect(await verifyChain(database(), key)).toEqual({ ok: true, events: EVENTS });
  });

  it('the ledger rolls back a change if its event cannot be appended', async () => {
    await database().query(
      `ALTER TABLE events ADD CONSTRAINT none CHECK (type <> 'policy assignment') NOT VALID`,
    );
    await expect(tell(ledger, key)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
    await database().query('ALTER TABLE events DROP CONSTRAINT none');
    expect((await ledger.find(key))?.state).toBe('secured');
    expect(await verifyChain(database(), key)).toEqual({ ok: true, events: EVENTS });
  });
});
