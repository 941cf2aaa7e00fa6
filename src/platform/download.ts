import { once } from 'node:events';
import { Readable } from 'node:stream';
import { ArchivistError } from '../domain/failures';
import { breakdown, discard, drop, refusal, type Answer, type Ask, type Question } from './ask';

/** Which bytes of a file to request: from a position to its end. */
export interface Part {
  /** Position of the first byte; 0 requests the whole file. */
  readonly from: number;
  /** The strong entity tag of the file whose first bytes were downloaded already. */
  readonly validator?: string | undefined;
  /** The length of that file. */
  readonly totalBytes?: number | undefined;
  /** Whether the record has the file's checksum: then a zip is accepted whatever its headers say. */
  readonly hasChecksum?: boolean | undefined;
}

/** The download of a file, or of its rest. The caller reads `body` to its end or destroys it. */
export interface Download {
  readonly body: Readable;
  /** Position of the first byte of `body`: the requested one, or 0. */
  readonly start: number;
  /** Position after the last byte, if the answer announced it. */
  readonly end?: number | undefined;
  /** The length of the whole file, if the answer announced it. */
  readonly totalBytes?: number | undefined;
  /** The file's strong entity tag, if it has one. */
  readonly validator?: string | undefined;
}

/** The types of error pages, which no archive has. */
const PAGES = /^(text\/|application\/(problem\+)?json\b)/i;
const SEVERAL_PARTS = /^multipart\//i;
const RANGES = /^multipart\/byteranges/i;
/** Codings that change the bytes of a part. */
const CODINGS = /gzip|deflate|compress|br|zstd/i;

/** Statuses that say that there is no such file, rather than that the request failed. */
const NO_FILE = [404, 409, 410];

/**
 * Begins to download a file, from `part.from` if the server can do that and the file is still the same; else from its
 * beginning. A partial answer must satisfy RFC 9110 §14 and §15.3.7: first position, total, validator, one part.
 */
export async function beginDownload(
  ask: Ask,
  question: Omit<Question, 'method' | 'headers'>,
  part: Part,
  signal: AbortSignal,
): Promise<Download> {
  const headers = { accept: 'application/zip, */*', 'accept-encoding': 'identity', ...rangeOf(part) };
  const answer = await ask({ ...question, method: 'GET', headers }, signal);
  const isPart = part.from > 0;
  if (answer.statusCode === 200) return await whole(question.what, answer, part, signal);
  if (isPart && answer.statusCode === 206) {
    const download = fitting(answer, part);
    if (download !== undefined) return download;
    drop(answer);
  } else if (isPart && answer.statusCode === 416) {
    await discard(answer, signal);
    const totalBytes = parseUnsatisfied(answer.headers['content-range']);
    // If the file was announced as longer, this is another file.
    if (totalBytes === part.from && part.totalBytes === undefined)
      return { body: Readable.from([]), start: part.from, end: part.from, totalBytes };
  } else {
    await refuse(question.what, answer, signal);
  }
  signal.throwIfAborted();
  return await beginDownload(ask, question, { from: 0, hasChecksum: part.hasChecksum }, signal);
}

/** A weak validator must not be used here, and never is one: see {@link Part.validator}. */
function rangeOf({ from, validator }: Part): Record<string, string> {
  if (from === 0) return {};
  const range = `bytes=${from}-`;
  return validator === undefined ? { range } : { range, 'if-range': validator };
}

/** @throws `FileRefused` if the answer is encoded although that was not requested, or is a page for people */
async function whole(what: string, answer: Answer, part: Part, signal: AbortSignal): Promise<Download> {
  const problem = problemOf(answer);
  if (problem !== undefined && !(part.hasChecksum && (await beginsAsZip(what, answer, signal)))) {
    drop(answer);
    throw new ArchivistError('FileRefused', `The answer for ${what} ${problem}.`);
  }
  const { headers, body } = answer;
  const totalBytes = lengthOf(headers['content-length']);
  return { body, start: 0, end: totalBytes, totalBytes, validator: strongTag(headers['etag']) };
}

/** Whether the body begins as a zip: pages and encoded zips do not. The bytes that were read are put back into the body. */
async function beginsAsZip(what: string, { body }: Answer, signal: AbortSignal): Promise<boolean> {
  try {
    // An empty body is never readable.
    await Promise.race([once(body, 'readable', { signal }), once(body, 'end', { signal })]);
  } catch (error) {
    signal.throwIfAborted();
    throw breakdown(what, error);
  }
  const first = body.read() as Buffer | null;
  if (first !== null) body.unshift(first);
  return first?.subarray(0, 2).toString('latin1') === 'PK';
}

function fitting(answer: Answer, part: Part): Download | undefined {
  const isChanged = RANGES.test(typeOf(answer)) || CODINGS.test(encodingOf(answer));
  const isOdd = part.hasChecksum ? isChanged : problemOf(answer) !== undefined;
  if (isOdd) return undefined;
  const range = parseContentRange(answer.headers['content-range']);
  const validator = strongTag(answer.headers['etag']);
  if (range?.start !== part.from) return undefined;
  if (part.totalBytes !== undefined && range.totalBytes !== part.totalBytes) return undefined;
  if (part.validator !== undefined && validator !== part.validator) return undefined;
  const length = lengthOf(answer.headers['content-length']);
  if (length !== undefined && length !== range.end - range.start) return undefined;
  return { body: answer.body, ...range, validator };
}

function problemOf(answer: Answer): string | undefined {
  const encoding = encodingOf(answer);
  if (encoding !== '' && encoding !== 'identity') return 'was encoded though that was not asked for';
  if (PAGES.test(typeOf(answer))) return 'is a page and no archive';
  if (SEVERAL_PARTS.test(typeOf(answer))) return 'has several parts';
  return undefined;
}

function encodingOf({ headers }: Answer): string {
  return String(headers['content-encoding'] ?? '');
}

function typeOf({ headers }: Answer): string {
  return String(headers['content-type'] ?? '');
}

async function refuse(what: string, answer: Answer, signal: AbortSignal): Promise<never> {
  await discard(answer, signal);
  const { type, message, retryAfterMs } = refusal(what, answer);
  const isNotThere = !answer.elsewhere && NO_FILE.includes(answer.statusCode);
  throw new ArchivistError(isNotThere ? 'ArchiveNotFound' : type, message, retryAfterMs);
}

function lengthOf(header: unknown): number | undefined {
  const length = typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined;
  return Number.isSafeInteger(length) ? length : undefined;
}

/** The range of a 206 answer, and the total length: `end` is the position after the last byte. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly totalBytes: number;
}

/**
 * Reads `Content-Range: bytes 5-9/20` (RFC 9110 §14.4).
 * @returns `undefined` for anything else, an unknown total (`*`) and impossible positions included
 */
export function parseContentRange(header: unknown): ContentRange | undefined {
  const [, first, last, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/i.exec(text(header)) ?? [];
  if (total === undefined) return undefined;
  const range = { start: Number(first), end: Number(last) + 1, totalBytes: Number(total) };
  return range.start < range.end && range.end <= range.totalBytes ? range : undefined;
}

/** Parses the total length in a 416 answer: the number after `*` and a slash. */
export function parseUnsatisfied(header: unknown): number | undefined {
  const [, total] = /^bytes \*\/(\d{1,16})$/i.exec(text(header)) ?? [];
  return total === undefined ? undefined : Number(total);
}

/** Returns an entity tag that compares byte for byte (RFC 9110 §8.8.3), which a weak one, `W/"…"`, does not. */
export function strongTag(header: unknown): string | undefined {
  return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(text(header)) ? text(header) : undefined;
}

function text(header: unknown): string {
  return typeof header === 'string' ? header.trim() : '';
}
