import type { Archive } from '../archives/archive';
import { resetTenant, type Tenant } from '../tenant';
import { archivePlans } from './archive-plans';
import type { ArchiveState, CreatedArchive, SimulatorControl } from './control';
import { archivesSpec, faultsSpec, notifySpec, statusSpec } from './specs';
import { untilStatus } from './until-status';

/** The control of a tenant within this process. @throws ZodError where a spec is not understood, Refusal else */
export function localControl(tenant: Tenant): SimulatorControl {
  const { archives, announcer, journal, faults } = tenant;

  const control: SimulatorControl = {
    async createArchives(spec = {}) {
      const order = archivesSpec.parse(spec);
      const { when, ...rest } = order.notify;
      const announce = (archive: Archive): void => {
        void announcer.announce(archive, { ...rest, concurrent: true });
      };
      const onceAvailable = (archive: Archive): void => {
        if (when === 'available') announce(archive);
      };
      const created = archives.add(archivePlans(order, tenant.expirationMs, onceAvailable));
      for (const { archiveId } of created) faults.setFor(archiveId, order.faults, order.seed ?? archiveId);
      if (when === 'created') created.forEach(announce);
      return Promise.resolve(created.map(creationOf));
    },
    async archive(archiveId) {
      return Promise.resolve(stateOf(archives.get(archiveId)));
    },
    untilStatus: (archiveId, status, timeoutMs) =>
      untilStatus(() => control.archive(archiveId), status, timeoutMs),
    async setStatus(archiveId, spec) {
      const { status, error } = statusSpec.parse(spec);
      const archive = archives.get(archiveId);
      await archive.become(status, 'control', error);
      return stateOf(archive);
    },
    async notify(archiveId, spec = {}) {
      return announcer.announce(archives.get(archiveId), notifySpec.parse(spec));
    },
    async setFaults(rules, options = {}) {
      const spec = faultsSpec.parse({ rules, ...options });
      faults.set(spec.rules, spec.seed);
      return Promise.resolve();
    },
    async clearFaults() {
      faults.clear();
      return Promise.resolve();
    },
    journal: (filter = {}) => Promise.resolve(journal.read(filter)),
    reset: () => resetTenant(tenant),
  };
  return control;
}

function creationOf({ archiveId, conferenceId, sizeBytes }: Archive): CreatedArchive {
  return { archiveId, conferenceId, sizeBytes };
}

function stateOf(archive: Archive): ArchiveState {
  const { status, error, sha256 } = archive;
  return {
    ...creationOf(archive),
    status,
    ...(error !== undefined && { error }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
