import type Assembler from 'stream-json/core/assembler.js' with { 'resolution-mode': 'import' };
import type { Token, TokenSource } from 'stream-json/core/parser.js' with { 'resolution-mode': 'import' };

/** Characters. A record is a few KiB; more than this is no record. */
const LARGEST_ELEMENT = 8 * 1024 * 1024;
/** Characters. The envelope of a list is a few names and links. */
const LARGEST_ENVELOPE = 64 * 1024;

/** Says why an answer is refused as a list; the message completes the sentence "The answer for …". */
export class NotAList extends Error {}

/**
 * Reads the elements of a JSON list while it arrives; memory does not grow with the length of the list. The list must be the only
 * array of the text. It is the text itself, as in `[{…}, {…}]`, or it is inside one or more objects, the envelope, as in
 * `{"data": {"items": [{…}]}}`. Every element must be an object. Everything else is refused, and so is every text that
 * `JSON.parse` refuses: stream-json checks the grammar, `TextDecoder` the UTF-8.
 */
export class ListElements {
  /** Removes a byte order mark at the beginning of the text, and nowhere else. */
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #place: 'before' | 'within' | 'after' = 'before';
  /** Characters since the last element ended. */
  #pending = 0;
  #envelopeLength = 0;

  private constructor(
    private readonly tokenize: TokenSource,
    private readonly element: Assembler,
    private readonly envelope: Assembler,
  ) {}

  static async open(): Promise<ListElements> {
    // By import(), because they are ES modules.
    const { jsonParser } = await import('stream-json/core/parser.js');
    const { default: Assembler } = await import('stream-json/core/assembler.js');
    const tokenize = jsonParser({ packValues: true, streamValues: false });
    return new ListElements(tokenize, new Assembler(), new Assembler());
  }

  /** Yields the elements that end in this chunk. @throws NotAList, after it has yielded the elements before the mistake */
  *feed(chunk: Uint8Array): Generator<object> {
    for (const piece of piecesOf(this.#decode(chunk))) {
      this.#pending += piece.length;
      for (const token of this.#tokensOf(piece)) {
        if (!this.#take(token)) continue;
        yield this.element.current as object;
        this.#pending = 0;
      }
      if (this.#pending > LARGEST_ELEMENT) throw new NotAList('has an element that is too large');
    }
  }

  /** Ends the text. @returns the envelope, with an empty list @throws NotAList if the text is not complete */
  end(): unknown {
    this.#decode();
    if (this.envelope.depth > 0) throw new NotAList('is a list that was cut short');
    if (this.#place === 'before') throw new NotAList('is no list');
    return this.envelope.current;
  }

  #decode(chunk?: Uint8Array): string {
    try {
      return chunk === undefined ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true });
    } catch {
      throw new NotAList('is not in UTF-8');
    }
  }

  #tokensOf(piece: string): readonly Token[] {
    try {
      const tokens = this.tokenize(piece);
      return typeof tokens === 'symbol' ? [] : tokens.values;
    } catch {
      // The message of the parser may quote the text, which is personal data.
      throw new NotAList('is not JSON');
    }
  }

  /** @returns whether this token ends an element */
  #take(token: Token): boolean {
    if (this.#place !== 'within') {
      this.#takeAround(token);
    } else if (this.element.depth > 0 || token.name === 'startObject') {
      this.element.consume(token);
      return this.element.depth === 0;
    } else if (token.name === 'endArray') {
      this.#place = 'after';
      this.envelope.consume(token);
    } else throw new NotAList('has an element that is not an object');
    return false;
  }

  #takeAround(token: Token): void {
    if (token.name === 'startArray') {
      if (this.#place === 'after')
        throw new NotAList('has several arrays, and any of them could be the list');
      this.#place = 'within';
    }
    this.#envelopeLength += 'value' in token ? String(token.value).length : 1;
    if (this.#envelopeLength > LARGEST_ENVELOPE) throw new NotAList('has too much around the list');
    this.envelope.consume(token);
  }
}

/**
 * Cuts a text after each closing brace. The parser returns no tokens of a piece in which it finds a mistake; cut this way, the
 * elements before the mistake are not lost.
 */
function* piecesOf(text: string): Generator<string> {
  let from = 0;
  for (let to = text.indexOf('}') + 1; to > 0; to = text.indexOf('}', from) + 1) {
    yield text.slice(from, to);
    from = to;
  }
  if (from < text.length) yield text.slice(from);
}
