import { types } from 'node:util';
import { ArchivistError } from '../../domain/failures';

/** What a program of PostgreSQL says in English (`LC_ALL=C`), and what that means for a person. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, (directory: string, match: RegExpExecArray) => string])[] = [
  [
    /No space left on device/,
    (directory) => `there is no room left on the disk of ${directory}. Make room, and start again`,
  ],
  [
    /error while loading shared libraries: ([^\s:]+)|Library not loaded: (\S+)/,
    (_, match) =>
      `it lacks the library ${match[1] ?? match[2] ?? ''}. Install it, or name another PostgreSQL with ARCHIVIST_POSTGRES_BIN`,
  ],
  [
    /initialized by PostgreSQL version ([\d.]+).*not compatible with this version ([\d.]+)/s,
    (directory, match) =>
      `${directory} was made by PostgreSQL ${match[1] ?? ''}, and this is ${match[2] ?? ''}. Name one of version ${match[1] ?? ''} with ARCHIVIST_POSTGRES_BIN`,
  ],
  [
    /lock file "postmaster.pid" already exists/,
    (directory) => `another PostgreSQL serves ${directory}. Stop it, and start again`,
  ],
  [
    /has (?:wrong ownership|invalid permissions|group or world access)/,
    (directory) =>
      `${directory}/cluster must belong to the user that PostgreSQL runs as, and be readable by that user only (\`chmod 700\`)`,
  ],
  [
    /could not (?:bind|create any TCP\/IP sockets)|Address already in use/,
    () => 'its port is taken by another program',
  ],
  [
    /could not (?:create|map) .*shared memory.*|Cannot allocate memory/,
    () => 'this machine has too little memory for it',
  ],
  [
    /could not locate a valid checkpoint record|invalid primary checkpoint record|invalid checkpoint|is corrupted/,
    (directory) => `${directory} is damaged. Restore it from a backup (docs/operations.md)`,
  ],
  [
    /could not look up effective user ID (\d+)/,
    (_, match) =>
      `its user has no name on this machine. Add one for the uid ${match[1] ?? ''} to /etc/passwd, or run it as another user`,
  ],
  [/Read-only file system/, (directory) => `the disk of ${directory} can only be read`],
  [/Permission denied/, (directory) => `it may not read or write something in ${directory}`],
];

/** Why PostgreSQL could not do it, in plain words, followed by what it said last. */
export function postgresFailure(what: string, directory: string, output: string): ArchivistError {
  const said = output.trim().split('\n').slice(-5).join('\n');
  for (const [pattern, meaning] of MEANINGS) {
    const match = pattern.exec(output);
    if (match) return failure(`${what}: ${meaning(directory, match)}.`, said);
  }
  return failure(`${what}.`, said);
}

/** An error of the filesystem that making or starting the server met, in plain words; every other one as it is. */
export function fileFailure(directory: string, error: unknown): unknown {
  if (error instanceof ArchivistError || !types.isNativeError(error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return failure(`There is no room left on the disk of ${directory}. Make room, and start again.`, '');
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return failure(
      `This process may not write to ${directory} (${code}): give the ledger a folder that it may write to.`,
      '',
    );
  return failure(`The folder ${directory} of the ledger cannot be used (${code}).`, '');
}

export function isPortTaken(output: string): boolean {
  return /could not bind|could not create any TCP\/IP sockets/.test(output);
}

/** Its user has no entry in the machine's list of users. */
export function isNameless(output: string): boolean {
  return output.includes('could not look up effective user ID');
}

/** The processes of a server that was killed still hold its memory: they end within seconds. */
export function isMemoryStillUsed(output: string): boolean {
  return output.includes('pre-existing shared memory block');
}

function failure(sentence: string, said: string): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    said === '' ? sentence : `${sentence} PostgreSQL said:\n${said}`,
  );
}
