import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { availabilityOf } from '../../domain/statuses';
import { hasFile, type Archive } from '../archive';
import type { ByteSource } from '../content/bytes';
import { ifRangeHolds, requestedRange } from '../content/ranges';
import { fileAnswer } from '../faults/answers';
import { Refusal } from '../refusal';
import { FILE_PATH, type EndpointName } from './endpoints';

/** A file that can be downloaded. */
export interface ArchiveFile {
  readonly archiveId: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly content: ByteSource;
}

/** The file of an archive. @throws Refusal 409 if its status gives none */
export function fileOf(archive: Archive): ArchiveFile {
  const { archiveId, sha256, status } = archive;
  const content = archive.content();
  const isKept = hasFile(status) && availabilityOf(status) !== 'expired';
  if (content && sha256 !== undefined && isKept) return { archiveId, sha256, content };
  throw new Refusal(409, `The archive is ${status}: there is no file to download.`);
}

/** Answers with a file, or with the range of it that is asked for. What sends it is in meet-faults.ts. */
export function sendFile(
  { archiveId, sha256, content }: ArchiveFile,
  { headers: asked }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const etag = `"${sha256}"`;
  const size = content.length;
  const wanted = ifRangeHolds(asked['if-range'], etag) ? requestedRange(asked.range, size) : 'whole';
  if (wanted === 'unsatisfiable') {
    const message = 'The range is not one of the file.';
    const headers = { 'accept-ranges': 'bytes', 'content-range': `bytes */${size}` };
    return reply.code(416).headers(headers).send({ statusCode: 416, message });
  }
  const answer = fileAnswer(content, wanted, {
    'accept-ranges': 'bytes',
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${archiveId}.zip"`,
    etag,
  });
  // As it is, not as JSON.
  return reply.serializer((payload: string) => payload).send(answer);
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
  route(app: FastifyInstance, endpoint: EndpointName): void {
    app.get<{ Querystring: { signature?: string } }>(FILE_PATH, { config: { endpoint } }, (request, reply) =>
      sendFile(this.#take(request.query.signature ?? ''), request, reply),
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
