import { choicesFrom } from './choices';
import type { Conference } from './conference';
import { pdf } from './pdf';

/** A small file of an archive, whole in memory. */
export interface Paper {
  readonly name: string;
  readonly bytes: Buffer;
}

const LINES = [
  'Good morning, can you hear me?',
  'Yes, and I can see your screen.',
  'I have uploaded the document.',
  'Please have a look at page two.',
  'Thank you, I have signed it.',
] as const;

/** What an archive holds besides its recording, made as it is asked for. */
export function* papersOf(seed: string, conference: Conference): Iterable<Paper> {
  yield { name: 'chat/messages.json', bytes: json(chat(seed, conference)) };
  yield { name: 'whiteboard/strokes.json', bytes: json(whiteboard(seed)) };
  yield { name: 'contracts/agreement.pdf', bytes: pdf(agreement(conference)) };
  yield { name: 'documents/agenda.pdf', bytes: pdf(agenda(conference)) };
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

function agenda({ title }: Conference): readonly string[] {
  return [title, '1. Welcome', '2. Questions', '3. Next steps'];
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}
