import type { ServerResponse } from 'node:http';
import { startSimulator, type Simulator } from '../../src/simulator';
import { startCallbackServer, type CallbackServer } from './callback-server';
import { ask } from './platform-access';

export const TOPIC = 'communication.archives.archive.available';

/** A simulator with callbacks that are subscribed to it. */
export class DeliverySite {
  readonly #callbacks: CallbackServer[] = [];

  private constructor(readonly simulator: Simulator) {}

  static async open(): Promise<DeliverySite> {
    return new DeliverySite(await startSimulator({ tenant: 'acme' }));
  }

  async subscribed(
    answer?: (response: ServerResponse, number: number) => void,
    topic = TOPIC,
  ): Promise<CallbackServer> {
    const callback = await startCallbackServer(answer);
    this.#callbacks.push(callback);
    const body = { topic, url: callback.url };
    await ask(this.simulator, 'POST', '/subscriptions/subscriptions/webhook', body);
    return callback;
  }

  /** Makes the available archive a1 of the conference c1, of which nobody is told. */
  async quietArchive(): Promise<void> {
    const spec = { archiveId: 'a1', conferenceId: 'c1', size: 1024, notify: { when: 'never' as const } };
    await this.simulator.createArchives(spec);
    await this.simulator.untilStatus('a1', 'AVAILABLE');
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await Promise.all(this.#callbacks.map((callback) => callback.close()));
  }
}
