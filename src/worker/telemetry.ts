import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config } from '../config/load-config';

/**
 * Sets up what the Temporal SDK has once a process: its log goes to ours, and its metrics are served for Prometheus where
 * the configuration says so, under the names that Temporal's dashboards use.
 */
export function installTelemetry(log: Logger, metrics: Config['metrics']): void {
  Runtime.install({
    // Everything is passed on: our log has the level.
    logger: new DefaultLogger('TRACE', ({ level, message, meta }) => {
      log[LEVELS[level]]({ ...meta }, message);
    }),
    ...(metrics && {
      telemetryOptions: {
        metrics: {
          prometheus: {
            bindAddress: `${metrics.host}:${metrics.port}`,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
          },
        },
      },
    }),
    // The command decides how to stop; the SDK must not do it for itself.
    shutdownSignals: [],
  });
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
