import type { ClaimProgress } from '../domain/claim';
import { CHOICES, FARTHEST_DEADLINE_MS, isChoice } from '../domain/orders';
import type { Deadline } from './deadline';
import { refuse, requireGiver } from './refuse';
import type { Work } from './work';

/** What an order was given as: people type it, and Temporal passes anything on. */
type Input = Readonly<Record<string, unknown>>;

/** Refuses an order that names nobody, or comes after the end. @returns what else it says */
export function validateOrder(input: unknown, work: Work): Input {
  const order = typeof input === 'object' && input !== null ? (input as Input) : {};
  requireGiver(order['by']);
  if (work.isEnding) refuse('It came too late: the claim has ended.');
  return order;
}

export function validateDecision(
  input: unknown,
  work: Work,
  { state, attention }: Pick<ClaimProgress, 'state' | 'attention'>,
): void {
  const { choice } = validateOrder(input, work);
  if (!isChoice(choice)) refuse(`Expected "choice": one of ${CHOICES.join(', ')}.`);
  if (choice === 'giveUp') return;
  if (attention === undefined) {
    refuse(`The claim is ${state} and does not need a person; it can only be given up (giveUp).`);
  }
  if (choice === 'acceptWithoutChecksum' && attention !== 'ChecksumMissing') {
    refuse(`The claim needs a person because of ${attention}, not because a checksum is missing.`);
  }
}

export function validateExtension(input: unknown, work: Work, deadline: Deadline): void {
  const { ms } = validateOrder(input, work);
  if (typeof ms !== 'number' || !Number.isSafeInteger(ms) || ms < 1) {
    return refuse('Expected "ms": whole milliseconds, 1 or more.');
  }
  if (deadline.after(ms) > Date.now() + FARTHEST_DEADLINE_MS) {
    refuse('The deadline can be at most 10 years from now.');
  }
}
