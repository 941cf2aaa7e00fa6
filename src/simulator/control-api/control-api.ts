import type { FastifyPluginCallback } from 'fastify';
import type { Journal } from '../journal/journal';
import type { SimulatorControl } from './control';
import { archivesSpec, faultsSpec, journalQuery, notifySpec, statusSpec } from './specs';

interface ArchiveRoute {
  Params: { archiveId: string };
}

/** The control over HTTP, without authentication: for the loopback interface. */
export function controlApi(control: SimulatorControl, journal: Journal): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get('/livez', () => ({ status: 'ok' }));
    app.post('/archives', async ({ body }, reply) =>
      reply.code(201).send(await control.createArchives(archivesSpec.parse(body ?? {}))),
    );
    app.get<ArchiveRoute>('/archives/:archiveId', ({ params }) => control.archive(params.archiveId));
    app.post<ArchiveRoute>('/archives/:archiveId/status', ({ params, body }) =>
      control.setStatus(params.archiveId, statusSpec.parse(body)),
    );
    app.post<ArchiveRoute>('/archives/:archiveId/notify', ({ params, body }) =>
      control.notify(params.archiveId, notifySpec.parse(body ?? {})),
    );
    app.post('/faults', async ({ body }, reply) => {
      const { rules, seed } = faultsSpec.parse(body);
      await control.setFaults(rules, { seed });
      return reply.code(204).send();
    });
    app.delete('/faults', async (_request, reply) => {
      await control.clearFaults();
      return reply.code(204).send();
    });
    app.get('/journal', ({ query }) => {
      const { limit, ...filter } = journalQuery.parse(query);
      const entries = journal.read(filter, limit);
      return { entries, more: entries.length === limit, dropped: journal.dropped };
    });
    app.post('/reset', async (_request, reply) => {
      await control.reset();
      return reply.code(204).send();
    });
    done();
  };
}
