import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal';

/** Refuses every request of a plugin that does not carry the administrator's token in the header `api-key`. */
export function requireApiKey(app: FastifyInstance, apiKey: string): void {
  const expected = digest(apiKey);
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers['api-key'];
    const isRight = typeof given === 'string' && timingSafeEqual(digest(given), expected);
    done(isRight ? undefined : new Refusal(401, 'The header api-key is missing or wrong.'));
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
