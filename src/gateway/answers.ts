import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply } from 'fastify';

/** Constant bodies: an answer never repeats anything of its request, whose path holds a secret. */
const BODIES = {
  400: { error: 'bad request' },
  404: { error: 'not found' },
  408: { error: 'request timeout' },
  413: { error: 'payload too large' },
  414: { error: 'uri too long' },
  415: { error: 'unsupported media type' },
  422: { error: 'unprocessable content' },
  431: { error: 'request header fields too large' },
  500: { error: 'internal server error' },
  503: { error: 'service unavailable' },
} as const;

type Refusal = keyof typeof BODIES;

/** Seconds after which a sender may try again. */
const RETRY_AFTER = '1';

export function refuse(reply: FastifyReply, status: Refusal): FastifyReply {
  if (status === 503) reply.header('retry-after', RETRY_AFTER);
  return reply.code(status).send(BODIES[status]);
}

/** The answer to an error that Fastify found before a handler ran. */
export function refusalOf({ statusCode }: Pick<FastifyError, 'statusCode'>): Refusal {
  if (statusCode !== undefined && statusCode in BODIES) return statusCode as Refusal;
  return statusCode !== undefined && statusCode < 500 ? 400 : 500;
}

/** The answer to what is not HTTP, or is too slow or too big to become a request. The default would log what was sent. */
export function refuseConnection({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify(BODIES[status]);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
