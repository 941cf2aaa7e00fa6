import { keystream } from './bytes';

/** Choices that look random and are always the same for the same seed. */
export interface Choices {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  of<Item>(items: readonly [Item, ...Item[]]): Item;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A conference that never took place, between people who do not exist. */
export interface Conference {
  readonly title: string;
  readonly start: Date;
  readonly end: Date;
  readonly expert: Person;
  readonly participants: readonly Person[];
}

const GIVEN = ['Anna', 'Bela', 'Chiara', 'Deniz', 'Emil', 'Frieda', 'Goran', 'Hanna', 'Ivo', 'Jule'] as const;
const FAMILY = ['Albrecht', 'Brandt', 'Conrad', 'Demir', 'Ernst', 'Falk', 'Graf', 'Holm', 'Ilic'] as const;
const TITLES = ['Account opening', 'Loan consultation', 'Pension review', 'Claims inspection'] as const;

const FIRST_START = Date.UTC(2025, 0, 6, 8);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** More choices than anything here makes. */
const CHOICES = 256;

/** The conference of an archive: the same seed gives the same people at the same time. */
export function conferenceOf(seed: string): Conference {
  const choices = choicesFrom(`conference:${seed}`);
  const start = FIRST_START + choices.below(300) * DAY + choices.below(40) * 15 * MINUTE;
  return {
    title: choices.of(TITLES),
    start: new Date(start),
    end: new Date(start + (10 + choices.below(80)) * MINUTE),
    expert: person(choices, 'bank.example'),
    participants: Array.from({ length: 1 + choices.below(3) }, () => person(choices, 'mail.example')),
  };
}

function person(choices: Choices, domain: string): Person {
  const given = choices.of(GIVEN);
  const family = choices.of(FAMILY);
  const email = `${given}.${family}${choices.below(1000)}@${domain}`.toLowerCase();
  return { name: `${given} ${family}`, email };
}

export function choicesFrom(seed: string): Choices {
  const pool = keystream(seed, CHOICES * 4).read(0, CHOICES * 4);
  let position = 0;
  const below = (limit: number): number => {
    const number = pool.readUInt32LE(position);
    position += 4;
    return number % limit;
  };
  return { below, of: (items) => items[below(items.length)] ?? items[0] };
}
