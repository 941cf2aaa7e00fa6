import * as fc from 'fast-check';
import { TOPIC } from '../gateway';
import { BYTES, CANARY, ID, type Outcome } from './parts';

/** A body as text, in which {@link ID}, {@link CANARY} and {@link BYTES} are replaced when it is sent. */
export interface Body {
  readonly text: string;
  readonly bytes: readonly number[];
  readonly outcome: Outcome;
}

const TOPICS = [TOPIC, 'communciation.archives.archive.available'];

/** Keys by which a prototype could be changed, and what JSON calls them besides. */
const POLLUTION = [
  `"__proto__":{"polluted":"${CANARY}"}`,
  `"__proto__":null`,
  `"\\u005f\\u005fproto__":{"polluted":1}`,
  `"constructor":{"prototype":{"polluted":"${CANARY}"}}`,
  `"\\u0063onstructor":{"prototype":1}`,
];

/** What looks like such a key and is none. */
const HARMLESS = [
  '"constructor":1',
  '"prototype":{}',
  '"toString":null',
  '"hasOwnProperty":"x"',
  '"__proto":{}',
];

const NUMBERS = ['1e999', '-1e999', '-0', '1e-999', '9'.repeat(400), '0.1', '9007199254740993', '1E+2'];

/** Ids with which one could leave a folder, a URL or a workflow id, and values that are no id. */
const BAD_IDS = [
  ...[
    '../../etc/passwd',
    '..',
    '.',
    '.hidden',
    'a/b',
    'a\\\\b',
    'a%2fb',
    'a:b',
    'a b',
    'a\\n',
    'a\\u0000',
    'é',
  ],
  ...[
    '',
    '-rf',
    'a'.repeat(129),
    '\\ud800',
    '/',
    'a?b',
    'a#b',
    '$(x)',
    '`x`',
    'ａ',
    'a\\u202eb',
    CANARY + '/',
  ],
].map((id) => `"${id}"`);
const NO_IDS = ['17.5', 'null', 'true', '[]', '{}', '["a"]', '{"$ne":1}', '1e999', '{"toString":"a"}'];

/** A notification with something in every place that is not looked at. */
function notification(id: string, more = '', meta = `"topic":"${TOPIC}"`): string {
  const subject = `"archive_subject":{"conference_id":"${CANARY}","meta":{"name":"${CANARY}"${more}}}`;
  return `{"data":{"archive_id":${id},${subject}},"meta":{"audience":"${CANARY}",${meta}}}`;
}

const good = notification(`"${ID}"`);

function body(outcome: Outcome, text: string, bytes: readonly number[] = []): Body {
  return { outcome, text, bytes };
}

const nested = fc
  .record({ depth: fc.integer({ min: 1, max: 200 }), open: fc.constantFrom(['[', ']'], ['{"a":', '}']) })
  .map(({ depth, open: [open = '', close = ''] }) => {
    const more = `,"deep":${open.repeat(depth)}1${close.repeat(depth)}`;
    return body(depth + 4 <= 64 ? 'accepted' : 'refused', notification(`"${ID}"`, more));
  });

/** Between quotes: whatever comes there, it is text, and no quote. */
const oddBytes = fc
  .array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 6 })
  .map((bytes) => body('accepted', notification(`"${ID}"`, `,"odd":"${BYTES}"`), bytes));

const oddText = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) =>
    body('accepted', notification(`"${ID}"`, `,${JSON.stringify(`x${text}`)}:${JSON.stringify(text)}`)),
  );

const twice = fc.constantFrom(
  body('accepted', good.replace('"archive_id"', `"archive_id":"../${CANARY}","archive_id"`)),
  body('accepted', good.replace('{"data"', `{"data":{"archive_id":"${CANARY}/"},"data"`)),
  body('refused', good.replace('"archive_subject"', '"archive_id":".","archive_subject"')),
  body('refused', `${good.slice(0, -1)},"data":{}}`),
  body('ignored', `${good.slice(0, -1)},"meta":{"topic":"${CANARY}"}}`),
);

const spoilt = fc
  .record({
    keep: fc.double({ min: 0.1, max: 0.99, noNaN: true }),
    end: fc.constantFrom('', '"', ']', BYTES, '\u0000'),
  })
  .map(({ keep, end }) => body('refused', good.slice(0, Math.floor(good.length * keep)) + end, [0xff]));

const jsonOfAnyKind = fc.json({ maxDepth: 4 }).map((text) => body('refused', text));

export const bodies: fc.Arbitrary<Body> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(body('accepted', good)) },
  fc
    .constantFrom(...TOPICS)
    .map((topic) => body('accepted', notification(`"${ID}"`, '', `"topic":"${topic}"`))),
  fc
    .constantFrom('17', 'null', '["x"]', '{}')
    .map((topic) => body('accepted', notification(`"${ID}"`, '', `"topic":${topic}`))),
  fc
    .constantFrom('x', '', CANARY, `${TOPIC}.more`)
    .map((topic) => body('ignored', notification(`"${ID}"`, '', `"topic":"${topic}"`))),
  fc.constantFrom(...HARMLESS).map((key) => body('accepted', notification(`"${ID}"`, `,${key}`))),
  fc
    .constantFrom(...NUMBERS)
    .map((number) => body('accepted', notification(`"${ID}"`, `,"number":${number}`))),
  fc.constantFrom(...POLLUTION).map((key) => body('refused', notification(`"${ID}"`, `,${key}`))),
  fc.constantFrom(...POLLUTION).map((key) => body('refused', good.replace('{', `{${key},`))),
  fc.constantFrom(...BAD_IDS, ...NO_IDS).map((id) => body('refused', notification(id))),
  fc.constantFrom(`\ufeff${good}`, ` \n\t${good}\r\n`).map((text) => body('accepted', text)),
  fc
    .constantFrom(
      '',
      'null',
      '[]',
      '7',
      '{}',
      `"${CANARY}"`,
      `<x>${CANARY}</x>`,
      `${good}${good}`,
      `${good},`,
    )
    .map((text) => body('refused', text)),
  nested,
  oddBytes,
  oddText,
  twice,
  spoilt,
  jsonOfAnyKind,
);
