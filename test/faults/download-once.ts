// Makes one attempt at a download, as a worker does, and says which copy it brought. Meant to be killed on its way.
import type { Dependencies } from '../../src/activities/dependencies';
import { expiryTerms } from '../../src/activities/claim/facts';
import { downloadArchive } from '../../src/activities/claim/download-archive';
import { parseConfig } from '../../src/config/load-config';
import type { ArchiveFacts } from '../../src/domain/claim';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { createPlatforms } from '../../src/platform/create-platform';
import { openStore } from '../../src/store/open-store';
import { activityEnvironment } from '../support/activity-environment';

/** What is downloaded, from where and whereto. */
export interface Job {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly store: string;
  readonly archiveId: string;
  readonly facts: ArchiveFacts;
  readonly attempt: number;
}

async function downloadOnce({ baseUrl, apiKey, store, archiveId, facts, attempt }: Job): Promise<void> {
  const written = { tenants: { acme: { baseUrl, apiKey } } };
  const { tenants, claim, expiry } = parseConfig(JSON.stringify(written), '/srv/archivist.yaml', {});
  const platforms = createPlatforms(tenants);
  const dependencies: Dependencies = {
    platformOf: platforms.platformOf,
    store: openStore(store),
    // Nothing of a download rests on what the ledger is told while it lasts.
    ledger: {
      takeStep: () => Promise.resolve({ verdict: 'taken', entry: {} }),
    } as unknown as Dependencies['ledger'],
    settings: claim,
    expiry: expiryTerms(expiry),
    lists: {} as Dependencies['lists'],
    workerId: 'worker-of-tests',
  };
  const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(archiveId) };
  const copy = await activityEnvironment(attempt).run(() => downloadArchive(dependencies, key, facts));
  process.stdout.write(JSON.stringify(copy));
  await platforms.close();
}

if (require.main === module) void downloadOnce(JSON.parse(process.argv[2] ?? '') as Job);
