import { types } from 'node:util';
import { ArchivistError } from '../../domain/failures';
import { unavailable } from '../../ledger/refusal';

/**
 * Messages of PostgreSQL's programs in English (`LC_ALL=C`), and their meaning for a person: `{}` is the ledger's directory,
 * `$1` for the first group. The first match counts.
 */
const MEANINGS: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/No space left on device/, 'there is no room left on the disk of {}. Make room, and start again'],
  [
    /(?:error while loading shared libraries:|Library not loaded:) ([^\s:]+)/,
    'it lacks the library $1. Install it, or name another PostgreSQL with ARCHIVIST_POSTGRES_BIN',
  ],
  [
    /initialized by PostgreSQL version ([\d.]+).*not compatible with this version ([\d.]+)/s,
    '{} was made by PostgreSQL $1, and this is $2. Name one of version $1 with ARCHIVIST_POSTGRES_BIN',
  ],
  [/lock file "postmaster.pid" already exists/, 'another PostgreSQL serves {}. Stop it, and start again'],
  [
    /has (?:wrong ownership|invalid permissions|group or world access)/,
    '{}/cluster must belong to the user that PostgreSQL runs as, and be readable by that user only (`chmod 700`)',
  ],
  [
    /could not (?:bind|create any TCP\/IP sockets)|Address already in use/,
    'its port is taken by another program',
  ],
  [
    /could not (?:create|map) .*shared memory.*|Cannot allocate memory/,
    'this machine has too little memory for it',
  ],
  [
    /could not locate a valid checkpoint record|invalid primary checkpoint record|invalid checkpoint|is corrupted/,
    '{} is damaged. Restore it from a backup (docs/operations.md)',
  ],
  [
    /could not look up effective user ID (\d+)/,
    'its user has no name on this machine. Add one for the uid $1 to /etc/passwd, or run it as another user',
  ],
  [/Read-only file system/, 'the disk of {} can only be read'],
  [/Permission denied/, 'it may not read or write something in {}'],
];

/** The failure of a PostgreSQL program, in plain words, followed by its last output. */
export function postgresFailure(what: string, directory: string, output: string): ArchivistError {
  const [said, meaning] = MEANINGS.find(([pattern]) => pattern.test(output)) ?? [];
  const match = said?.exec(output);
  const words = meaning
    ?.replaceAll('{}', () => directory)
    .replace(/\$(\d)/g, (_, group: string) => match?.[Number(group)] ?? '');
  const sentence = words === undefined ? `${what}.` : `${what}: ${words}.`;
  const last = output.trim().split('\n').slice(-5).join('\n');
  return unavailable(last === '' ? sentence : `${sentence} PostgreSQL said:\n${last}`);
}

/** Puts a filesystem error of creating or starting the server into plain words; returns any other error unchanged. */
export function fileFailure(directory: string, error: unknown): unknown {
  if (error instanceof ArchivistError || !types.isNativeError(error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return unavailable(`There is no room left on the disk of ${directory}. Make room, and start again.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return unavailable(
      `This process may not write to ${directory} (${code}): give the ledger a folder that it may write to.`,
    );
  return unavailable(`The folder ${directory} of the ledger cannot be used (${code}).`);
}
