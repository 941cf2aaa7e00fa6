import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { errorCode } from '../domain/error-code';

/**
 * A value that must not be shown. It appears as `[secret]` wherever it is printed, logged or serialised; only
 * {@link Secret.reveal} returns it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Where the configuration comes from: the folder its relative paths start at, and the environment. */
export interface Source {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A string, given directly, as `env:NAME` or as `file:PATH`; line breaks at a file's end, and a byte order mark, are dropped. */
export function indirect(source: Source) {
  return z.string({ error: 'expected text, `env:NAME` or `file:PATH`' }).transform((text, context) => {
    const [, kind, place = ''] = /^(env|file):(.*)$/s.exec(text) ?? [];
    const found =
      kind === 'env' ? fromEnvironment(place, source) : kind === 'file' ? fromFile(place, source) : { text };
    if ('text' in found && found.text !== '') return found.text;
    const message = 'problem' in found ? found.problem : 'is empty; expected a value';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** As {@link indirect}, kept as a {@link Secret}. */
export function secret(source: Source) {
  return indirect(source).transform((value) => new Secret(value));
}

type Found = { readonly text: string } | { readonly problem: string };

function fromEnvironment(name: string, { env }: Source): Found {
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  return text === undefined
    ? { problem: `the environment variable ${name} is not set; set it or give the value another way` }
    : { text };
}

function fromFile(path: string, { folder }: Source): Found {
  const file = resolve(folder, path);
  try {
    return { text: decoded(readFileSync(file)).replace(/(\r?\n)+$/, '') };
  } catch (error) {
    const why = `the file ${file} cannot be read (${errorCode(error)})`;
    return { problem: `${why}; expected a file that holds the value` };
  }
}

/** Decodes UTF-8 or, as Windows writes it, UTF-16 with a byte order mark. */
function decoded(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
}
