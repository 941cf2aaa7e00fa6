import { randomBytes } from 'node:crypto';
import {
  createSubscriptionActivities,
  type SubscriptionActivities,
} from '../../../src/activities/create-activities';
import type { SubscriptionDependencies } from '../../../src/activities/subscriptions/inventory';
import { sha256Of } from '../../../src/activities/subscriptions/inventory';
import { parseConfig } from '../../../src/config/load-config';
import { parseTenantId } from '../../../src/domain/ids';
import { createLedger, type Ledger } from '../../../src/ledger/ledger';
import { createPlatforms } from '../../../src/platform/create-platform';
import { startSimulator, type Simulator } from '../../../src/simulator';
import { ask } from '../../simulator/platform-access';
import { activityEnvironment } from '../../support/activity-environment';
import { openDatabase } from '../../support/postgres';

export const TENANT = parseTenantId('acme');
const PUBLIC_URL = 'http://127.0.0.1:9';
const SUBSCRIPTIONS = '/subscriptions/subscriptions';

/** The real activities of subscriptions, on the simulator and a ledger on PostgreSQL. Nobody listens at the callbacks. */
export interface SubscriptionSite extends SubscriptionDependencies {
  readonly simulator: Simulator;
  readonly ledger: Ledger;
  run<Name extends keyof SubscriptionActivities>(
    name: Name,
    ...args: Parameters<SubscriptionActivities[Name]>
  ): Promise<Awaited<ReturnType<SubscriptionActivities[Name]>>>;
  /** Subscribes at the platform, by hand. @returns the subscription's id */
  subscribe(url: string): Promise<string>;
  /** A generation whose registration took effect, and whose maker died before it knew. */
  unheard(): Promise<{ readonly generation: number; readonly subscriptionId: string }>;
  /** The ids of the platform's subscriptions. */
  listed(): Promise<readonly string[]>;
  /** Forgets everything, on both sides. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openSubscriptionSite(): Promise<SubscriptionSite> {
  const simulator = await startSimulator();
  const tenants = { [TENANT]: { baseUrl: simulator.url, apiKey: simulator.apiKey } };
  const config = parseConfig(JSON.stringify({ tenants }), '/srv/archivist.yaml', {});
  const database = await openDatabase();
  const ledger = createLedger(database);
  const platforms = createPlatforms(config.tenants);
  const callbacks = { publicUrl: PUBLIC_URL, tenants: config.tenants };
  const dependencies = { platformOf: platforms.platformOf, ledger, callbacks };
  const activities = createSubscriptionActivities(dependencies);

  async function subscribe(url: string): Promise<string> {
    const topic = 'communication.archives.archive.available';
    const { json } = await ask(simulator, 'POST', `${SUBSCRIPTIONS}/webhook`, { topic, url });
    return String(json()['subscriptionId']);
  }

  return {
    ...dependencies,
    simulator,
    async run(name, ...args) {
      const activity = activities[name] as unknown as (...all: typeof args) => Promise<never>;
      return await activityEnvironment().run(() => activity(...args));
    },
    subscribe,
    async unheard() {
      const secret = randomBytes(32).toString('base64url');
      const generation = await ledger.addGeneration(TENANT, sha256Of(secret));
      return { generation, subscriptionId: await subscribe(`${PUBLIC_URL}/callbacks/flexperto/${secret}`) };
    },
    async listed() {
      const { list } = await ask(simulator, 'GET', SUBSCRIPTIONS);
      return list().map(({ subscriptionId }) => String(subscriptionId));
    },
    async clear() {
      await simulator.reset();
      await database.query('DELETE FROM subscriptions');
    },
    async close() {
      await platforms.close();
      await simulator.close();
      await ledger.close();
    },
  };
}
