/** A record is a few KiB; more than this is no record. */
const LARGEST_ELEMENT = 8 * 1024 * 1024;
/** What a list is wrapped in is a few names and links. */
const LARGEST_ENVELOPE = 64 * 1024;

const [QUOTE = 0, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET = 0, CLOSE_BRACKET = 0] =
  Buffer.from('"\\{}[]');
const WHITE_SPACE: readonly number[] = [...Buffer.from(' \t\r\n')];

/**
 * Cuts a JSON text into the objects of its outermost arrays, while it arrives: `[{…}, {…}]` as well as `{"items": [{…}]}`.
 * Each is given as its bytes, to be parsed alone, so that memory does not grow with the length of the list. What is
 * within the objects is not looked at; what is around the arrays is kept.
 */
export class JsonElements {
  /** Braces that are open around the arrays. */
  #outside = 0;
  /** Brackets and braces that are open, from the outermost array on; 0 is outside of any. */
  #inside = 0;
  #inString = false;
  #escaped = false;
  #hadArray = false;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  readonly #envelope: number[] = [];

  /** Whether the text is whole: a list that was cut short is not. */
  get isComplete(): boolean {
    return this.#hadArray && this.#outside === 0 && this.#inside === 0 && !this.#inString;
  }

  /** The object that the arrays are in, as JSON, with the arrays empty; nothing where there is none. */
  get envelope(): string {
    return Buffer.from(this.#envelope).toString('utf8');
  }

  /** @throws RangeError where an element, or what is around the arrays, is too large */
  feed(chunk: Buffer): Buffer[] {
    const elements: Buffer[] = [];
    let begin = this.#inside >= 2 ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#readString(byte);
      else if (byte === QUOTE) this.#quote();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#open(byte);
        if (this.#inside === 2 && begin < 0) begin = at;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#close(byte);
        if (this.#inside === 1 && begin >= 0) {
          elements.push(this.#element(chunk.subarray(begin, at + 1)));
          begin = -1;
        }
      } else if (this.#inside === 0) this.#keepAround(byte);
    }
    if (begin >= 0) this.#keep(chunk.subarray(begin));
    return elements;
  }

  #quote(): void {
    this.#inString = true;
    if (this.#inside === 0) this.#keepAround(QUOTE);
  }

  #readString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    if (this.#inside === 0) this.#keepAround(byte);
  }

  #open(byte: number): void {
    if (this.#inside > 0) this.#inside += 1;
    else if (byte === OPEN_BRACE) {
      this.#outside += 1;
      this.#keepAround(byte);
    } else {
      this.#keepAround(byte);
      this.#inside = 1;
      this.#hadArray = true;
    }
  }

  #close(byte: number): void {
    if (this.#inside > 1) this.#inside -= 1;
    else if (this.#inside === 1) {
      this.#inside = 0;
      this.#keepAround(CLOSE_BRACKET);
    } else {
      this.#keepAround(byte);
      this.#outside -= 1;
    }
  }

  #keepAround(byte: number): void {
    if (this.#outside === 0 || (!this.#inString && WHITE_SPACE.includes(byte))) return;
    if (this.#envelope.push(byte) > LARGEST_ENVELOPE)
      throw new RangeError('What is around the list is too large.');
  }

  #element(tail: Buffer): Buffer {
    if (this.#pending.length === 0) return tail;
    this.#keep(tail);
    const element = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return element;
  }

  #keep(part: Buffer): void {
    this.#pending.push(part);
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > LARGEST_ELEMENT) throw new RangeError('An element of the list is too large.');
  }
}
