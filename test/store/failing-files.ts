import { open, type FileHandle } from 'node:fs/promises';

type Method = (this: FileHandle, ...args: unknown[]) => Promise<unknown>;

/** What the operating system refuses, with a text that nobody may see. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: failed, open '/secret/path'`), { code, syscall: 'open' });
}

/** Stands between every open file and the operating system. */
export async function spyOnFiles(method: 'read' | 'write' | 'writev' | 'sync' | 'datasync') {
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
