/**
 * What people tell a claim. Each order is an update of its workflow, names who gives it, and is kept in Temporal and in the
 * ledger.
 */
export const ORDERS = {
  decide: 'decide',
  extendDeadline: 'extendDeadline',
  hold: 'hold',
  release: 'release',
} as const;

/** What can be decided about a claim that needs a person; `giveUp` about any that has not abandoned. */
export const CHOICES = ['retry', 'acceptWithoutChecksum', 'giveUp'] as const;
export type Choice = (typeof CHOICES)[number];

/** The type of the failure with which an order is refused. */
export const ORDER_REFUSED = 'OrderRefused';

/** Ten years, in milliseconds: how far ahead a deadline may be. */
export const FARTHEST_DEADLINE_MS = 3_653 * 24 * 60 * 60_000;

export interface Order {
  /** The account of the person who gives it. */
  readonly by: string;
}

export interface Decision extends Order {
  readonly choice: Choice;
}

export interface Extension extends Order {
  /** Milliseconds to add to the deadline. */
  readonly ms: number;
}

/** A decision or an extension as the ledger keeps it. */
export type RecordedDecision = Order & {
  /** Names the message: however often it is recorded, it is one event. */
  readonly id: string;
} & ({ readonly choice: Choice } | { readonly deadline: string });

/** That an archive is not to be abandoned until it is released. */
export interface Hold extends Order {
  /** ISO 8601. */
  readonly since: string;
}

const ACCOUNT_NAME = /^[A-Za-z0-9@._+-]{1,64}$/;

export const EXPECTED_ACCOUNT_NAME = 'an account name of 1 to 64 letters, digits or @._+-';

export function isAccountName(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT_NAME.test(value);
}

export function isChoice(value: unknown): value is Choice {
  return (CHOICES as readonly unknown[]).includes(value);
}
