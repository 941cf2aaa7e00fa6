import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { errorCode } from '../domain/error-code';

/**
 * A value that must not be shown. It appears as `[secret]` wherever it is printed, logged or serialised; only
 * {@link Secret.reveal} returns it.
 */
export class Secret {
  #value: string;
  readonly #changed: () => string | undefined;

  /** @param changed what has taken the value's place since it was last asked, if anything has */
  constructor(value: string, changed: () => string | undefined = () => undefined) {
    this.#value = value;
    this.#changed = changed;
  }

  reveal(): string {
    this.#value = this.#changed() ?? this.#value;
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
  return found(source).transform(({ text }) => text);
}

/** As {@link indirect}, kept as a {@link Secret}. */
export function secret(source: Source) {
  return indirect(source).transform((text) => new Secret(text));
}

/**
 * As {@link secret}, of a form. What comes from a file follows that file, so that a new key needs no restart. As long as the file is
 * missing or holds something else, such as half of a key, the secret stays what it was.
 */
export function renewableSecret(source: Source, form: RegExp, error: string) {
  return found(source)
    .refine(({ text }) => form.test(text), { error, abort: true })
    .transform(({ text, file }) => new Secret(text, file === undefined ? undefined : changesOf(file, form)));
}

/** A text, and the file that holds it if there is one. */
interface Found {
  readonly text: string;
  readonly file?: string;
}

function found({ folder, env }: Source) {
  return z.string({ error: 'expected text, `env:NAME` or `file:PATH`' }).transform((written, context) => {
    const [, kind, place = ''] = /^(env|file):(.*)$/s.exec(written) ?? [];
    const value: Found | string =
      kind === 'env'
        ? fromEnvironment(place, env)
        : kind === 'file'
          ? fromFile(resolve(folder, place))
          : { text: written };
    if (typeof value !== 'string' && value.text !== '') return value;
    const message = typeof value === 'string' ? value : 'is empty; expected a value';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function fromEnvironment(name: string, env: Source['env']): Found | string {
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  return text === undefined
    ? `the environment variable ${name} is not set; set it or give the value another way`
    : { text };
}

function fromFile(file: string): Found | string {
  try {
    return { text: contentOf(file), file };
  } catch (error) {
    const why = `the file ${file} cannot be read (${errorCode(error)})`;
    return `${why}; expected a file that holds the value`;
  }
}

/** @returns what gives a file's new content once, if that has the form */
function changesOf(file: string, form: RegExp): () => string | undefined {
  let seen: string | undefined;
  return () => {
    const version = versionOf(file);
    if (version === undefined || version === seen) return undefined;
    try {
      const text = contentOf(file);
      if (!form.test(text)) return undefined;
      seen = version;
      return text;
    } catch {
      return undefined;
    }
  };
}

/** Differs when the file was written or another one has its name; `undefined` if there is none. */
function versionOf(file: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs].join(' ');
  } catch {
    return undefined;
  }
}

/** Decodes UTF-8 or, as Windows writes it, UTF-16 with a byte order mark. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
  return text.replace(/(\r?\n)+$/, '');
}
