/** A record is a few KiB; more than this is no record. */
const LARGEST_ELEMENT = 8 * 1024 * 1024;

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = Buffer.from('"\\{}[]');

/**
 * Cuts a JSON text into the objects of its outermost arrays, while it arrives: `[{…}, {…}]` as well as `{"items": [{…}]}`.
 * Each is given as its bytes, to be parsed alone, so that memory does not grow with the length of the list. What is
 * within the objects is not looked at.
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

  /** Whether the text is whole: a list that was cut short is not. */
  get isComplete(): boolean {
    return this.#hadArray && this.#outside === 0 && this.#inside === 0 && !this.#inString;
  }

  /** @throws RangeError where an element is too large to be a record */
  *feed(chunk: Buffer): Generator<Buffer> {
    let begin = this.#inside >= 2 ? 0 : -1;
    for (const [at, byte] of chunk.entries()) {
      if (this.#inString) this.#readString(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#open(byte);
        if (this.#inside === 2 && begin < 0) begin = at;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#close();
        if (this.#inside === 1 && begin >= 0) {
          yield this.#element(chunk.subarray(begin, at + 1));
          begin = -1;
        }
      }
    }
    if (begin >= 0) this.#keep(chunk.subarray(begin));
  }

  #readString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #open(byte: number): void {
    if (this.#inside > 0) this.#inside += 1;
    else if (byte === OPEN_BRACE) this.#outside += 1;
    else {
      this.#inside = 1;
      this.#hadArray = true;
    }
  }

  #close(): void {
    if (this.#inside > 0) this.#inside -= 1;
    else this.#outside -= 1;
  }

  #element(tail: Buffer): Buffer {
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
