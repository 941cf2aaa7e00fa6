import type { FastifyInstance } from 'fastify';
import { abandon } from '../archives/abandon';
import type { Archive } from '../archives/archive';
import type { Archives } from '../archives/archives';
import { recordOf } from '../archives/record';
import { fileOf, sendFile } from './download';
import { ENDPOINTS } from './endpoints';
import type { RequestLog } from './request-log';

interface ArchiveRoute {
  Params: { archiveId: string };
}

/** Listing, reading, downloading and abandoning archives. */
export function archiveRoutes(app: FastifyInstance, archives: Archives, log: RequestLog): void {
  for (const path of ENDPOINTS.list.paths) app.get(path, () => archives.all().map(recordOf));
  for (const path of ENDPOINTS.record.paths) {
    app.get<ArchiveRoute>(path, ({ params }) => recordOf(archives.get(params.archiveId)));
  }
  for (const path of ENDPOINTS.download.paths) {
    app.get<ArchiveRoute>(path, (request, reply) =>
      sendFile(fileOf(archives.get(request.params.archiveId)), request, reply, log),
    );
  }
  for (const path of ENDPOINTS.abandon.paths) {
    app.post<{ Params: { archiveId?: string; conferenceId?: string } }>(path, async (request, reply) => {
      const addressed = addressedBy(request.params, archives);
      log.note(request, { abandoned: await abandon(addressed) });
      return reply.send(addressed.map(({ archiveId, status }) => ({ archiveId, status })));
    });
  }
}

function addressedBy(
  { archiveId, conferenceId }: { archiveId?: string; conferenceId?: string },
  archives: Archives,
): readonly Archive[] {
  if (conferenceId !== undefined) return archives.ofConference(conferenceId);
  return archiveId === undefined ? [] : [archives.get(archiveId)];
}
