import { nameFailures } from '../../src/activities/name-failures';
import type { SubscriptionActivities } from '../../src/activities/subscriptions/create-subscription-activities';

/** What the activities of subscriptions do in place of the usual. */
export type SubscriptionScript = { readonly [Name in keyof SubscriptionActivities]?: () => Promise<unknown> };

const OURS = { generation: 2, subscriptionId: 's2' };

const USUAL: Required<SubscriptionScript> = {
  newestGeneration: () => Promise.resolve(1),
  registerCallback: () => Promise.resolve({ ...OURS, alreadyThere: false }),
  confirmCallback: () => Promise.resolve('yes'),
  deleteSuperseded: () => Promise.resolve([1]),
  retireSecrets: () => Promise.resolve([]),
  listSubscriptions: () => Promise.resolve({ isListed: true, subscriptions: [] }),
  readReports: () => Promise.resolve([]),
  deleteSubscriptions: () => Promise.resolve({ subscriptionIds: ['s1'], generations: [1] }),
  lookAtDeliveries: () => Promise.resolve({ subscriptions: 1, attempts: 50, failed: 0, lost: 0 }),
};

/** Scripted activities of subscriptions, and the calls that were made, in order. */
export class SubscriptionScripts {
  #script: SubscriptionScript = {};
  readonly calls: string[] = [];

  /** From now on the activities do this. */
  play(script: SubscriptionScript): void {
    this.#script = script;
    this.calls.length = 0;
  }

  activities(): Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>> {
    const names = Object.keys(USUAL) as (keyof SubscriptionActivities)[];
    return Object.fromEntries(
      names.map((name) => [
        name,
        nameFailures((...args: unknown[]) => {
          this.calls.push([name, ...args.slice(1).map((arg) => JSON.stringify(arg))].join(' '));
          return (this.#script[name] ?? USUAL[name])();
        }),
      ]),
    );
  }
}
