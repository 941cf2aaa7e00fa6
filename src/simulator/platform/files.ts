import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { availabilityOf } from '../../domain/statuses';
import { hasFile, type Archive } from '../archive';
import { ByteStream, type ByteSource } from '../content/bytes';
import { Refusal } from '../refusal';
import { FILE_PATH } from './endpoints';
import type { RequestLog } from './request-log';

/** Positions of a file, from `start` to before `end`. */
export interface Positions {
  readonly start: number;
  readonly end: number;
}

/** What a header `Range` comes to for a file of a certain size. */
type RequestedRange = Positions | 'whole' | 'unsatisfiable';

/** A file that can be downloaded. */
export interface ArchiveFile {
  readonly archiveId: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly content: ByteSource;
}

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/i;

/** The file of an archive. @throws Refusal 409 if its status gives none */
export function fileOf(archive: Archive): ArchiveFile {
  const { archiveId, sha256, status } = archive;
  const content = archive.content();
  const isKept = hasFile(status) && availabilityOf(status) !== 'expired';
  if (content && sha256 !== undefined && isKept) return { archiveId, sha256, content };
  throw new Refusal(409, `The archive is ${status}: there is no file to download.`);
}

/** Streams a file, or the range of it that is asked for, no faster than it is taken, until its end or the client goes away. */
export function sendFile(
  { archiveId, sha256, content }: ArchiveFile,
  request: FastifyRequest,
  reply: FastifyReply,
  log: RequestLog,
): FastifyReply {
  const { headers } = request;
  const etag = `"${sha256}"`;
  const size = content.length;
  const asked = ifRangeHolds(headers['if-range'], etag) ? requestedRange(headers.range, size) : 'whole';
  reply.header('accept-ranges', 'bytes');
  if (asked === 'unsatisfiable') {
    const message = 'The range is not one of the file.';
    return reply.code(416).header('content-range', `bytes */${size}`).send({ statusCode: 416, message });
  }
  const range = asked === 'whole' ? { start: 0, end: size } : asked;
  if (asked !== 'whole') reply.code(206).header('content-range', contentRange(range, size));
  const stream = new ByteStream(content, range.start, range.end);
  log.note(request, { range, bytesSent: () => stream.bytesHandedOver });
  return reply
    .header('content-type', 'application/zip')
    .header('content-length', range.end - range.start)
    .header('content-disposition', `attachment; filename="${archiveId}.zip"`)
    .header('etag', etag)
    .send(stream);
}

/** Files behind URLs that each work once, as signed URLs of an object storage do for a while. */
export class OneTimeFiles {
  readonly #bySignature = new Map<string, ArchiveFile>();

  /** The path and query of a new URL; one that is expired already gives nothing. */
  issue(file: ArchiveFile, expired: boolean): string {
    const signature = randomBytes(16).toString('hex');
    if (!expired) this.#bySignature.set(signature, file);
    return `${FILE_PATH.replace(':archiveId', file.archiveId)}?signature=${signature}`;
  }

  /** Gives the files to a plugin, which may be one of another server. */
  route(app: FastifyInstance, log: RequestLog): void {
    app.get<{ Querystring: { signature?: string } }>(FILE_PATH, (request, reply) =>
      sendFile(this.#take(request.query.signature ?? ''), request, reply, log),
    );
  }

  clear(): void {
    this.#bySignature.clear();
  }

  /** @throws Refusal 403 if the URL was used before or never worked */
  #take(signature: string): ArchiveFile {
    const file = this.#bySignature.get(signature);
    if (!file) throw new Refusal(403, 'The URL has expired.');
    this.#bySignature.delete(signature);
    return file;
  }
}

/**
 * Reads a header `Range` (RFC 9110 §14.2). One that is malformed, of another unit or for several ranges is ignored, as a server may:
 * then the whole file is meant.
 */
export function requestedRange(header: string | undefined, size: number): RequestedRange {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '' && Number(last) === 0) return 'unsatisfiable';
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/**
 * Whether a range may be given: the client has seen this very ETag, or names none. Strong comparison (RFC 9110 §13.1.5): a weak ETag never
 * holds, and neither does a date, for the platform gives none.
 */
export function ifRangeHolds(header: string | string[] | undefined, etag: string): boolean {
  return header === undefined || header === etag;
}

export function contentRange({ start, end }: Positions, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}
