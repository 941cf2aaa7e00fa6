import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply } from 'fastify';

/** Constant bodies: an answer never repeats anything of its request, whose path holds a secret. */
const BODIES = {
  400: { error: 'bad request' },
  404: { error: 'not found' },
  405: { error: 'method not allowed' },
  408: { error: 'request timeout' },
  413: { error: 'payload too large' },
  414: { error: 'uri too long' },
  415: { error: 'unsupported media type' },
  422: { error: 'unprocessable content' },
  431: { error: 'request header fields too large' },
  500: { error: 'internal server error' },
  503: { error: 'service unavailable' },
} as const;

type Status = keyof typeof BODIES;

/** Why the gateway refuses a request, and the status of its answer. The first three look alike, to hide which secrets exist. */
export const REFUSALS = {
  unknownPath: 404,
  unknownSecret: 404,
  foreignSource: 404,
  wrongMethod: 405,
  malformed: 400,
  tooLarge: 413,
  pathTooLong: 414,
  wrongType: 415,
  unprocessable: 422,
  tooSlow: 408,
  headersTooLarge: 431,
  noHttp: 400,
  failed: 500,
  unavailable: 503,
} as const satisfies Record<string, Status>;

export type Refusal = keyof typeof REFUSALS;

/** Seconds after which a sender may try again. */
const RETRY_AFTER = '1';

/** Answers a request with a refusal. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

export function createRefuse(count: (refusal: Refusal) => void): Refuse {
  return (reply, refusal) => {
    count(refusal);
    const status = REFUSALS[refusal];
    if (status === 503) reply.header('retry-after', RETRY_AFTER);
    return reply.code(status).send(BODIES[status]);
  };
}

const BY_STATUS: Readonly<Record<number, Refusal>> = {
  413: 'tooLarge',
  414: 'pathTooLong',
  415: 'wrongType',
};

/** Why Fastify refused a request before a handler ran. */
export function refusalOf({ statusCode = 500 }: Pick<FastifyError, 'statusCode'>): Refusal {
  return BY_STATUS[statusCode] ?? (statusCode < 500 ? 'malformed' : 'failed');
}

/**
 * Answers a sender that is too slow, sends headers that are too large, or does not speak HTTP. The default would log the data.
 * @returns why it was refused; `undefined` for a sender that went away
 */
export function refuseConnection({ code }: NodeJS.ErrnoException, socket: Socket): Refusal | undefined {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const refusal =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'tooSlow'
      : code === 'HPE_HEADER_OVERFLOW'
        ? 'headersTooLarge'
        : 'noHttp';
  const status = REFUSALS[refusal];
  const body = JSON.stringify(BODIES[status]);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  return refusal;
}
