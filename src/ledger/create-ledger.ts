import type { Database } from './database';
import type { Ledger } from './ledger';
import { runStatement } from './run-statement';
import { abandon } from './statements/abandon';
import { fail } from './statements/fail';
import { findEntry } from './statements/find-entry';
import { findStore } from './statements/find-store';
import { judgeAbandon } from './statements/judge-abandon';
import { listEntries } from './statements/list-entries';
import { miss } from './statements/miss';
import { needAttention } from './statements/need-attention';
import { noteRecord } from './statements/note-record';
import { noteVerification } from './statements/note-verification';
import { progress } from './statements/progress';
import { readHistory } from './statements/read-history';
import { rememberStore } from './statements/remember-store';
import { secure } from './statements/secure';

/** The ledger in a database whose schema is there (see `requireSchema`). Closing it closes the database. */
export function createLedger(database: Database): Ledger {
  return {
    async ping() {
      await runStatement(database, 'ping', 'SELECT 1');
    },
    find: (key) => findEntry(database, key),
    list: (filter) => listEntries(database, filter),
    history: (key) => readHistory(database, key),
    noteRecord: (key, record) => noteRecord(database, key, record),
    progress: (key, state) => progress(database, key, state),
    noteVerification: (key, result) => noteVerification(database, key, result),
    secure: (key, copy) => secure(database, key, copy),
    judgeAbandon: (key, expected) => judgeAbandon(database, key, expected),
    abandon: (key, platformStatus) => abandon(database, key, platformStatus),
    needAttention: (key, reason) => needAttention(database, key, reason),
    fail: (key, reason) => fail(database, key, reason),
    miss: (key) => miss(database, key),
    storeIdentity: (url) => findStore(database, url),
    rememberStore: (url, identity) => rememberStore(database, url, identity),
    close: () => database.close(),
  };
}
