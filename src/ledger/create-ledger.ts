import type { Database } from './database';
import type { Ledger } from './ledger';
import { runStatement } from './run-statement';
import { abandon } from './statements/abandon';
import { addGeneration } from './statements/add-generation';
import { closeEntry } from './statements/close-entry';
import { compareWithList } from './statements/compare-with-list';
import { countEntries } from './statements/count-entries';
import { expire } from './statements/expire';
import { fail } from './statements/fail';
import { findEntry } from './statements/find-entry';
import { findStore } from './statements/find-store';
import { hold } from './statements/hold';
import { judgeAbandon } from './statements/judge-abandon';
import { keepInInbox } from './statements/keep-in-inbox';
import { listCallbackSecrets } from './statements/list-callback-secrets';
import { listEntries } from './statements/list-entries';
import { listGenerations } from './statements/list-generations';
import { listSecured } from './statements/list-secured';
import { measureInbox } from './statements/measure-inbox';
import { miss } from './statements/miss';
import { missListed } from './statements/miss-listed';
import { needAttention } from './statements/need-attention';
import { noteDecision } from './statements/note-decision';
import { noteRecord } from './statements/note-record';
import { noteRepair } from './statements/note-repair';
import { noteStatus } from './statements/note-status';
import { noteSubscription } from './statements/note-subscription';
import { noteUnsubscribed } from './statements/note-unsubscribed';
import { noteVerification } from './statements/note-verification';
import { orderAbandon } from './statements/order-abandon';
import { progress } from './statements/progress';
import { readHistory } from './statements/read-history';
import { release } from './statements/release';
import { rememberStore } from './statements/remember-store';
import { removeFromInbox } from './statements/remove-from-inbox';
import { retireForgotten } from './statements/retire-forgotten';
import { retire } from './statements/retire';
import { returnToInbox } from './statements/return-to-inbox';
import { secure } from './statements/secure';
import { settle } from './statements/settle';
import { supersede } from './statements/supersede';
import { takeFromInbox } from './statements/take-from-inbox';

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
    hold: (key, by) => hold(database, key, by),
    release: (key, by) => release(database, key, by),
    orderAbandon: (key, by) => orderAbandon(database, key, by),
    noteDecision: (key, decision) => noteDecision(database, key, decision),
    noteStatus: (key, platformStatus) => noteStatus(database, key, platformStatus),
    expire: (key) => expire(database, key),
    closeEntry: (key) => closeEntry(database, key),
    noteRepair: (key) => noteRepair(database, key),
    settle: (key, reason) => settle(database, key, reason),
    listSecured: (page) => listSecured(database, page),
    count: () => countEntries(database),
    storeIdentity: (url) => findStore(database, url),
    rememberStore: (url, identity) => rememberStore(database, url, identity),
    keepInInbox: (notifications) => keepInInbox(database, notifications),
    takeFromInbox: (bounds) => takeFromInbox(database, bounds),
    returnToInbox: (notifications) => returnToInbox(database, notifications),
    removeFromInbox: (keys) => removeFromInbox(database, keys),
    measureInbox: () => measureInbox(database),
    compareWithList: (tenant, listed, terms) => compareWithList(database, tenant, listed, terms),
    missListed: (tenant, expired) => missListed(database, tenant, expired),
    addGeneration: (tenant, sha256) => addGeneration(database, tenant, sha256),
    listGenerations: (tenant) => listGenerations(database, tenant),
    listCallbackSecrets: () => listCallbackSecrets(database),
    noteSubscription: (tenant, generation, id) => noteSubscription(database, tenant, generation, id),
    supersede: (tenant, keep) => supersede(database, tenant, keep),
    noteUnsubscribed: (tenant, generation) => noteUnsubscribed(database, tenant, generation),
    retire: (tenant, generations) => retire(database, tenant, generations),
    retireForgotten: (tenant, ms) => retireForgotten(database, tenant, ms),
    close: () => database.close(),
  };
}
