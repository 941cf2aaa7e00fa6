import {
  CancellationScope,
  condition,
  currentUpdateInfo,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { DecidedEnd } from '../../domain/claim';
import type { ArchiveKey } from '../../domain/ids';
import type { GivenOrder, OrderAnswer } from '../../domain/orders';
import { unlessItFails } from '../failures';
import { isHistoryLong } from '../run';
import {
  announced,
  decide,
  extendDeadline,
  hold,
  refuse,
  release,
  validateDecision,
  validateExtension,
  validateOrder,
} from '../messages';
import { step } from '../steps';

/** How long a claim that needs a person waits before it tries again by itself. */
const PAUSE = '6 hours';
/** The same if the ledger says that the claim has ended: its first step finds out how. */
const PAUSE_IF_ENDED = '1 minute';

/** Events after which a claim continues as new. */
const LONG_HISTORY = 2_000;

/**
 * The orders for a claim. Orders are facts of the ledger: the CLI writes them there and signals the claim to look; the
 * updates, for the Temporal UI, have an activity write them by the same code. The claim obeys what the ledger answers.
 */
export class Orders {
  readonly #root = CancellationScope.current();
  #decision: DecidedEnd | undefined;
  #deadlineAt: number;
  #wakes = 0;
  #isSignalled = false;
  #poll: CancellationScope | undefined;

  /** @param onDeadline called whenever the deadline moves */
  constructor(
    private readonly key: ArchiveKey,
    deadlineAt: number,
    private readonly onDeadline: (at: number) => void,
  ) {
    this.#deadlineAt = deadlineAt;
    setHandler(announced, () => void (this.#isSignalled = true));
    setHandler(decide, ({ choice, ...order }) => this.#give({ ...order, kind: choice }), {
      validator: validateDecision,
    });
    setHandler(extendDeadline, (order) => this.#give({ ...order, kind: 'extend' }), {
      validator: validateExtension,
    });
    setHandler(hold, (order) => this.#give({ ...order, kind: 'hold' }), { validator: validateOrder });
    setHandler(release, (order) => this.#give({ ...order, kind: 'release' }), { validator: validateOrder });
  }

  /** The decision that ends the claim, once there is one. */
  get decision(): DecidedEnd | undefined {
    return this.#decision;
  }

  /** The claim's deadline, in milliseconds since 1970. */
  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  /** Moves the deadline to `at`; it only ever moves later. */
  moveDeadline(at = 0): void {
    if (at <= this.#deadlineAt) return;
    this.#deadlineAt = at;
    this.onDeadline(at);
  }

  /** Withdraws the end by the deadline: somebody moved the deadline before the end was recorded. */
  withdrawDeadline(): void {
    this.#decision = undefined;
  }

  /** How often the claim was woken, so that a pause can ignore earlier wake-ups. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Whether a decision, the deadline or a cancellation from outside ends the claim. */
  get mustEnd(): boolean {
    return this.#decision !== undefined || this.#root.consideredCancelled;
  }

  /** Follows signals and the deadline from now on. Cancels `work` when the claim must end or continue as new. */
  watchOver(work: CancellationScope): void {
    inBackground(this.#followSignals());
    inBackground(this.#keepDeadline());
    inBackground(condition(() => this.mustEnd || isHistoryLong(LONG_HISTORY)).then(() => work.cancel()));
  }

  /** Runs `poll`, again from its beginning whenever the claim is woken. */
  async untilAnswered<Result>(poll: () => Promise<Result>): Promise<Result> {
    const outer = CancellationScope.current();
    for (;;) {
      this.#poll = new CancellationScope();
      try {
        return await this.#poll.run(poll);
      } catch (error) {
        if (!isCancellation(error) || outer.consideredCancelled) throw error;
      } finally {
        this.#poll = undefined;
      }
    }
  }

  /** Resolves after some hours, after a minute if the claim has `ended` in the ledger, or when it is woken more than `wakes` times. */
  async pause(wakes: number, end: 'ended' | undefined): Promise<void> {
    const pause = end === 'ended' ? PAUSE_IF_ENDED : PAUSE;
    await condition(() => this.#wakes > wakes, pause, { summary: 'Pause before the next try' });
  }

  /** Reads the orders and wakes the claim at each signal. One more reading covers all signals that arrive meanwhile. */
  async #followSignals(): Promise<void> {
    // The claim's first step reads the orders by itself.
    this.#isSignalled = false;
    for (;;) {
      await condition(() => this.#isSignalled);
      this.#isSignalled = false;
      await this.#read();
      this.#wake();
    }
  }

  /**
   * Ends the claim at its deadline, unless the ledger has a later one: a signal may have been lost. The durable timer is never
   * cancelled: it ends with its workflow, which costs no event.
   */
  async #keepDeadline(): Promise<void> {
    do {
      while (Date.now() < this.#deadlineAt)
        await sleep(this.#deadlineAt - Date.now(), { summary: 'Deadline of the claim' });
      await this.#read();
    } while (Date.now() < this.#deadlineAt);
    this.#decision ??= 'deadline';
  }

  #wake(): void {
    this.#wakes += 1;
    this.#poll?.cancel();
  }

  async #read(): Promise<void> {
    // If this reading fails, the claim's steps still find the orders: they read the ledger, too.
    const orders = await unlessItFails(step('readOrders', 'Read the orders in the ledger')(this.key));
    this.moveDeadline(orders?.deadlineAt);
    // A deadline that an earlier claim exceeded does not end this one.
    if (orders?.decision !== 'deadline') this.#decision ??= orders?.decision;
  }

  /** Completes an order that passed its validator, even while the claim ends. */
  async #give(order: GivenOrder): Promise<OrderAnswer> {
    if (order.kind === 'extend' && this.mustEnd) refuse('It came too late: the claim is ending.');
    const giveOrder = step('giveOrder', `${order.by} orders: ${order.kind}`);
    // The id is the same for all attempts, and in a run that is reset to before the update.
    const id = `update/${workflowInfo().firstExecutionRunId}/${currentUpdateInfo()?.id}`;
    const answer = await CancellationScope.nonCancellable(() => giveOrder(this.key, { ...order, id }));
    if (answer.answer !== 'confirmed' && answer.answer !== 'undecided') refuse(whyRefused(answer));
    if (order.kind === 'giveUp') this.#decision ??= 'giveUp';
    this.moveDeadline(answer.deadlineAt);
    if (order.kind !== 'hold' && order.kind !== 'extend') this.#wake();
    return answer;
  }
}

/** Runs a task that ends with its workflow at the latest. */
function inBackground(task: Promise<void>): void {
  task.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
}

function whyRefused({ answer, why = "it does not fit the archive's state" }: OrderAnswer): string {
  if (answer === 'tooLate') return 'It came too late: the platform was told that it may delete its file.';
  if (answer === 'unknown') return 'The platform does not know the archive.';
  if (answer === 'notRecorded')
    return 'It was not recorded: the archive is not known here, and the platform did not answer. Try again.';
  return `The order was refused: ${why}.`;
}
