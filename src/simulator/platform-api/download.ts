import type { FastifyReply, FastifyRequest } from 'fastify';
import { availabilityOf } from '../../domain/statuses';
import type { Archive } from '../archives/archive';
import type { ByteSource } from '../bytes/byte-source';
import { ByteStream } from '../bytes/byte-stream';
import { Refusal } from '../refusal';
import { contentRange, ifRangeHolds, requestedRange } from './range';
import type { RequestLog } from './request-log';

/** A zip that can be downloaded. */
export interface ArchiveFile {
  readonly archiveId: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly content: ByteSource;
}

/** The file of an archive. @throws Refusal 409 where its status gives none */
export function fileOf(archive: Archive): ArchiveFile {
  const { archiveId, sha256, status } = archive;
  const content = archive.content();
  if (content && sha256 !== undefined && isDownloadable(status)) return { archiveId, sha256, content };
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

function isDownloadable(status: string): boolean {
  const availability = availabilityOf(status);
  return availability === 'available' || availability === 'abandoned';
}
