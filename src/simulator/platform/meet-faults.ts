import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Archives } from '../archives';
import { inMemory } from '../content/bytes';
import { alter, answerInstead } from '../faults/alter';
import { send, type Answer } from '../faults/answers';
import type { Rule } from '../faults/rulebook';
import type { FaultOf } from '../faults/rules';
import type { Tenant } from '../tenant';
import { API_PREFIX } from './endpoints';
import { fileOf } from './files';
import { endpointOf, identifiersOf } from './request-log';

/**
 * Has the requests of a plugin meet the faults that are set: instead of being carried out, or when they are answered. Sends its files,
 * too, with a fault or without. Every other answer that meets none is sent by Fastify, as if this were not here.
 */
export function meetFaults(app: FastifyInstance, tenant: Tenant): void {
  const chosen = new WeakMap<FastifyRequest, Rule>();

  app.addHook('preHandler', (request, reply, done) => {
    const archiveIds = addressedBy(request, tenant.archives);
    const hasRange = request.headers.range !== undefined;
    const rule = tenant.faults.choose({ endpoint: endpointOf(request), archiveIds, hasRange });
    const answer = rule && answerInstead(rule.fault, archiveIds);
    if (rule && !answer) chosen.set(request, rule);
    if (rule && answer && rule.strike()) sendRaw(request, reply, answer, rule);
    else done();
  });

  // Without `done`, Fastify sends nothing more.
  app.addHook('onSend', (request, reply, payload, done) => {
    const right = answerOf(reply, payload);
    const rule = chosen.get(request);
    const wrong = rule && alter(right, rule.fault, request, (redirect) => locate(tenant, redirect, request));
    if (wrong && rule.strike()) sendRaw(request, reply, wrong, rule);
    else if (right.file) sendRaw(request, reply, right);
    else done(null, payload);
  });

  function sendRaw(request: FastifyRequest, reply: FastifyReply, answer: Answer, rule?: Rule): void {
    let bytesSent = 0;
    const range = answer.file && { start: answer.file.start, end: answer.file.end };
    const fault = rule?.fault.fault;
    tenant.requests.note(request, { ...(fault && { fault }), bytesSent: () => bytesSent, range });
    reply.hijack();
    void send(reply.raw, answer, (bytes) => (bytesSent += bytes));
  }
}

function addressedBy(request: FastifyRequest, archives: Archives): readonly string[] {
  const { archiveId, conferenceId } = identifiersOf(request);
  if (archiveId !== undefined) return [archiveId];
  return archives.ofConference(conferenceId ?? '').map((archive) => archive.archiveId);
}

/** What Fastify is about to send; of a file, what `sendFile` made of it. */
function answerOf(reply: FastifyReply, payload: unknown): Answer {
  if (typeof payload === 'object' && payload !== null) return payload as Answer;
  const body = inMemory(Buffer.from(typeof payload === 'string' ? payload : ''));
  const given = { ...reply.getHeaders(), 'content-length': body.length };
  const headers = Object.entries(given).map(([name, value]) => [name, String(value)]);
  return { statusCode: reply.statusCode, headers: Object.fromEntries(headers) as Answer['headers'], body };
}

/** Where the redirect of a download leads: what its header `Location` says. @throws Refusal if there is no file */
function locate(
  { archives, files, otherPort }: Tenant,
  { to, expired }: FaultOf<'redirect'>,
  request: FastifyRequest,
): string {
  const file = fileOf(archives.get(identifiersOf(request).archiveId ?? ''));
  switch (to) {
    case 'sameOrigin':
      return `${API_PREFIX}${files.issue(file, expired)}`;
    case 'otherOrigin':
      // By the name that the client knows this host by.
      return `http://${request.hostname}:${otherPort}${files.issue(file, expired)}`;
    case 'loop':
      return request.url;
    // No host has a name under "invalid" (RFC 2606 §2).
    case 'foreignHttp':
      return `http://files.invalid/${file.archiveId}.zip`;
    case 'otherScheme':
      return `ftp://files.invalid/${file.archiveId}.zip`;
  }
}
