import type { Database } from '../../src/ledger/postgres';
import type { Ledger } from '../../src/ledger/ledger';
import type { Platform } from '../../src/platform/create-platform';
import type { ArchiveStore } from '../../src/store/archive-store';

/** The calls that claims, orders, readings of lists, sweeps and repairs make: each must have been a choice of some run. */
export const CHECKPOINTS: readonly string[] = [
  ...['fetchRecord', 'download', 'list', 'openAbandon', 'send', 'answer'].map((name) => `platform.${name}`),
  ...['findSealed', 'receive', 'resume', 'open', 'markOf', 'discard', 'seal'].map((name) => `store.${name}`),
  ...['append', 'finish', 'release'].map((name) => `copy.${name}`),
  ...[
    'find',
    'findRecord',
    'noteUnread',
    'beginClaim',
    'takeStep',
    'noteBadCopy',
    'secureCopy',
    'endClaim',
  ].map(ledger),
  ...['members', 'noteMemberFixity', 'intend', 'endFlight', 'noteTold'].map(ledger),
  ...['writeOrder', 'look', 'conclude', 'orderAbandon'].map(ledger),
  ...['beginList', 'noteListed', 'endList', 'latestList'].map(ledger),
  ...['flightsToSettle', 'undecided', 'queueAbandonable', 'dueForFixity', 'dueForConfirmation'].map(ledger),
  ...['recordRecheck', 'countOverdue', 'retireUnsubscribed'].map(ledger),
  ...['enqueueHints', 'lease'].map(ledger),
  ...['pause'].map((name) => `clock.${name}`),
  ...['effect', 'stranger', 'appears', 'moves', 'heals', 'day'].map((name) => `world.${name}`),
  ...['vanish', 'lock', 'unlock', 'die', 'timeout', 'restart'].map((name) => `world.${name}`),
  ...['member', 'joiner', 'later', 'told', 'reader'].map((kind) => `world.ambush.${kind}`),
];

function ledger(name: string): string {
  return `ledger.${name}`;
}

export interface Ports {
  readonly ledger: Ledger;
  readonly store: ArchiveStore;
  readonly platform: Platform;
}

/** What orders the calls. `observe` sees each call when it is issued, and each result. */
export interface Gate {
  wait(point: string): Promise<void>;
  statement<Result>(database: Database, work: () => Promise<Result>): Promise<Result>;
  observe(point: string, args: readonly unknown[]): void;
  observeResult(point: string, args: readonly unknown[], result: unknown): void;
}

type Method = (...args: unknown[]) => unknown;

/** The ports, but every call waits for its turn before it is issued. */
export function withCheckpoints(ports: Ports, database: Database, gate: Gate): Ports {
  const call = async (point: string, method: Method, args: unknown[]): Promise<unknown> => {
    await gate.wait(point);
    gate.observe(point, args);
    const issue = async () => await method(...args);
    const result = await (point.startsWith('ledger.') ? gate.statement(database, issue) : issue());
    gate.observeResult(point, args, result);
    return result;
  };
  const wrapped = <Port extends object>(port: Port, prefix: string, names: readonly string[]): Port => {
    const waiting = names.map((name): [string, Method] => {
      const method = (port as Record<string, unknown>)[name] as Method;
      return [name, (...args) => call(`${prefix}.${name}`, method, args)];
    });
    return { ...port, ...Object.fromEntries(waiting) };
  };
  const methodsOf = (port: object): string[] =>
    Object.entries(port).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  const { platform, store, ledger: all } = ports;
  return {
    ledger: wrapped(all, 'ledger', methodsOf(all)),
    store: wrapped(
      store,
      'store',
      methodsOf(store).filter((name) => name !== 'locationOf'),
    ),
    platform: {
      ...wrapped(platform, 'platform', ['fetchRecord', 'download', 'openAbandon']),
      async *list(signal) {
        await gate.wait('platform.list');
        gate.observe('platform.list', []);
        yield* platform.list(signal);
      },
    },
  };
}
