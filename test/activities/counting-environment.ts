import { noopMetricMeter, type MetricMeter, type MetricTags } from '@temporalio/common';
import { ActivityEnvironment } from '../support/activity-environment';

/** Where an activity runs, and what it counted or showed, by metric. */
export class CountingEnvironment {
  readonly environment: ActivityEnvironment;
  readonly #values = new Map<string, number>();

  constructor() {
    // Later than all other attempts of a test, as that of a step that counts is its last.
    const now = Date.now() + 60_000;
    const scheduled = { scheduledTimestampMs: now, currentAttemptScheduledTimestampMs: now };
    this.environment = new ActivityEnvironment(scheduled, this.#meter());
  }

  /** What a counter has counted, or a gauge shows, of a tenant; `undefined` if nothing was told of the metric at all. */
  valueOf(name: string, tenant: string): number | undefined {
    return this.#values.get(`${name} ${tenant}`);
  }

  #meter(): MetricMeter {
    const note = (name: string, tags: MetricTags | undefined, next: (before: number) => number): void => {
      const series = `${name} ${String(tags?.['tenant'])}`;
      this.#values.set(series, next(this.#values.get(series) ?? 0));
    };
    const meter: MetricMeter = {
      createHistogram: noopMetricMeter.createHistogram,
      withTags: () => meter,
      createGauge: (name, valueType, unit, description) => ({
        ...noopMetricMeter.createGauge(name, valueType, unit, description),
        set: (value: number, tags?: MetricTags) => note(name, tags, () => value),
      }),
      createCounter: (name) => ({
        ...noopMetricMeter.createCounter(name),
        add: (count: number, tags?: MetricTags) => note(name, tags, (before) => before + count),
      }),
    };
    return meter;
  }
}
