import * as fc from 'fast-check';
import { ListElements, NotAList } from '../../src/platform/list-elements';

interface Read {
  readonly elements: readonly unknown[];
  readonly envelope?: unknown;
}

/** Reads a text in pieces. */
async function read(bytes: Buffer, cuts: readonly number[]): Promise<Read> {
  const list = await ListElements.open();
  const elements: unknown[] = [];
  try {
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    ends.forEach((end, index) => {
      for (const element of list.feed(bytes.subarray(ends[index - 1] ?? 0, end))) elements.push(element);
    });
    return { elements, envelope: list.end() };
  } catch (error) {
    if (error instanceof NotAList) return { elements };
    throw error;
  }
}

/** What `JSON.parse` makes of the text: the list, and what is around it; nothing where it is not a list. */
function parse(text: string): Required<Read> | undefined {
  const lists: unknown[][] = [];
  const withoutList = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      lists.push(value);
      return [];
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutList(inner)]));
  };
  try {
    const envelope = withoutList(JSON.parse(text));
    const [elements] = lists;
    const isList = lists.length === 1 && elements?.every(isObject);
    return isList ? { elements, envelope } : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const name = fc.constantFrom('id', 'status', 'expert', '', '__proto__', 'ä"\\');
const { element } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.integer(),
    fc.constantFrom(null, true, false),
    tie('element'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  element: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}));
const scalars = fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxKeys: 3 });
const list = fc
  .tuple(fc.array(element, { maxLength: 5 }), fc.array(scalars, { maxLength: 3 }))
  .map(([elements, around]) =>
    around.reduce<unknown>((inner, others) => ({ ...others, list: inner, after: 1 }), elements),
  );
const text = fc
  .tuple(list, fc.constantFrom(0, 2))
  .map(([value, space]) => JSON.stringify(value, null, space));
const cuts = fc.array(fc.nat(), { maxLength: 8 });

test('the list parser returns what JSON.parse returns, however the text is split', async () => {
  await fc.assert(
    fc.asyncProperty(text, cuts, async (json, at) => {
      const expected = parse(json);
      expect(expected).toBeDefined();
      expect(await read(Buffer.from(json), at)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

const CHARACTERS = '{}[]:,"\\/ \n\t\v\u00a0\ufeff0179.eE+-tfnu\u0000\u001f\u2028ä'.split('');
/** Something that is put into the text, and how many of its characters go. */
const change = fc.tuple(fc.nat(), fc.constantFrom(...CHARACTERS, '', '😀'), fc.nat(2));

test('the list parser rejects a changed text or returns what JSON.parse returns', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(change, { minLength: 1, maxLength: 2 }),
      cuts,
      async (json, changes, at) => {
        const changed = changes.reduce((before, [where, what, gone]) => {
          const position = where % (before.length + 1);
          return before.slice(0, position) + what + before.slice(position + gone);
        }, json);
        // Half of a surrogate pair is no UTF-8, and a byte order mark at the beginning is tolerated.
        fc.pre(Buffer.from(changed).toString() === changed && !changed.startsWith('\ufeff'));
        const expected = parse(changed);
        const { elements, envelope } = await read(Buffer.from(changed), at);
        if (expected === undefined) refused += 1;
        expect(envelope).toEqual(expected?.envelope);
        if (expected !== undefined) expect(elements).toEqual(expected.elements);
      },
    ),
    { numRuns: 3_000 },
  );
  expect(refused).toBeGreaterThan(1_000);
});

test('the list parser returns only the beginning of a truncated text, and never reports it as whole', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.nat(), cuts, async (json, end, at) => {
      const bytes = Buffer.from(json);
      const whole = parse(json)!.elements;
      const { elements, envelope } = await read(bytes.subarray(0, end % bytes.length), at);
      expect(envelope).toBeUndefined();
      expect(elements).toEqual(whole.slice(0, elements.length));
    }),
    { numRuns: 500 },
  );
});
