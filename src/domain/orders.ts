import type { ClaimState } from './states';

/** The decisions about a claim. `acceptUnreadable`: a copy with the right checksum that does not open as a zip. */
export const CHOICES = ['retry', 'acceptWithoutChecksum', 'acceptUnreadable', 'giveUp'] as const;
export type Choice = (typeof CHOICES)[number];

/** The type of the failure with which an order is refused. */
export const ORDER_REFUSED = 'OrderRefused';

/** A second and 60 days, in milliseconds: how far ahead a deadline may be. */
export const SHORTEST_DEADLINE_MS = 1_000;
export const FARTHEST_DEADLINE_MS = 60 * 24 * 60 * 60_000;

export interface Order {
  /** The account of the person who gives it. */
  readonly by: string;
  /** Why, in a few words, for the ledger. */
  readonly reason?: string;
  /** The same in every attempt to write this order, so that it is written once: later orders stand. */
  readonly id?: string;
}

export interface Decision extends Order {
  readonly choice: Choice;
}

export interface Extension extends Order {
  /** Milliseconds to add to the deadline. */
  readonly ms: number;
}

/**
 * An order as the ledger stores it. Each is a fact of the ledger that claims, commands and the sweep obey; the updates of the
 * workflow write the same facts by the same code.
 */
export type GivenOrder =
  | ({ readonly kind: Choice | 'hold' | 'release' | 'cancel' | 'claim' } & Order)
  | ({ readonly kind: 'extend'; readonly ms: number } & Order)
  /** `deadlineAt`: the deadline that has passed, in milliseconds since 1970; the order does not fit if somebody moved that since. */
  | ({ readonly kind: 'deadline'; readonly deadlineAt?: number } & Order);

/**
 * The answer to an order.
 *
 * - `confirmed`: it stands, and it is decided that nothing contradicts it
 * - `undecided`: it stands, but a request that was sent before may still take effect; ask again with `archivist status`
 * - `tooLate`: the platform was told that it may delete its file
 * - `unknown`: the platform does not know the archive
 * - `notRecorded`: the archive is not known here, and the platform did not answer: nothing was written, try again
 * - `refused`: the order does not fit the archive's state; `why` says more
 */
export interface OrderAnswer {
  readonly answer: 'confirmed' | 'undecided' | 'tooLate' | 'unknown' | 'notRecorded' | 'refused';
  readonly state?: ClaimState;
  readonly why?: string;
  /** The claim's deadline in milliseconds since 1970, after an extension, or if it has not passed. */
  readonly deadlineAt?: number;
}

const ACCOUNT_NAME = /^[A-Za-z0-9@._+-]{1,64}$/;

export const EXPECTED_ACCOUNT_NAME = 'an account name of 1 to 64 letters, digits or @._+-';

export function isAccountName(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT_NAME.test(value);
}

export function isChoice(value: unknown): value is Choice {
  return (CHOICES as readonly unknown[]).includes(value);
}

/** A reason as the ledger keeps it: one line of at most 200 characters. */
export function isReason(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{Cc}]{1,200}$/u.test(value);
}
