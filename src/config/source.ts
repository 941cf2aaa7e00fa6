import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../domain/error-code';
import { Secret } from './secret';

/** Where the configuration comes from: the folder its relative paths start at, and the environment. */
export interface Source {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A string that may be given as itself, as `env:NAME` or as `file:PATH`; the last line break of a file is dropped. */
export function indirect(source: Source) {
  return z.string({ error: 'expected text, `env:NAME` or `file:PATH`' }).transform((text, context) => {
    const read = text.startsWith('env:')
      ? fromEnvironment(text.slice('env:'.length), source)
      : text.startsWith('file:')
        ? fromFile(text.slice('file:'.length), source)
        : { value: text };
    if ('value' in read && read.value !== '') return read.value;
    context.addIssue({
      code: 'custom',
      message: 'problem' in read ? read.problem : 'is empty; expected a value',
    });
    return z.NEVER;
  });
}

/** As {@link indirect}, kept as a {@link Secret}. */
export function secret(source: Source) {
  return indirect(source).transform((value) => new Secret(value));
}

type Read = { readonly value: string } | { readonly problem: string };

function fromEnvironment(name: string, { env }: Source): Read {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === undefined
    ? { problem: `the environment variable ${name} is not set; set it or give the value another way` }
    : { value };
}

function fromFile(path: string, { folder }: Source): Read {
  const absolute = resolve(folder, path);
  try {
    return { value: readFileSync(absolute, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    return {
      problem: `the file ${absolute} cannot be read (${errorCode(error)}); expected a file that holds the value`,
    };
  }
}
