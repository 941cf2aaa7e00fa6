import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** The deepest nesting of arrays and objects. The guide's notification has three levels. */
const DEEPEST = 64;

/** `application/json`, and every type that is JSON by its suffix (RFC 6839 §3.1). */
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Parses JSON and refuses other types, and keys that could change a prototype. Invalid UTF-8 becomes replacement characters: only
 * ASCII values are used, and the rest does not matter. Of two equal keys the last one counts.
 */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  decompressed(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (request, body, done) => {
    const type = request.headers['content-type'];
    if (type !== undefined && !JSON_TYPE.test(type)) done(refused('of another type', 415));
    else if (isTooDeep(body)) done(refused('nested too deep', 400));
    else void parse(request, body, done);
  });
}

const DECODERS: ReadonlyMap<string | undefined, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Decompresses bodies. Fastify counts the decompressed bytes, and refuses more than the limit. */
function decompressed(app: FastifyInstance): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const decoder = DECODERS.get(request.headers['content-encoding']?.trim().toLowerCase())?.();
    if (decoder === undefined) {
      done(null, payload);
      return;
    }
    const encoded = countedInto(decoder, payload);
    // A body that was refused half-way is not decompressed any further.
    reply.raw.once('close', () => decoder.destroy());
    done(null, encoded);
  });
}

/** Counts the compressed bytes, which Fastify compares with the Content-Length. */
function countedInto(decoder: Transform, payload: Readable): Readable & { receivedEncodedLength: number } {
  const counted = Object.assign(decoder, { receivedEncodedLength: 0 });
  // Fastify listens only while it reads: of a request that it refused before that, an error would end the process.
  decoder.on('error', () => undefined);
  payload.on('data', (chunk: Buffer) => (counted.receivedEncodedLength += chunk.length));
  payload.once('error', (error) => decoder.destroy(error)).pipe(decoder);
  return counted;
}

function refused(why: string, statusCode: number): Error {
  return Object.assign(new Error(why), { statusCode });
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
