import { parseTenantId } from '../../domain/ids';
import type { Columns, Database } from '../database';
import { present, readDate, readRow } from '../entry';
import type { CallbackSecret, Generation, Subscriptions } from '../ports/subscriptions';
import { runStatement } from '../run-statement';

const ADD_GENERATION = 'INSERT INTO subscriptions (tenant, sha256) VALUES ($1, $2) RETURNING generation';

const LIST_GENERATIONS = `
SELECT to_jsonb(s) AS subscription FROM subscriptions AS s WHERE tenant = $1 ORDER BY s.generation`;

/** Also secrets whose subscriptions are deleted: what was in flight is still delivered. */
const LIST_CALLBACK_SECRETS = `
SELECT tenant, generation, sha256 FROM subscriptions WHERE retired_at IS NULL ORDER BY generation DESC`;

/** The second time, with the same answer of the platform, it changes nothing and is answered as the first. */
const NOTE_SUBSCRIPTION = `
UPDATE subscriptions
SET subscription_id = $3, registered_at = coalesce(registered_at, clock_timestamp())
WHERE tenant = $1 AND generation = $2 AND retired_at IS NULL AND (subscription_id IS NULL OR subscription_id = $3)
RETURNING generation`;

/**
 * Only older ones, and only while the newer one lives: whoever runs this, in whatever order, the newest that is registered is
 * never superseded. So one working subscription is always left.
 */
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

/** Only what the platform has deleted. */
const RETIRE = `
UPDATE subscriptions
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND generation = ANY ($2::integer[]) AND unsubscribed_at IS NOT NULL AND retired_at IS NULL`;

/** Only what the platform deleted so long ago that nothing is in flight. */
const RETIRE_UNSUBSCRIBED = `
UPDATE subscriptions
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND retired_at IS NULL AND unsubscribed_at <= clock_timestamp() - $2::float8 * interval '1 millisecond'
RETURNING generation`;

/** Those whose makers died before the platform's answer was known. A newer one is registered, so that nobody waits for them. */
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

export function subscriptions(database: Database): Subscriptions {
  const run = (name: string, text: string, parameters: readonly unknown[] = []) =>
    runStatement(database, name, text, parameters);
  return {
    async addGeneration(tenant, sha256) {
      const [row] = await run('add generation', ADD_GENERATION, [tenant, sha256]);
      return Number(row?.['generation']);
    },
    async listGenerations(tenant) {
      return (await run('list generations', LIST_GENERATIONS, [tenant])).map(readGeneration);
    },
    async listCallbackSecrets() {
      return (await run('list callback secrets', LIST_CALLBACK_SECRETS)).map(readSecret);
    },
    async noteSubscription(tenant, generation, subscriptionId) {
      const parameters = [tenant, generation, subscriptionId];
      return (await run('note subscription', NOTE_SUBSCRIPTION, parameters)).length > 0;
    },
    async supersede(tenant, keep) {
      await run('supersede', SUPERSEDE, [tenant, keep]);
    },
    async noteUnsubscribed(tenant, generation) {
      await run('note unsubscribed', NOTE_UNSUBSCRIBED, [tenant, generation]);
    },
    async retire(tenant, generations) {
      await run('retire', RETIRE, [tenant, generations]);
    },
    async retireUnsubscribed(tenant, ms) {
      const rows = await run('retire unsubscribed', RETIRE_UNSUBSCRIBED, [tenant, ms]);
      return rows.map((row) => Number(row['generation'])).sort((a, b) => a - b);
    },
    async retireForgotten(tenant, ms) {
      await run('retire forgotten', RETIRE_FORGOTTEN, [tenant, ms]);
    },
  };
}

function readGeneration({ subscription }: Columns): Generation {
  const row = readRow(subscription);
  return {
    ...readSecret(row),
    createdAt: readDate(row['created_at']),
    ...present('subscriptionId', row['subscription_id'], String),
    ...present('registeredAt', row['registered_at'], readDate),
    ...present('supersededAt', row['superseded_at'], readDate),
    ...present('unsubscribedAt', row['unsubscribed_at'], readDate),
    ...present('retiredAt', row['retired_at'], readDate),
  };
}

function readSecret(row: Columns): CallbackSecret {
  return {
    tenant: parseTenantId(row['tenant']),
    generation: Number(row['generation']),
    sha256: String(row['sha256']),
  };
}
