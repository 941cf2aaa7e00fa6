import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { keystream } from '../bytes/keystream';
import { ifRangeHolds, requestedRange } from '../platform-api/range';
import { withHeaders, type Answer, type FileAnswer } from './answer';
import { partOfFile, wholeFile } from './ranges';
import type { FaultOf } from './rules';

/**
 * The file as if it had just been made anew. Its ETag is none that a client can know, so that `If-Range` gives the whole file, unless the
 * server is to give the range in spite of it.
 */
export function newETag(
  answer: FileAnswer,
  { otherBytes, ignoreIfRange }: FaultOf<'newETag'>,
  headers: IncomingHttpHeaders,
): Answer {
  const etag = `"${randomBytes(16).toString('hex')}"`;
  const { content } = answer.file;
  const file = { ...answer.file, content: otherBytes ? keystream(etag, content.length) : content };
  const range =
    ignoreIfRange || ifRangeHolds(headers['if-range'], etag)
      ? requestedRange(headers.range, content.length)
      : 'whole';
  const renewed = { ...withHeaders(answer, { etag }), file };
  return typeof range === 'object' ? partOfFile(renewed, range) : wholeFile(renewed);
}

export function weakETag(answer: FileAnswer): Answer {
  return withHeaders(answer, { etag: `W/${answer.headers['etag'] ?? '""'}` });
}

export function noETag(answer: FileAnswer): Answer {
  return withHeaders(answer, { etag: undefined });
}
