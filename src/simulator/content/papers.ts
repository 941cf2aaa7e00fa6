import { choicesFrom, type Conference } from './conference';

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

const PDF_HEADER = '%PDF-1.4\n';

/** What an archive holds besides its recording, made as it is asked for. */
export function* papersOf(seed: string, conference: Conference): Iterable<Paper> {
  yield { name: 'chat/messages.json', bytes: json(chat(seed, conference)) };
  yield { name: 'whiteboard/strokes.json', bytes: json(whiteboard(seed)) };
  yield { name: 'contracts/agreement.pdf', bytes: pdf(agreement(conference)) };
  yield {
    name: 'documents/agenda.pdf',
    bytes: pdf([conference.title, '1. Welcome', '2. Questions', '3. Next steps']),
  };
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

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

/** A one-page PDF that says the given lines (ISO 32000-1, 7.5: header, body, cross-reference table, trailer). */
function pdf(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) ' `).join('');
  const drawing = `BT /F1 12 Tf 16 TL 72 760 Td ${text}ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ].map((body, index) => `${index + 1} 0 obj\n${body}\nendobj\n`);
  return Buffer.from(PDF_HEADER + objects.join('') + trailer(objects), 'latin1');
}

function trailer(objects: readonly string[]): string {
  const lines: string[] = [];
  let offset = PDF_HEADER.length;
  for (const object of objects) {
    lines.push(`${String(offset).padStart(10, '0')} 00000 n \n`);
    offset += object.length;
  }
  const entries = objects.length + 1;
  return `xref\n0 ${entries}\n0000000000 65535 f \n${lines.join('')}trailer\n<< /Size ${entries} /Root 1 0 R >>\nstartxref\n${offset}\n%%EOF\n`;
}
