import { inMemory } from '../bytes/byte-source';
import { concatenation } from '../bytes/concatenation';
import { excerpt } from '../bytes/excerpt';
import { contentRange, type Positions } from '../platform-api/range';
import { jsonAnswer, withHeaders, type Answer, type FileAnswer } from './answer';
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
export function partOfFile(answer: FileAnswer, { start, end }: Positions): FileAnswer {
  const { content } = answer.file;
  const headers = {
    'content-range': contentRange({ start, end }, content.length),
    'content-length': String(end - start),
  };
  const body = excerpt(content, start, end);
  return { ...withHeaders(answer, headers), statusCode: 206, body, file: { content, start, end } };
}

export function wrongContentRange(answer: FileAnswer, { wrong }: FaultOf<'wrongContentRange'>): Answer {
  return withHeaders(answer, { 'content-range': falseRange(answer, wrong) });
}

function falseRange(
  { file: { start, end, content } }: FileAnswer,
  wrong: FaultOf<'wrongContentRange'>['wrong'],
): string | undefined {
  const size = content.length;
  switch (wrong) {
    case 'start':
      return contentRange({ start: start + 1, end }, size);
    case 'end':
      return contentRange({ start, end: end - 1 }, size);
    case 'total':
      return contentRange({ start, end }, size + 1);
    case 'unit':
      return contentRange({ start, end }, size).replace('bytes', 'items');
    case 'missing':
      return undefined;
  }
}

/** One range in the form that is meant for several (RFC 9110 §14.6). */
export function multipartRange(answer: FileAnswer): Answer {
  const { file, body, headers } = answer;
  const head = [
    `--${BOUNDARY}`,
    `Content-Type: ${headers['content-type'] ?? ''}`,
    `Content-Range: ${contentRange(file, file.content.length)}`,
    '',
    '',
  ].join('\r\n');
  const parts = concatenation([
    inMemory(Buffer.from(head)),
    body,
    inMemory(Buffer.from(`\r\n--${BOUNDARY}--\r\n`)),
  ]);
  const changed = {
    'content-type': `multipart/byteranges; boundary=${BOUNDARY}`,
    'content-range': undefined,
    'content-length': String(parts.length),
  };
  return { ...withHeaders(answer, changed), body: parts };
}

export function rangeNotSatisfiable(
  { file: { content } }: FileAnswer,
  { total = content.length }: FaultOf<'rangeNotSatisfiable'>,
): Answer {
  const error = { statusCode: 416, message: 'A fault that was asked for.' };
  return jsonAnswer(416, error, { 'content-range': `bytes */${total}` });
}
