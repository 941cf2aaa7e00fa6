import { randomBytes } from 'node:crypto';
import type { FastifyPluginCallback, FastifyRequest } from 'fastify';
import type { Archive } from '../archive';
import { MINIMUM_SIZE_BYTES } from '../content/archive-zip';
import { identifiersOf } from '../platform/request-log';
import type { Tenant } from '../tenant';
import type { CreatedArchive } from './client';
import { archivesSpec, faultsSpec, journalQuery, notifySpec, statusSpec, type ArchivesOrder } from './specs';

/** What stands behind the scenes of the platform, without authentication: for the loopback interface. */
export function controlApi(tenant: Tenant): FastifyPluginCallback {
  const { archives, announcer, faults, journal } = tenant;
  const archiveOf = (request: FastifyRequest) => archives.get(identifiersOf(request).archiveId ?? '');
  return (app, _options, done) => {
    app.get('/livez', () => ({ status: 'ok' }));
    app.post('/archives', ({ body }, reply) =>
      reply.code(201).send(createArchives(archivesSpec.parse(body ?? {}), tenant)),
    );
    app.get('/archives/:archiveId', (request) => stateOf(archiveOf(request)));
    app.post('/archives/:archiveId/status', async (request) => {
      const { status, error } = statusSpec.parse(request.body);
      const archive = archiveOf(request);
      await archive.become(status, 'control', error);
      return stateOf(archive);
    });
    app.post('/archives/:archiveId/notify', (request) =>
      announcer.announce(archiveOf(request), notifySpec.parse(request.body ?? {})),
    );
    app.post('/faults', ({ body }, reply) => {
      const { rules, seed } = faultsSpec.parse(body);
      faults.set(rules, seed);
      return reply.code(204).send();
    });
    app.delete('/faults', (_request, reply) => {
      faults.clear();
      return reply.code(204).send();
    });
    app.get('/journal', ({ query }) => {
      const { limit, ...filter } = journalQuery.parse(query);
      const entries = journal.read(filter, limit);
      return { entries, more: entries.length === limit, dropped: journal.dropped };
    });
    app.post('/reset', async (_request, reply) => {
      await tenant.reset();
      return reply.code(204).send();
    });
    done();
  };
}

function createArchives(order: ArchivesOrder, tenant: Tenant): readonly CreatedArchive[] {
  const { when, ...announcement } = order.notify;
  const announce = (archive: Archive): void => {
    void tenant.announcer.announce(archive, announcement);
  };
  const onceAvailable = when === 'available' ? announce : () => undefined;
  const terms = { expireAfterMs: tenant.expirationMs, onceAvailable };
  const plans = Array.from({ length: order.count }, (_, index) => ({ ...planOf(order, index), ...terms }));
  const created = tenant.archives.add(plans);
  for (const { archiveId } of created) tenant.faults.setFor(archiveId, order.faults, order.seed ?? archiveId);
  if (when === 'created') created.forEach(announce);
  return created.map(({ archiveId, conferenceId, sizeBytes }) => ({ archiveId, conferenceId, sizeBytes }));
}

/** The plan of one of the archives that are ordered. If there are several, the ids and the seed get numbers from 1. */
function planOf({ count, size, seed, content, statuses, record, ...ids }: ArchivesOrder, index: number) {
  const numbered = (name: string) => (count === 1 ? name : `${name}-${index + 1}`);
  const archiveId = ids.archiveId === undefined ? randomId() : numbered(ids.archiveId);
  const sizeBytes = Math.max(size, MINIMUM_SIZE_BYTES);
  const blueprint = { seed: seed === undefined ? archiveId : numbered(seed), sizeBytes, content };
  return { archiveId, conferenceId: ids.conferenceId ?? randomId(), blueprint, statuses, record };
}

function randomId(): string {
  return randomBytes(12).toString('hex');
}

/** What JSON makes an `ArchiveState` of: it leaves out what is undefined. */
function stateOf({ archiveId, conferenceId, sizeBytes, status, error, sha256 }: Archive) {
  return { archiveId, conferenceId, sizeBytes, status, error, sha256 };
}
