import type { FastifyReply, FastifyRequest } from 'fastify';
import { availabilityOf } from '../../domain/statuses';
import type { Archive } from '../archives/archive';
import { ByteStream } from '../bytes/byte-stream';
import type { ByteSource } from '../bytes/byte-source';
import { Refusal } from '../refusal';
import type { RequestLog } from './request-log';

/** Streams an archive's zip, no faster than it is taken, until it is whole or the client goes away. */
export function download(
  archive: Archive,
  request: FastifyRequest,
  reply: FastifyReply,
  log: RequestLog,
): FastifyReply {
  const content = downloadable(archive);
  const range = { start: 0, end: content.length };
  const stream = new ByteStream(content, range.start, range.end);
  log.streams(request, () => stream.bytesHandedOver);
  return reply
    .header('content-type', 'application/zip')
    .header('content-length', range.end - range.start)
    .header('content-disposition', `attachment; filename="${archive.archiveId}.zip"`)
    .header('etag', `"${archive.sha256 ?? ''}"`)
    .send(stream);
}

function downloadable(archive: Archive): ByteSource {
  const content = archive.content();
  if (content && isDownloadable(archive.status)) return content;
  throw new Refusal(409, `The archive is ${archive.status}: there is no file to download.`);
}

function isDownloadable(status: string): boolean {
  const availability = availabilityOf(status);
  return availability === 'available' || availability === 'abandoned';
}
