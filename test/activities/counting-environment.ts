import { noopMetricMeter, type MetricMeter, type MetricTags } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** Where an activity runs, and what it counted, by metric. */
export class CountingEnvironment {
  readonly environment: MockActivityEnvironment;
  readonly #counts = new Map<string, number>();

  constructor() {
    this.environment = new MockActivityEnvironment(
      { attempt: 1 },
      { logger: new DefaultLogger('ERROR', () => undefined), metricMeter: this.#meter() },
    );
  }

  /** What was counted of a tenant; `undefined` where nothing was told of the metric at all. */
  countOf(name: string, tenant: string): number | undefined {
    return this.#counts.get(`${name} ${tenant}`);
  }

  #meter(): MetricMeter {
    const meter: MetricMeter = {
      createHistogram: noopMetricMeter.createHistogram,
      createGauge: noopMetricMeter.createGauge,
      withTags: () => meter,
      createCounter: (name) => ({
        ...noopMetricMeter.createCounter(name),
        add: (count: number, tags?: MetricTags) => {
          const series = `${name} ${String(tags?.['tenant'])}`;
          this.#counts.set(series, (this.#counts.get(series) ?? 0) + count);
        },
      }),
    };
    return meter;
  }
}
