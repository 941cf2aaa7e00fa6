import type { FastifyInstance } from 'fastify';

/** A notification is a few KiB; its meta is arbitrary. */
export const LARGEST_BODY = 1024 * 1024;

/** Arrays and objects inside each other. The guide's notification has three. */
const DEEPEST = 64;

/** Thrown for a body that is nested too deep. */
class TooDeep extends Error {
  override readonly name = 'TooDeep';
  readonly statusCode = 400;
}

/**
 * Reads JSON and nothing else. Keys that could change a prototype are refused. Invalid UTF-8 is read with replacement characters: only
 * ASCII values are used, and the rest does not matter. Of two keys of the same name the last counts.
 */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isTooDeep(body)) done(new TooDeep());
    else void parse(request, body, done);
  });
}

function isTooDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (isText) {
      if (character === '\\') index += 1;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
}
