import type { State } from '@temporalio/worker';
import { runTogether, shutDown } from '../../src/worker/start-worker';

/** Stands for a worker, which only fails by itself if Temporal's core does. */
class Work {
  #state: State = 'INITIALIZED';
  #end: (failure?: Error) => void = () => undefined;
  readonly shutdowns: number[] = [];

  async run(): Promise<void> {
    this.#state = 'RUNNING';
    await new Promise<void>((resolve, reject) => {
      this.#end = (failure) => {
        this.#state = failure ? 'FAILED' : 'STOPPED';
        if (failure) reject(failure);
        else resolve();
      };
    });
  }

  shutdown(): void {
    this.#state = 'DRAINING';
    this.shutdowns.push(Date.now());
    setTimeout(() => this.#end(), 50);
  }

  getState(): State {
    return this.#state;
  }

  fail(message: string): void {
    this.#end(new Error(message));
  }
}

it('a failing worker stops the others, and the failure is thrown only once they have stopped', async () => {
  const [failing, other] = [new Work(), new Work()];
  const running = runTogether([failing, other]);
  const settled = running.then(
    () => 'ended',
    (error: unknown) => ({ error, otherState: other.getState() }),
  );
  failing.fail('no more core');
  expect(await settled).toMatchObject({ error: { message: 'no more core' }, otherState: 'STOPPED' });
  expect(other.shutdowns).toHaveLength(1);
});

it('the run ends when all workers were told to stop, each once', async () => {
  const workers = [new Work(), new Work()];
  const running = runTogether(workers);
  shutDown(workers);
  shutDown(workers);
  await running;
  expect(workers.map(({ shutdowns }) => shutdowns.length)).toEqual([1, 1]);
});
