/** Thrown when a command was called in a way that cannot work; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
