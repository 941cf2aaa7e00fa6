import type { FastifyInstance } from 'fastify';
import { sendFile } from './download';
import { FILE_PATH } from './endpoints';
import type { OneTimeFiles } from './one-time-files';
import type { RequestLog } from './request-log';

/** Where redirects lead, on this server or another. */
export function fileRoute(app: FastifyInstance, files: OneTimeFiles, log: RequestLog): void {
  app.get<{ Querystring: { signature?: string } }>(FILE_PATH, (request, reply) =>
    sendFile(files.take(request.query.signature), request, reply, log),
  );
}
