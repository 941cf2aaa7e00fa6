import { keystream } from './bytes';

/** A small file of an archive, whole in memory. */
export interface Paper {
  readonly name: string;
  readonly bytes: Buffer;
}

const GIVEN = ['Anna', 'Bela', 'Chiara', 'Deniz', 'Emil', 'Frieda', 'Goran', 'Hanna', 'Ivo', 'Jule'] as const;
const FAMILY = ['Albrecht', 'Brandt', 'Conrad', 'Demir', 'Ernst', 'Falk', 'Graf', 'Holm', 'Ilic'] as const;
const TITLES = ['Account opening', 'Loan consultation', 'Pension review', 'Claims inspection'] as const;
const LINES = [
  'Good morning, can you hear me?',
  'Yes, and I can see your screen.',
  'I have uploaded the document.',
  'Please have a look at page two.',
  'Thank you, I have signed it.',
] as const;

const FIRST_START = Date.UTC(2025, 0, 6, 8);
const MINUTE = 60_000;

/** A conference that never took place, between people who do not exist. */
export type Conference = Readonly<ReturnType<typeof conferenceOf>>;

/** The conference of an archive: the same seed gives the same people at the same time. */
export function conferenceOf(seed: string) {
  const { below, of } = choicesFrom(`conference:${seed}`);
  const start = FIRST_START + below(300) * 24 * 60 * MINUTE + below(40) * 15 * MINUTE;
  const person = (domain: string) => {
    const [given, family] = [of(GIVEN), of(FAMILY)];
    const email = `${given}.${family}${below(1000)}@${domain}`.toLowerCase();
    return { name: `${given} ${family}`, email };
  };
  return {
    title: of(TITLES),
    start: new Date(start),
    end: new Date(start + (10 + below(80)) * MINUTE),
    expert: person('bank.example'),
    participants: Array.from({ length: 1 + below(3) }, () => person('mail.example')),
  };
}

/** What an archive holds besides its recording. */
export function papersOf(seed: string, { title, start, expert, participants }: Conference): readonly Paper[] {
  const { below, of } = choicesFrom(`papers:${seed}`);
  const chat = Array.from({ length: 4 + below(8) }, (_, index) => ({
    at: new Date(start.getTime() + index * MINUTE),
    from: of([expert, ...participants]).name,
    text: of(LINES),
  }));
  const whiteboard = Array.from({ length: 3 + below(5) }, () => ({
    colour: of(['#000000', '#c00000', '#0000c0']),
    points: Array.from({ length: 8 }, () => [below(1920), below(1080)]),
  }));
  const signatures = [expert, ...participants].map(({ name, email }) => `Signed by ${name}, ${email}`);
  const date = start.toISOString().slice(0, 10);
  return [
    paper('chat/messages.json', JSON.stringify(chat, null, 1)),
    paper('whiteboard/strokes.json', JSON.stringify(whiteboard, null, 1)),
    paper('contracts/agreement.txt', `Agreement: ${title}`, `Concluded on ${date}`, ...signatures),
    paper('documents/agenda.txt', title, '1. Questions', '2. Next steps'),
  ];
}

function paper(name: string, ...lines: readonly string[]): Paper {
  return { name, bytes: Buffer.from(`${lines.join('\n')}\n`) };
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
