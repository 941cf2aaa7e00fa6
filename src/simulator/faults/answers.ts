import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { excerpt, inMemory, slices, type ByteSource } from '../content/bytes';
import { contentRange, type Positions } from '../content/ranges';
import type { FaultOf } from './rules';

/** An answer that is not sent yet, with what is wrong with the way it will be sent. */
export interface Answer {
  readonly statusCode: number;
  /** Names in lower case. A body without `content-length` is chunked, or ends with the connection if `ending` is `close`. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that is sent. */
  readonly body: ByteSource;
  /** The file of which the body is a part, or the whole. */
  readonly file?: Positions & { readonly content: ByteSource };
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

export type FileAnswer = Answer & Required<Pick<Answer, 'file'>>;

type Headers = Readonly<Record<string, string | undefined>>;

/** The pause between drops, unless one byte takes longer. */
const DROP_MS = 50;
/** The time in which a client reads what was sent: a reset takes away what is still unread, or looks like an end behind it. */
const READ_WITHIN_MS = 20;

/** A file, or positions of it. */
export function fileAnswer(content: ByteSource, range: Positions | 'whole', headers: Headers): FileAnswer {
  const size = content.length;
  const isWhole = range === 'whole';
  const { start, end } = isWhole ? { start: 0, end: size } : range;
  const ofRange = {
    'content-range': isWhole ? undefined : contentRange(range, size),
    'content-length': String(end - start),
  };
  const body = excerpt(content, start, end);
  const answer = { statusCode: isWhole ? 200 : 206, headers: {}, body, file: { content, start, end } };
  return withHeaders(answer, { ...headers, ...ofRange });
}

export function textAnswer(statusCode: number, type: string, text: string, headers: Headers = {}): Answer {
  const body = inMemory(Buffer.from(text));
  const given = {
    'content-type': `${type}; charset=utf-8`,
    ...headers,
    'content-length': String(body.length),
  };
  return withHeaders({ statusCode, headers: {}, body }, given);
}

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

/**
 * Sends an answer with all that is wrong with it. Every piece has left this process before the next is made, so that what is cut is cut
 * where it should be.
 * @param sent told of the bytes of the body as they go
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  sent: (bytes: number) => void,
): Promise<void> {
  response.on('error', () => undefined);
  if (answer.delayMs !== undefined) await pause(answer.delayMs, undefined, { ref: false });
  if (!answer.silent) {
    writeHead(response, answer);
    for await (const piece of piecesOf(answer)) {
      if (!(await isTaken(response, piece))) return;
      sent(piece.length);
    }
  }
  await end(response, answer);
}

function writeHead(response: ServerResponse, { statusCode, headers, ending }: Answer): void {
  const endsWithConnection = ending === 'close';
  if (endsWithConnection) response.removeHeader('transfer-encoding');
  response.writeHead(statusCode, endsWithConnection ? { ...headers, connection: 'close' } : headers);
  response.flushHeaders();
}

async function end(response: ServerResponse, { ending }: Answer): Promise<void> {
  if (ending === undefined) response.end();
  if (ending === 'close') response.socket?.destroySoon();
  if (ending !== 'reset') return;
  await pause(READ_WITHIN_MS, undefined, { ref: false });
  await othersTurn();
  response.socket?.resetAndDestroy();
}

/** Whether the system took the bytes. `false` if the client has gone. */
async function isTaken(response: ServerResponse, piece: Buffer): Promise<boolean> {
  if (response.closed || response.destroyed) return false;
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
}

function piecesOf({ body, bytesPerSecond, gzip }: Answer): AsyncIterable<Buffer> | Iterable<Buffer> {
  if (bytesPerSecond !== undefined) return drops(body, bytesPerSecond);
  const pieces = slices(body);
  return gzip ? Readable.from(pieces).pipe(createGzip({ level: 1 })) : pieces;
}

async function* drops(body: ByteSource, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const interval = Math.max(DROP_MS, 1000 / bytesPerSecond);
  for (const piece of slices(body, Math.max(1, Math.round((bytesPerSecond * interval) / 1000)))) {
    yield piece;
    await pause(interval, undefined, { ref: false });
  }
}
