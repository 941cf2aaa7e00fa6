import { parseTenantId, type TenantId } from '../../domain/ids';
import { optional, readDate, readRow } from '../columns';
import type { Columns } from '../postgres';
import type { Run } from '../run-statement';

/**
 * The callback secrets that Archivist made, as hashes, and the subscription of each on the platform.
 *
 * A generation is pending, from before the platform is told of it; registered, once the platform's answer is known; superseded,
 * when a newer one replaces it; unsubscribed, when the platform has deleted it; and retired, when deliveries in flight
 * must have arrived. Only then the gateway refuses its secret. A pending one may be retired, too: nobody knows its secret.
 */
export function subscriptions(run: Run) {
  return {
    /** Adds a pending generation for a secret. From then on the gateway accepts the secret. @returns its number */
    async addGeneration(tenant: TenantId, sha256: string): Promise<number> {
      const [row = {}] = await run('add generation', ADD_GENERATION, [tenant, sha256]);
      return Number(row['generation']);
    },

    /** All generations that there ever were, the oldest first. */
    async listGenerations(tenant: TenantId): Promise<Generation[]> {
      return (await run('list generations', LIST_GENERATIONS, [tenant])).map(readGeneration);
    },

    /**
     * The hashes of all tenants' secrets that are not retired: also those whose subscriptions are deleted, because deliveries in
     * flight still arrive.
     */
    async listCallbackSecrets() {
      return (await run('list callback secrets', LIST_CALLBACK_SECRETS)).map(readSecret);
    },

    /**
     * Moves a pending generation to `registered`. A second call with the same answer of the platform changes nothing.
     * @returns whether the subscription is this generation's now
     */
    async noteSubscription(tenant: TenantId, generation: number, subscriptionId: string): Promise<boolean> {
      const parameters = [tenant, generation, subscriptionId];
      return (await run('note subscription', NOTE_SUBSCRIPTION, parameters)).length > 0;
    },

    /**
     * Moves each older registered generation to `superseded`, but none unless `keep` itself is registered, and not superseded or
     * unsubscribed. In whatever order concurrent calls run, they never supersede the newest registered one. So one working
     * subscription is always left.
     */
    async supersede(tenant: TenantId, keep: number): Promise<void> {
      await run('supersede', SUPERSEDE, [tenant, keep]);
    },

    /** Moves a registered generation to `unsubscribed`: the platform deleted its subscription. */
    async noteUnsubscribed(tenant: TenantId, generation: number): Promise<void> {
      await run('note unsubscribed', NOTE_UNSUBSCRIBED, [tenant, generation]);
    },

    /** Moves those of these generations that are unsubscribed to `retired`. */
    async retire(tenant: TenantId, generations: readonly number[]): Promise<void> {
      await run('retire', RETIRE, [tenant, generations]);
    },

    /** Retires generations that have been unsubscribed for `ms`: deliveries in flight have arrived. @returns their numbers */
    async retireUnsubscribed(tenant: TenantId, ms: number): Promise<number[]> {
      const rows = await run('retire unsubscribed', RETIRE_UNSUBSCRIBED, [tenant, ms]);
      return rows.map((row) => Number(row['generation'])).sort((a, b) => a - b);
    },

    /**
     * Retires generations pending for `ms` while a newer one is registered: the process that added each died before
     * it knew the platform's answer.
     */
    async retireForgotten(tenant: TenantId, ms: number): Promise<void> {
      await run('retire forgotten', RETIRE_FORGOTTEN, [tenant, ms]);
    },
  };
}

const ADD_GENERATION = 'INSERT INTO subscriptions (tenant, sha256) VALUES ($1, $2) RETURNING generation';

const LIST_GENERATIONS = `
SELECT to_jsonb(s) AS subscription FROM subscriptions AS s WHERE tenant = $1 ORDER BY s.generation`;

const LIST_CALLBACK_SECRETS = `
SELECT tenant, generation, sha256 FROM subscriptions WHERE retired_at IS NULL ORDER BY generation DESC`;

const NOTE_SUBSCRIPTION = `
UPDATE subscriptions
SET subscription_id = $3, registered_at = coalesce(registered_at, clock_timestamp())
WHERE tenant = $1 AND generation = $2 AND retired_at IS NULL AND (subscription_id IS NULL OR subscription_id = $3)
RETURNING generation`;

const SUPERSEDE = `
UPDATE subscriptions
SET superseded_at = clock_timestamp()
WHERE tenant = $1 AND generation < $2 AND registered_at IS NOT NULL AND superseded_at IS NULL
  AND EXISTS (
    SELECT FROM subscriptions AS newer
    WHERE newer.tenant = $1 AND newer.generation = $2
      AND newer.registered_at IS NOT NULL AND newer.superseded_at IS NULL
  )`;

const NOTE_UNSUBSCRIBED = `
UPDATE subscriptions
SET superseded_at = coalesce(superseded_at, clock_timestamp()), unsubscribed_at = clock_timestamp()
WHERE tenant = $1 AND generation = $2 AND registered_at IS NOT NULL AND unsubscribed_at IS NULL`;

const RETIRE = `
UPDATE subscriptions
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND generation = ANY ($2::integer[]) AND unsubscribed_at IS NOT NULL AND retired_at IS NULL`;

const RETIRE_UNSUBSCRIBED = `
UPDATE subscriptions
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND retired_at IS NULL AND unsubscribed_at <= clock_timestamp() - $2::float8 * interval '1 millisecond'
RETURNING generation`;

const RETIRE_FORGOTTEN = `
UPDATE subscriptions AS forgotten
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND registered_at IS NULL AND retired_at IS NULL
  AND created_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
  AND EXISTS (
    SELECT FROM subscriptions AS newer
    WHERE newer.tenant = $1 AND newer.generation > forgotten.generation
      AND newer.registered_at IS NOT NULL AND newer.superseded_at IS NULL
  )`;

/** A secret and its subscription. */
export type Generation = Readonly<ReturnType<typeof readGeneration>>;

function readGeneration({ subscription }: Columns) {
  const row = readRow(subscription);
  const dateIfAny = (name: string) => optional(row[name], readDate);
  return {
    ...readSecret(row),
    subscriptionId: optional(row['subscription_id'], String),
    createdAt: readDate(row['created_at']),
    registeredAt: dateIfAny('registered_at'),
    supersededAt: dateIfAny('superseded_at'),
    unsubscribedAt: dateIfAny('unsubscribed_at'),
    retiredAt: dateIfAny('retired_at'),
  };
}

function readSecret(row: Columns) {
  return {
    tenant: parseTenantId(row['tenant']),
    generation: Number(row['generation']),
    /** SHA-256 of the secret, lower-case hex. */
    sha256: String(row['sha256']),
  };
}
