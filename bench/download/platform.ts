import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFile } from './archive-file';
import { startServer, type ServerKind } from './server';

/** A platform of which only the records and the files are there: files, and a server for them. */
export interface Platform {
  /** Where `records/{archiveId}` and `files/{archiveId}` are. */
  readonly url: string;
  readonly server: ServerKind;
  /** Makes a file available as another archive; an archive is claimed once only. */
  publish(file: ArchiveFile): Promise<PublishedArchive>;
  stop(): Promise<void>;
}

interface PublishedArchive {
  readonly archiveId: string;
  readonly fileUrl: string;
}

export async function startPlatform(folder: string, wanted?: ServerKind): Promise<Platform> {
  await mkdir(join(folder, 'records'), { recursive: true });
  await mkdir(join(folder, 'files'));
  const { url, kind, stop } = await startServer(folder, wanted);
  let published = 0;
  return {
    url,
    server: kind,
    async publish({ path, sha256 }) {
      published += 1;
      const archiveId = `bench-${published}`;
      const record = {
        archiveId,
        conferenceId: `conference-${published}`,
        status: 'AVAILABLE',
        sha256CheckSum: sha256,
      };
      await writeFile(join(folder, 'records', archiveId), JSON.stringify(record));
      await symlink(path, join(folder, 'files', archiveId));
      return { archiveId, fileUrl: `${url}/files/${archiveId}` };
    },
    stop,
  };
}
