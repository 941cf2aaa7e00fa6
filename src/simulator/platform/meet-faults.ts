import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Archives } from '../archives';
import { ByteStream, excerpt, inMemory } from '../content/bytes';
import { alter, answerInstead } from '../faults/alter';
import { send, type Answer } from '../faults/answers';
import type { Rule } from '../faults/rulebook';
import type { FaultOf } from '../faults/rules';
import type { Tenant } from '../tenant';
import { identifiersOf, type RequestLog } from './request-log';

/** Says where the redirect of a download leads: what its header `Location` says. */
export type Locate = (redirect: FaultOf<'redirect'>, request: FastifyRequest) => Promise<string>;

/**
 * Has the requests of a plugin meet the faults that are set: instead of being carried out, or when they are answered. A request that
 * meets none is answered by Fastify, as if this were not here.
 */
export function meetFaults(app: FastifyInstance, tenant: Tenant, log: RequestLog, locate: Locate): void {
  const chosen = new WeakMap<FastifyRequest, Rule>();

  app.addHook('preHandler', (request, reply, done) => {
    const archiveIds = addressedBy(request, tenant.archives);
    const hasRange = request.headers.range !== undefined;
    const choice = tenant.faults.choose({ endpoint: log.endpointOf(request), archiveIds, hasRange });
    const answer = choice && answerInstead(choice.fault, archiveIds);
    if (choice && !answer) chosen.set(request, choice);
    if (choice && answer && choice.strike()) answerWrongly(request, reply, choice, answer);
    else done();
  });

  // Without `done`, Fastify sends nothing more.
  app.addHook('onSend', (request, reply, payload, done) => {
    const choice = chosen.get(request);
    if (!choice) {
      done(null, payload);
      return;
    }
    const altered = alter(answerOf(reply, payload), choice.fault, {
      headers: request.headers,
      path: request.url,
      locate: (redirect) => locate(redirect, request),
    });
    Promise.resolve(altered).then((answer) => {
      if (answer && choice.strike()) answerWrongly(request, reply, choice, answer);
      else done(null, payload);
    }, done);
  });

  function answerWrongly(request: FastifyRequest, reply: FastifyReply, choice: Rule, answer: Answer): void {
    let bytesSent = 0;
    const range = answer.file && { start: answer.file.start, end: answer.file.end };
    log.note(request, { fault: choice.fault.fault, bytesSent: () => bytesSent, range });
    reply.hijack();
    void send(reply.raw, answer, (bytes) => (bytesSent += bytes));
  }
}

function addressedBy(request: FastifyRequest, archives: Archives): readonly string[] {
  const { archiveId, conferenceId } = identifiersOf(request);
  if (archiveId !== undefined) return [archiveId];
  return archives.ofConference(conferenceId ?? '').map((archive) => archive.archiveId);
}

/** What Fastify is about to send. */
function answerOf(reply: FastifyReply, payload: unknown): Answer {
  const { statusCode } = reply;
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
  if (payload instanceof ByteStream) {
    const { source: content, start, end } = payload;
    return { statusCode, headers, body: excerpt(content, start, end), file: { content, start, end } };
  }
  const body = inMemory(Buffer.from(typeof payload === 'string' ? payload : ''));
  return { statusCode, headers: { ...headers, 'content-length': String(body.length) }, body };
}
