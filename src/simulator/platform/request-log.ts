import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultName } from '../faults/rules';
import type { Journal, RequestEntry } from '../journal';

/** The identifiers that the path of a request holds. */
export function identifiersOf({ params }: FastifyRequest): Identifiers {
  // Fastify calls the path that no route matched "*".
  return Object.fromEntries(Object.entries(params as object).filter(([name]) => name !== '*'));
}

/** The endpoint of a request, `unknown` if no route matched. */
export function endpointOf({ routeOptions }: FastifyRequest): RequestEntry['endpoint'] {
  return routeOptions.config.endpoint ?? 'unknown';
}

/** What the paths of the platform's endpoints name. */
type Identifiers = Pick<RequestEntry, 'archiveId' | 'conferenceId' | 'subscriptionId'>;

/** What only those who answer know of a request. */
interface Notes {
  readonly bytesSent?: () => number;
  readonly range?: RequestEntry['range'] | undefined;
  readonly fault?: FaultName;
  /** The ids of the archives that an abandon changed. */
  readonly affected?: readonly string[];
}

/** Writes every request into the journal when its connection is done with it, with what was noted of it. */
export class RequestLog {
  readonly #notes = new WeakMap<FastifyRequest, Notes>();

  constructor(private readonly journal: Journal) {}

  /** Follows all requests of a plugin, also those that are refused. */
  follow(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      const startedAt = new Date();
      reply.raw.once('close', () => this.journal.write(this.#entry(request, reply, startedAt)));
      done();
    });
  }

  /** Notes what the entry of a request is to say, besides and in place of what was noted before. */
  note(request: FastifyRequest, notes: Notes): void {
    this.#notes.set(request, { ...this.#notes.get(request), ...notes });
  }

  #entry(request: FastifyRequest, reply: FastifyReply, startedAt: Date): RequestEntry {
    const endedAt = new Date();
    const endpoint = endpointOf(request);
    const { bytesSent, affected = [], range, fault } = this.#notes.get(request) ?? {};
    return {
      kind: 'request',
      endpoint,
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '',
      ...identifiersOf(request),
      ...(reply.raw.headersSent && { statusCode: reply.statusCode }),
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      ms: endedAt.getTime() - startedAt.getTime(),
      bytesSent: bytesSent?.() ?? Number(reply.getHeader('content-length') ?? 0),
      ...(range && { range }),
      complete: reply.raw.writableFinished,
      ...(fault && { fault }),
      ...(endpoint === 'foreignFile' && { apiKeySent: request.headers['api-key'] !== undefined }),
      ...(endpoint === 'abandon' && { effect: affected.length > 0, affected }),
    };
  }
}
