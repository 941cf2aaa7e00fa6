import { z } from 'zod';
import { ArchivistError } from '../domain/failures';
import {
  isArchiveId,
  isConferenceId,
  type ArchiveId,
  type ArchiveKey,
  type ConferenceId,
} from '../domain/ids';
import type { ArchiveRecord } from '../domain/record';
import { notUnderstood } from './ask';
import { decode, parseJson } from './json';

const identifier = z.union([z.string(), z.int().transform(String)]);

/** Fields that the guide does not name may be present, with any type. */
const recordSchema = z.looseObject({
  archiveId: identifier.nullish(),
  id: identifier.nullish(),
  conferenceId: identifier.nullish().catch(undefined),
  status: z.string().min(1).max(64),
  sha256CheckSum: z.string().nullish().catch(undefined),
});

/**
 * Reads the answer to "get an archive record".
 * @throws {@link ArchivistError} `PlatformUnavailable` if it is no record at all (an error page sent with status 200),
 * `RecordInvalid` if it is the record of another archive. Messages hold nothing of the body.
 */
export function parseRecord(source: Buffer, { tenant, archiveId }: ArchiveKey): ArchiveRecord {
  const what = `archive ${archiveId} of ${tenant}`;
  const content = parseJson(decode(source));
  const { data } = recordSchema.safeParse(content);
  if (data === undefined) throw notUnderstood(what, 'is not an archive record');
  if ((data.archiveId ?? data.id) !== archiveId)
    throw new ArchivistError('RecordInvalid', `The record given for ${what} is not that archive's.`);
  const { status, conferenceId, sha256CheckSum } = data;
  const sha256 = sha256CheckSum?.trim().toLowerCase();
  return {
    status,
    ...(isConferenceId(conferenceId) && { conferenceId }),
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) && { sha256 }),
    source,
    content,
  };
}

/** An archive in the platform's list. */
export interface ListedArchive {
  /** Absent if it cannot be used as a path: such an archive cannot be claimed. */
  readonly archiveId?: ArchiveId;
  readonly conferenceId?: ConferenceId;
  readonly status: string;
}

const listedSchema = z.object({
  archiveId: identifier.optional().catch(undefined),
  id: identifier.optional().catch(undefined),
  conferenceId: identifier.optional().catch(undefined),
  status: z.string().catch(''),
});

/** Parses an element of the platform's list, and leaves out fields that it cannot parse. */
export function parseListed(element: object): ListedArchive {
  const { archiveId, id, conferenceId, status } = listedSchema.parse(element);
  const name = archiveId ?? id;
  return {
    status,
    ...(isArchiveId(name) && { archiveId: name }),
    ...(isConferenceId(conferenceId) && { conferenceId }),
  };
}
