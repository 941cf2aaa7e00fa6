import type { FastifyError, FastifyReply } from 'fastify';

/** Constant bodies: an answer never repeats anything of its request, whose path holds a secret. */
const BODIES = {
  400: { error: 'bad request' },
  404: { error: 'not found' },
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
