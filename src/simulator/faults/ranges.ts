import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { concatenation, excerpt, inMemory, keystream } from '../content/bytes';
import { contentRange, ifRangeHolds, requestedRange, type Positions } from '../platform/range';
import { withHeaders, type Answer, type FileAnswer } from './answers';
import type { FaultOf } from './rules';

const BOUNDARY = 'THE_PART';

/** The whole file, as if no range had been asked for. */
export function wholeFile(answer: FileAnswer): FileAnswer {
  const { content } = answer.file;
  const headers = { 'content-range': undefined, 'content-length': String(content.length) };
  const file = { content, start: 0, end: content.length };
  return { ...withHeaders(answer, headers), statusCode: 200, body: content, file };
}

/** The part of the file at these positions. */
function partOfFile(answer: FileAnswer, { start, end }: Positions): FileAnswer {
  const { content } = answer.file;
  const range = contentRange({ start, end }, content.length);
  const headers = { 'content-range': range, 'content-length': String(end - start) };
  const body = excerpt(content, start, end);
  return { ...withHeaders(answer, headers), statusCode: 206, body, file: { content, start, end } };
}

export function wrongContentRange(answer: FileAnswer, { wrong }: FaultOf<'wrongContentRange'>): Answer {
  const { start, end, content } = answer.file;
  const size = content.length;
  const wrongRanges = {
    start: contentRange({ start: start + 1, end }, size),
    end: contentRange({ start, end: end - 1 }, size),
    total: contentRange({ start, end }, size + 1),
    unit: contentRange({ start, end }, size).replace('bytes', 'items'),
    missing: undefined,
  };
  return withHeaders(answer, { 'content-range': wrongRanges[wrong] });
}

/** One range in the form that is meant for several (RFC 9110 §14.6). */
export function multipartRange(answer: FileAnswer): Answer {
  const { file, headers } = answer;
  const type = `Content-Type: ${headers['content-type'] ?? ''}`;
  const range = `Content-Range: ${contentRange(file, file.content.length)}`;
  const head = inMemory(Buffer.from(`--${BOUNDARY}\r\n${type}\r\n${range}\r\n\r\n`));
  const body = concatenation(head, answer.body, inMemory(Buffer.from(`\r\n--${BOUNDARY}--\r\n`)));
  const changed = {
    'content-type': `multipart/byteranges; boundary=${BOUNDARY}`,
    'content-range': undefined,
    'content-length': String(body.length),
  };
  return { ...withHeaders(answer, changed), body };
}

/**
 * The file as if it had just been made anew. Its ETag is none that a client can know, so that `If-Range` gives the whole file, unless the
 * server is to give the range in spite of it.
 */
export function newETag(
  answer: FileAnswer,
  { otherBytes, ignoreIfRange }: FaultOf<'newETag'>,
  { range, 'if-range': ifRange }: IncomingHttpHeaders,
): Answer {
  const etag = `"${randomBytes(16).toString('hex')}"`;
  const { content } = answer.file;
  const file = { ...answer.file, content: otherBytes ? keystream(etag, content.length) : content };
  const renewed = { ...withHeaders(answer, { etag }), file };
  const givesRange = ignoreIfRange || ifRangeHolds(ifRange, etag);
  const asked = givesRange ? requestedRange(range, content.length) : 'whole';
  return typeof asked === 'object' ? partOfFile(renewed, asked) : wholeFile(renewed);
}
