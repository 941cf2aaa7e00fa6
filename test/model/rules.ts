import { FLIGHT_RULES } from './flight-rules';
import { JUDGEMENT_RULES } from './judgement-rules';

/** The rules of the protocol, and what implements each of them. */
export const RULES = { ...JUDGEMENT_RULES, ...FLIGHT_RULES };

export type Rules = { -readonly [Name in keyof typeof RULES]: (typeof RULES)[Name]['value'] };

/** The protocol. */
export const PROTOCOL = Object.fromEntries(
  Object.entries(RULES).map(([name, { value }]) => [name, value]),
) as unknown as Rules;
