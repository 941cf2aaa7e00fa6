import { z } from 'zod';

/** A figure of ours divided by its peer's of the same run. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly better: 'higher' | 'lower';
}

/** One program of `bench/` in its quick form. */
export interface Bench {
  readonly name: string;
  readonly args: readonly string[];
  /** The ratios in the lines of JSON that it ends with; without those to a peer that is not installed. */
  ratios(lines: readonly unknown[]): readonly Ratio[];
}

const claim = z.object({ ratio: z.number(), cpuRatio: z.number() });
const gateway = z.object({ outage: z.object({ startRatio: z.number() }), bareRatio: z.number() });
const download = z.object({ ratios: z.record(z.string(), z.number().nullable()) });
const reconcile = z.object({ queued: z.number(), ratio: z.number() });

export const BENCHES: readonly Bench[] = [
  {
    name: 'claim',
    args: ['--rounds', '1'],
    ratios([line]) {
      const { ratio, cpuRatio } = claim.parse(line);
      return [
        { name: 'claims a second / bare workflows', value: ratio, better: 'higher' },
        { name: 'CPU of a claim / of a bare workflow', value: cpuRatio, better: 'lower' },
      ];
    },
  },
  {
    name: 'gateway',
    args: ['--seconds', '5', '--burst', '500', '--outage', '5', '--rounds', '1'],
    ratios([line]) {
      const { outage, bareRatio } = gateway.parse(line);
      return [
        { name: 'claims started after an outage / bare starts', value: outage.startRatio, better: 'higher' },
        { name: 'notifications a second / a bare route', value: bareRatio, better: 'higher' },
      ];
    },
  },
  {
    name: 'download',
    args: ['--rounds', '2', '--size', '512MiB'],
    ratios([line]) {
      return Object.entries(download.parse(line).ratios).flatMap(([peer, value]) =>
        value === null ? [] : [{ name: `seconds / ${peer}`, value, better: 'lower' as const }],
      );
    },
  },
  {
    name: 'reconcile',
    args: ['--records', '100000'],
    ratios(lines) {
      return lines.map((line) => {
        const { queued, ratio } = reconcile.parse(line);
        const name = `seconds of 100,000 records, ${queued} to queue / JSON.parse`;
        return { name, value: ratio, better: 'lower' };
      });
    },
  },
];
