import { z } from 'zod';
import { isConferenceId } from '../../domain/ids';
import { CONTENT_KINDS } from '../content/archive-zip';
import { archiveId, faultRule } from '../faults/rules';

/** The longest that a timer can wait: some 24 days. */
export const LONGEST_MS = 2 ** 31 - 1;

const conferenceId = z.string().refine(isConferenceId, 'must be 1 to 128 letters, digits, ".", "_" or "-"');
const status = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be written like AVAILABLE');
const object = z.record(z.string(), z.unknown());

/** How often an archive is announced, and what the notification says that is not so. */
const announcement = {
  times: z.int().min(1).max(1000).default(1),
  archiveId: z.string().max(1000).optional(),
  conferenceId: z.string().max(1000).optional(),
  conferenceMeta: object.optional(),
};

export const notifySpec = z.strictObject(announcement);

export const statusSpec = z.strictObject({ status, error: z.string().optional() });

const step = statusSpec.extend({ forMs: z.int().min(0).max(LONGEST_MS).default(0) });
const when = z.enum(['available', 'created', 'never']).default('available');

/** Rules for all requests, and what their probabilities follow from. */
export const faultsSpec = z.strictObject({ rules: z.array(faultRule), seed: z.string().default('') });

const ownFault = faultRule.refine((rule) => rule.archiveId === undefined, {
  path: ['archiveId'],
  error: 'must be absent in a rule of the archive itself',
});

export const archivesSpec = z.strictObject({
  count: z.int().min(1).max(100_000).default(1),
  archiveId: archiveId.optional(),
  conferenceId: conferenceId.optional(),
  size: z
    .int()
    .min(0)
    .max(2 ** 40)
    .default(2 ** 20),
  seed: z.string().optional(),
  content: z.enum(CONTENT_KINDS).default('zip'),
  statuses: z
    .array(step)
    .min(1)
    .default([{ status: 'AVAILABLE', forMs: 0 }]),
  record: object.default({}),
  faults: z.array(ownFault).default([]),
  notify: z.strictObject({ ...announcement, when }).prefault({}),
});

/** Which entries of the journal to give, from the query of a URL: those with a `seq` above `after` that meet every condition. */
export const journalQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  archiveId: z.string().optional(),
  conferenceId: z.string().optional(),
  kind: z.enum(['request', 'delivery', 'status']).optional(),
  endpoint: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
});

export type ArchivesSpec = z.input<typeof archivesSpec>;
export type NotifySpec = z.input<typeof notifySpec>;
export type StatusSpec = z.input<typeof statusSpec>;
export type ArchivesOrder = z.output<typeof archivesSpec>;
export type NotifyOrder = z.output<typeof notifySpec>;
export type JournalFilter = Omit<z.output<typeof journalQuery>, 'limit'>;
