import { inMemory, type ByteSource } from '../content/bytes';
import type { Positions } from '../platform/range';
import type { FaultOf } from './rules';

/** An answer that is not sent yet, with what is wrong with the way it will be sent. */
export interface Answer {
  readonly statusCode: number;
  /** Names in lower case. A body without `content-length` is chunked, or ends with the connection if `ending` is `close`. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that is sent. */
  readonly body: ByteSource;
  /** The file of which the body is a part, or the whole. */
  readonly file?: FilePart;
  /** What comes after the body; nothing is wrong if it is absent. */
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

type Headers = Readonly<Record<string, string | undefined>>;

/** A complete answer with a text. */
export function textAnswer(statusCode: number, type: string, text: string, headers: Headers = {}): Answer {
  const body = inMemory(Buffer.from(text));
  const given = {
    'content-type': `${type}; charset=utf-8`,
    ...headers,
    'content-length': String(body.length),
  };
  return withHeaders({ statusCode, headers: {}, body }, given);
}

/** A complete answer with JSON. */
export function jsonAnswer(statusCode: number, value: unknown, headers: Headers = {}): Answer {
  return textAnswer(statusCode, 'application/json', JSON.stringify(value), headers);
}

/** An error that was asked for. */
export function errorAnswer(statusCode: number, headers: Headers = {}, errorStatus = statusCode): Answer {
  return jsonAnswer(statusCode, { statusCode: errorStatus, message: 'A fault that was asked for.' }, headers);
}

/** A status that says that something is wrong, and when to try again: seconds, or a date (RFC 9110 §10.2.3). */
export function refusal({ statusCode, retryAfter: wait, retryAfterForm }: FaultOf<'status'>): Answer {
  if (wait === undefined) return errorAnswer(statusCode);
  const date = new Date(Date.now() + wait * 1000).toUTCString();
  return errorAnswer(statusCode, { 'retry-after': retryAfterForm === 'seconds' ? String(wait) : date });
}

/** No answer at all; the connection ends, or stays. */
export function silence(ending: 'reset' | 'stall'): Answer {
  return { statusCode: 0, headers: {}, body: inMemory(Buffer.alloc(0)), silent: true, ending };
}

/** The answer with other headers; `undefined` takes one away. */
export function withHeaders<Given extends Answer>(answer: Given, headers: Headers): Given {
  const merged = Object.entries({ ...answer.headers, ...headers });
  return { ...answer, headers: Object.fromEntries(merged.filter(([, value]) => value !== undefined)) };
}
