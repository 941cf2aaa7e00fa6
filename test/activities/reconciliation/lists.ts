import {
  createListReader,
  type ListReader,
  type ListTimes,
} from '../../../src/activities/reconciliation/list-reader';
import type { FaultRule } from '../../../src/simulator';
import { until } from '../../e2e/until';
import type { Dependencies } from '../../../src/activities/dependencies';
import { openActivitySite, type ActivitySite } from '../activity-site';

export const NEVER = new AbortController().signal;

/** Readers of the simulator's list, with the ledger that they share. */
export class Lists {
  private constructor(readonly site: ActivitySite) {}

  static async open(): Promise<Lists> {
    return new Lists(await openActivitySite());
  }

  /** A reader as of another process: it shares nothing but the ledger. Without a pause between two lists, unless `times` says so. */
  reader(times: Partial<ListTimes> = {}, { ledger }: Pick<Dependencies, 'ledger'> = this.site): ListReader {
    const { platformOf, expiry } = this.site;
    const sources = { platformOf, ledger, expiry, workerId: 'a-reader' };
    return createListReader(sources, { pauseFactor: 0, pollMs: 10, ...times });
  }

  /** How many lists the platform was asked for. */
  async requests(): Promise<number> {
    return (await this.site.simulator.journal({ kind: 'request', endpoint: 'list' })).length;
  }

  /** Of every list that was begun, whether it is whole; `undefined` while it is being read. */
  async whole(): Promise<readonly (boolean | undefined)[]> {
    const rows = await this.site.database.query('SELECT whole, ended_at FROM lists ORDER BY id');
    return rows.map(({ whole, ended_at: ended }) => (ended === null ? undefined : whole === true));
  }

  /** Waits until so many lists have been begun. */
  async begun(count: number): Promise<void> {
    await until('a list is being read', async () => (await this.whole()).length === count);
  }

  /** Has the platform begin its answer late. */
  async slow(ms: number, times?: number): Promise<void> {
    const rule: FaultRule = { fault: 'slowHeaders', endpoint: 'list', ms };
    await this.site.simulator.setFaults([times === undefined ? rule : { ...rule, times }]);
  }

  async clear(): Promise<void> {
    await this.site.simulator.reset();
    await this.site.database.query('DELETE FROM lists');
  }

  close(): Promise<void> {
    return this.site.close();
  }
}
