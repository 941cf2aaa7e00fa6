import { inMemory, type ByteSource } from '../bytes/byte-source';
import type { Positions } from '../platform-api/range';

/** An answer that is not sent yet, with what is wrong with the way it will be sent. */
export interface Answer {
  readonly statusCode: number;
  /** Names in lower case. A body without `content-length` is chunked, or ends with the connection where `ending` is `close`. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that is sent. */
  readonly body: ByteSource;
  /** The file of which the body is a part, or the whole. */
  readonly file?: FilePart;
  /** What comes after the body; nothing is wrong where it is absent. */
  readonly ending?: 'close' | 'reset' | 'stall';
  /** Neither head nor body is sent. */
  readonly silent?: boolean;
  /** How long the head is held back. */
  readonly delayMs?: number;
  readonly bytesPerSecond?: number;
  /** The body is compressed on its way. */
  readonly gzip?: boolean;
}

/** A file and the positions of it that an answer gives. */
export interface FilePart extends Positions {
  readonly content: ByteSource;
}

/** An answer that gives a file. */
export type FileAnswer = Answer & { readonly file: FilePart };

export function givesFile(answer: Answer): answer is FileAnswer {
  return answer.file !== undefined;
}

/** A complete answer with a text. */
export function textAnswer(
  statusCode: number,
  contentType: string,
  text: string,
  headers: Answer['headers'] = {},
): Answer {
  const body = inMemory(Buffer.from(text));
  return {
    statusCode,
    headers: { 'content-type': contentType, ...headers, 'content-length': String(body.length) },
    body,
  };
}

/** A complete answer with JSON. */
export function jsonAnswer(statusCode: number, value: unknown, headers: Answer['headers'] = {}): Answer {
  return textAnswer(statusCode, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

/** The answer with other headers; `undefined` takes one away. */
export function withHeaders<Given extends Answer>(
  answer: Given,
  headers: Readonly<Record<string, string | undefined>>,
): Given {
  const merged = Object.entries({ ...answer.headers, ...headers });
  return { ...answer, headers: Object.fromEntries(merged.filter(([, value]) => value !== undefined)) };
}
