import { keystream } from './bytes';

interface Person {
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

/** A small file of an archive, whole in memory. */
export interface Paper {
  readonly name: string;
  readonly bytes: Buffer;
}

const GIVEN = ['Anna', 'Bela', 'Chiara', 'Deniz', 'Emil', 'Frieda', 'Goran', 'Hanna', 'Ivo', 'Jule'] as const;
const FAMILY = ['Albrecht', 'Brandt', 'Conrad', 'Demir', 'Ernst', 'Falk', 'Graf', 'Holm', 'Ilic'] as const;
const TITLES = ['Account opening', 'Loan consultation', 'Pension review', 'Claims inspection'] as const;

const FIRST_START = Date.UTC(2025, 0, 6, 8);
const MINUTE = 60_000;
const LINES = [
  'Good morning, can you hear me?',
  'Yes, and I can see your screen.',
  'I have uploaded the document.',
  'Please have a look at page two.',
  'Thank you, I have signed it.',
] as const;

/** The conference of an archive: the same seed gives the same people at the same time. */
export function conferenceOf(seed: string): Conference {
  const choices = choicesFrom(`conference:${seed}`);
  const start = FIRST_START + choices.below(300) * 24 * 60 * MINUTE + choices.below(40) * 15 * MINUTE;
  return {
    title: choices.of(TITLES),
    start: new Date(start),
    end: new Date(start + (10 + choices.below(80)) * MINUTE),
    expert: person(choices, 'bank.example'),
    participants: Array.from({ length: 1 + choices.below(3) }, () => person(choices, 'mail.example')),
  };
}

function person(choices: ReturnType<typeof choicesFrom>, domain: string): Person {
  const given = choices.of(GIVEN);
  const family = choices.of(FAMILY);
  const email = `${given}.${family}${choices.below(1000)}@${domain}`.toLowerCase();
  return { name: `${given} ${family}`, email };
}

/** What an archive holds besides its recording, made as it is asked for. */
export function* papersOf(seed: string, conference: Conference): Iterable<Paper> {
  yield { name: 'chat/messages.json', bytes: json(chat(seed, conference)) };
  yield { name: 'whiteboard/strokes.json', bytes: json(whiteboard(seed)) };
  yield { name: 'contracts/agreement.txt', bytes: text(agreement(conference)) };
  yield { name: 'documents/agenda.txt', bytes: text([conference.title, '1. Questions', '2. Next steps']) };
}

function chat(seed: string, { start, expert, participants }: Conference): unknown {
  const choices = choicesFrom(`chat:${seed}`);
  const names = [expert.name, ...participants.map(({ name }) => name)] as [string, ...string[]];
  return Array.from({ length: 4 + choices.below(8) }, (_, index) => ({
    at: new Date(start.getTime() + (index * 60 + choices.below(60)) * 1000),
    from: choices.of(names),
    text: choices.of(LINES),
  }));
}

function whiteboard(seed: string): unknown {
  const choices = choicesFrom(`whiteboard:${seed}`);
  const point = () => [choices.below(1920), choices.below(1080)];
  return Array.from({ length: 3 + choices.below(5) }, () => ({
    colour: choices.of(['#000000', '#c00000', '#0000c0']),
    points: Array.from({ length: 8 }, point),
  }));
}

function agreement({ title, start, expert, participants }: Conference): readonly string[] {
  const signatories = [expert, ...participants].map(({ name, email }) => `Signed by ${name}, ${email}`);
  return [`Agreement: ${title}`, `Concluded on ${start.toISOString().slice(0, 10)}`, ...signatories];
}

function text(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`);
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

/** Choices that look random and are always the same for the same seed. */
function choicesFrom(seed: string) {
  // More choices than anything here makes.
  const pool = keystream(seed, 1024).read(0, 1024);
  let position = 0;
  /** A whole number from 0 to below `limit`. */
  const below = (limit: number): number => {
    const number = pool.readUInt32LE(position);
    position += 4;
    return number % limit;
  };
  const of = <Item>(items: readonly [Item, ...Item[]]): Item => items[below(items.length)] ?? items[0];
  return { below, of };
}
