import { allHandlersFinished, CancellationScope, condition, setHandler, uuid4 } from '@temporalio/workflow';
import type { ClaimProgress } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import type { Decision, Extension, Order } from '../domain/orders';
import type { ClaimStatus } from './claim-status';
import type { Deadline } from './deadline';
import type { Holding } from './holding';
import { decide, extendDeadline, hold, release } from './messages';
import { validateDecision, validateExtension, validateOrder } from './order-validators';
import { step } from './policy';
import { refuse } from './refuse';
import type { Wakeable } from './wakeable';
import type { Work } from './work';

/** Milliseconds that a claim has at least when its archive is released. */
const LEFT_AFTER_A_HOLD = 3_600_000;

/** What a claim consists of, for orders to change. */
export interface Orderable {
  readonly key: ArchiveKey;
  readonly status: ClaimStatus;
  readonly waiting: Wakeable;
  readonly holding: Holding;
  readonly deadline: Deadline;
  readonly work: Work;
  readonly terms: { acceptWithoutChecksum?: boolean };
}

/** Obeys what people tell a claim, one order after the other, each in the ledger before it is answered. */
export class Orders {
  #begun = false;
  #last: Promise<unknown> = condition(() => this.#begun);

  constructor(private readonly claim: Orderable) {
    const { status, holding, deadline, work } = claim;
    const mayOrder = (input: unknown) => void validateOrder(input, work);
    setHandler(decide, (decision) => this.#inTurn(() => this.#decide(decision)), {
      validator: (input) => validateDecision(input, work, status.progress),
    });
    setHandler(extendDeadline, (extension) => this.#inTurn(() => this.#extend(extension)), {
      validator: (input) => validateExtension(input, work, deadline),
    });
    setHandler(hold, (order) => this.#inTurn(() => this.#hold(order)), { validator: mayOrder });
    setHandler(release, (order) => this.#inTurn(() => this.#release(order)), {
      validator: (input) => {
        mayOrder(input);
        if (holding.held === undefined) refuse('The archive is not held.');
      },
    });
  }

  /** From now on orders are obeyed; those that came before wait until then. */
  begin(): void {
    this.#begun = true;
  }

  /** Resolves when every order that was taken is answered. */
  async answered(): Promise<void> {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }

  async #decide({ choice, by }: Decision): Promise<void> {
    const { key, work, waiting, terms } = this.claim;
    await step('recordDecision', `${by} decided: ${choice}`).recordDecision(key, { choice, by, id: uuid4() });
    switch (choice) {
      case 'acceptWithoutChecksum':
        terms.acceptWithoutChecksum = true;
        waiting.wake();
        return;
      case 'retry':
        waiting.wake();
        return;
      case 'giveUp':
        work.cutOff('GivenUp');
        await condition(() => work.hasEnded);
        if (work.isDone) refuse('It came too late: the claim was done before it could be stopped.');
    }
  }

  async #extend({ ms, by }: Extension): Promise<void> {
    const { key, status, deadline } = this.claim;
    deadline.move(deadline.after(ms));
    status.publish();
    const extended = { deadline: new Date(deadline.at).toISOString(), by, id: uuid4() };
    await step('recordDecision', `${by} extended the deadline`).recordDecision(key, extended);
  }

  /** Nothing is abandoned from here on; what is under way already is waited for. */
  async #hold({ by }: Order): Promise<void> {
    const { key, holding } = this.claim;
    if (holding.held !== undefined) return;
    holding.place({ by, since: new Date().toISOString() });
    const held = await step('holdArchive', `${by} holds the archive`).holdArchive(key, by);
    await holding.settled();
    const inForce = holding.isTooLate ? undefined : held;
    holding.place(inForce);
    if (inForce) return;
    refuse('It came too late: the platform was told that it may delete its file.');
  }

  async #release({ by }: Order): Promise<void> {
    const { key, status, holding, deadline } = this.claim;
    if (holding.held === undefined) return;
    await step('releaseArchive', `${by} releases the archive`).releaseArchive(key, by);
    deadline.move(Date.now() + LEFT_AFTER_A_HOLD);
    holding.place(undefined);
    status.publish();
  }

  /** Holds and releases would cross each other on their way to the ledger. */
  #inTurn(obey: () => Promise<void>): Promise<ClaimProgress> {
    const turn = this.#last.then(async () => {
      if (this.claim.work.isEnding) refuse('It came too late: the claim has ended.');
      await obey();
      return this.claim.status.progress;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
