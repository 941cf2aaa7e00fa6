import fs, { open, type FileHandle } from 'node:fs/promises';

type Method = (this: FileHandle, ...args: unknown[]) => Promise<unknown>;

/** What the operating system refuses, with a text that nobody may see. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: failed, open '/secret/path'`), { code, syscall: 'open' });
}

/** What the system says of damage: of an unreadable sector, and of metadata of ext4 and XFS (EUCLEAN and EBADMSG). */
export const DAMAGE_CODES = ['EIO', 'Unknown system error -117', 'Unknown system error -74'];

/** Lets a call fail on every path that has `part` in it. */
export function failOn(name: 'open' | 'readFile' | 'stat' | 'lstat', part: string, code: string): void {
  const real = fs[name] as (...args: unknown[]) => Promise<unknown>;
  jest
    .spyOn(fs, name)
    .mockImplementation(((path: string, ...rest: unknown[]) =>
      path.includes(part) ? Promise.reject(systemError(code)) : real(path, ...rest)) as never);
}

/** Stands between every open file and the operating system. */
export async function spyOnFiles(
  method: 'read' | 'write' | 'writev' | 'sync' | 'datasync' | 'stat' | 'truncate',
) {
  const prototype = await filePrototype();
  const original = prototype[method] as Method;
  const spy = jest.spyOn(prototype, method) as unknown as jest.SpyInstance<
    Promise<unknown>,
    unknown[],
    FileHandle
  >;
  return { spy, original };
}

async function filePrototype(): Promise<FileHandle> {
  const file = await open(__filename);
  await file.close();
  return Object.getPrototypeOf(file) as FileHandle;
}
