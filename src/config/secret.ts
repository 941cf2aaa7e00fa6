import { inspect } from 'node:util';

/**
 * A value that must not be seen. It shows itself as `[secret]` wherever it is printed, logged or serialised; only
 * {@link Secret.reveal} gives it away.
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
