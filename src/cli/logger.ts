import pino, { type Logger } from 'pino';
import { stackFrames } from '../domain/stack-frames';

/** The process's log: JSON lines on standard error, so that standard output is the command's own. */
export function createLogger(name: string): Logger {
  return pino(
    {
      name,
      level: process.env['ARCHIVIST_LOG_LEVEL'] ?? 'info',
      serializers: { err: errorSerializer, error: errorSerializer },
    },
    pino.destination(2),
  );
}

/** Of an error its class, code and frames: the text of one that was not made here may hold anything. */
function errorSerializer(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error;
  const { code, type } = error as Error & { readonly code?: unknown; readonly type?: unknown };
  return { name: error.name, code, type, frames: stackFrames(error) };
}
