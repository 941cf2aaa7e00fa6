import { parseTenantId, type ArchiveKey, type TenantId } from '../../domain/ids';
import { SHOWN_STATES, type ShownState } from '../../domain/states';
import { findEntries, type LedgerEntry } from '../entry';
import type { Run } from '../run-statement';

/**
 * Whether row `a` needs no claim: it is done, a person decided against it, its deadline passed less than a day ago, it is held,
 * or it expired before there was a copy.
 */
export const IS_SETTLED = `coalesce(
  a.told_at IS NOT NULL AND a.secured_at IS NOT NULL
  OR a.decision IN ('giveUp', 'cancelled')
  OR a.decision = 'deadline' AND a.decided_at > statement_timestamp() - interval '1 day'
  OR a.secured_at IS NOT NULL AND a.held_at IS NOT NULL
  OR a.state = 'missed' AND a.platform_status = 'EXPIRED',
  false
)`;

/** Whether a row needs a person: its claim says so, or its copy has a flaw that a person must accept before the abandon. */
const NEEDS_PERSON = '(attention IS NOT NULL OR told_at IS NULL AND warns(warning, accepted))';

/** The overdue work of the sweep. */
export interface Overdue {
  readonly tenant: TenantId;
  readonly rechecks: number;
  readonly confirmations: number;
}

/** Queries of the ledger, and the identities of the stores. */
export function archives(run: Run) {
  return {
    /** Resolves when the database answers and accepts writes. */
    async ping(): Promise<void> {
      await run('ping', 'SELECT 1');
    },

    async find({ tenant, archiveId }: ArchiveKey): Promise<LedgerEntry | undefined> {
      const clauses = 'WHERE tenant = $1 AND archive_id = $2';
      const [entry] = await findEntries(run, 'find', clauses, [tenant, archiveId]);
      return entry;
    },

    /** The record's bytes, as the platform sent them. Personal data: never to logs, errors, metrics or Temporal. */
    async findRecord({ tenant, archiveId }: ArchiveKey): Promise<Buffer | undefined> {
      const statement = 'SELECT source FROM records WHERE tenant = $1 AND archive_id = $2';
      const [row] = await run('find record', statement, [tenant, archiveId]);
      return row && (row['source'] as Buffer);
    },

    /** Entries, the latest change of state first. `attention`: all that {@link NEEDS_PERSON}, whatever their state. */
    list: ({ state, tenant, limit }: ListFilter): Promise<LedgerEntry[]> =>
      findEntries(run, 'list', LIST, [state ?? null, tenant ?? null, limit]),

    /**
     * Entries with a secured copy in the order of their keys, from the one after `after` on. The cost of a page does not depend
     * on its position.
     */
    listSecured: ({ tenant, after, limit }: SecuredPage): Promise<LedgerEntry[]> =>
      findEntries(run, 'list secured', LIST_SECURED, [
        tenant ?? null,
        after?.tenant ?? null,
        after?.archiveId ?? null,
        limit,
      ]),

    /** How many fixity checks, and how many confirmations of deletions, are overdue by more than `lateMs`; for each tenant. */
    async countOverdue(tenants: readonly TenantId[], lateMs: number): Promise<Overdue[]> {
      const rows = await run('count overdue', COUNT_OVERDUE, [tenants, lateMs]);
      return rows.map((row) => ({
        tenant: parseTenantId(row['tenant']),
        rechecks: Number(row['rechecks']),
        confirmations: Number(row['confirmations']),
      }));
    },

    /** How many entries are in each state; those that need a person count as `attention`, whatever their state. */
    async count(): Promise<Readonly<Record<ShownState, number>>> {
      const counts = new Map(
        (await run('count', COUNT)).map((row) => [row['state'], Number(row['entries'])]),
      );
      const all = SHOWN_STATES.map((state) => [state, counts.get(state) ?? 0]);
      return Object.fromEntries(all) as Record<ShownState, number>;
    },

    /** The identity that the store at `url` had when it was first used. */
    async storeIdentity(url: string): Promise<string | undefined> {
      const [row] = await run('store identity', 'SELECT identity FROM stores WHERE url = $1', [url]);
      return row && String(row['identity']);
    },

    /** The identities of all stores that were ever used with this ledger. */
    async storeIdentities(): Promise<string[]> {
      return (await run('store identities', 'SELECT identity FROM stores')).map(({ identity }) =>
        String(identity),
      );
    },

    /** Remembers the store's identity. The first one wins, unless this one `replaces` it. */
    async rememberStore(url: string, identity: string, replaces = false): Promise<void> {
      await run('remember store', REMEMBER_STORE, [url, identity, replaces]);
    },
  };
}

export interface ListFilter {
  readonly state?: ShownState;
  readonly tenant?: TenantId;
  readonly limit: number;
}

export interface SecuredPage {
  readonly tenant?: TenantId;
  readonly after?: ArchiveKey;
  readonly limit: number;
}

const REMEMBER_STORE = `
INSERT INTO stores (url, identity) VALUES ($1, $2)
ON CONFLICT (url) DO UPDATE SET identity = excluded.identity WHERE $3::boolean`;

const COUNT_OVERDUE = `
SELECT given.tenant,
  (SELECT count(*) FROM archives AS a WHERE a.tenant = given.tenant AND a.fixity_due_at < late.since) AS rechecks,
  (SELECT count(*) FROM archives AS a WHERE a.tenant = given.tenant AND a.confirm_due_at < late.since) AS confirmations
FROM unnest($1::text[]) AS given (tenant),
  (SELECT statement_timestamp() - $2::float8 * interval '1 millisecond' AS since) AS late`;

const LIST = `
WHERE ($1::text IS NULL OR state = $1 OR $1 = 'attention' AND ${NEEDS_PERSON}) AND ($2::text IS NULL OR tenant = $2)
ORDER BY state_since DESC, tenant, archive_id
LIMIT $3`;

const LIST_SECURED = `
WHERE secured_at IS NOT NULL AND ($1::text IS NULL OR tenant = $1)
  AND ($2::text IS NULL OR (tenant, archive_id) > ($2, $3))
ORDER BY tenant, archive_id
LIMIT $4`;

const COUNT = `
SELECT CASE WHEN ${NEEDS_PERSON} THEN 'attention' ELSE state END AS state, count(*)::float8 AS entries
FROM archives
GROUP BY 1`;
