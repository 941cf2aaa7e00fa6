import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Archive } from '../archives/archive';
import type { RequestEntry } from '../journal/entries';
import type { Journal } from '../journal/journal';
import { endpointOf } from './endpoints';

/** The identifiers that a path may hold. */
const identifiers = z.object({
  archiveId: z.string().exactOptional(),
  conferenceId: z.string().exactOptional(),
  subscriptionId: z.string().exactOptional(),
});

/** Writes every request into the journal when its connection is done with it, with what the handlers say of it. */
export class RequestLog {
  readonly #journal: Journal;
  readonly #bytesSent = new WeakMap<FastifyRequest, () => number>();
  readonly #abandoned = new WeakMap<FastifyRequest, readonly Archive[]>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Follows all requests of a plugin, also those that are refused. */
  follow(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      const startedAt = new Date();
      reply.raw.once('close', () => this.#journal.write(this.#entry(request, reply, startedAt)));
      done();
    });
  }

  /** Says how to tell the length of an answer that is streamed. */
  streams(request: FastifyRequest, bytesSent: () => number): void {
    this.#bytesSent.set(request, bytesSent);
  }

  /** Says which archives an abandon changed. */
  abandoned(request: FastifyRequest, archives: readonly Archive[]): void {
    this.#abandoned.set(request, archives);
  }

  #entry(request: FastifyRequest, reply: FastifyReply, startedAt: Date): RequestEntry {
    const endedAt = new Date();
    const endpoint = endpointOf(request.method, request.routeOptions.url);
    const affected = this.#abandoned.get(request)?.map(({ archiveId }) => archiveId) ?? [];
    const bytesSent = this.#bytesSent.get(request) ?? (() => Number(reply.getHeader('content-length') ?? 0));
    return {
      kind: 'request',
      endpoint,
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '',
      ...identifiers.catch({}).parse(request.params),
      ...(reply.raw.headersSent && { statusCode: reply.statusCode }),
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      ms: endedAt.getTime() - startedAt.getTime(),
      bytesSent: bytesSent(),
      complete: reply.raw.writableFinished,
      ...(endpoint === 'abandon' && { effect: affected.length > 0, affected }),
    };
  }
}
