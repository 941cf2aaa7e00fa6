import { Argument, type Command } from 'commander';
import { CHOICES, type Choice, type GivenOrder, type Order, type OrderAnswer } from '../../domain/orders';
import { durationArgument, orderArguments, orderCommand, type OrderOptions } from '../options';
import { say, sayJson } from '../output';
import { giveOne, objectionTo } from './give';

/** Settles what a claim that needs a person waits for. */
export function decideCommand(): Command {
  return orderCommand('decide', 'settle what a claim that needs a person waits for, or give a claim up')
    .addArgument(new Argument('<choice>', 'what to do').choices(CHOICES))
    .action((id: string, choice: Choice, options: OrderOptions) =>
      order(id, options, (given) => ({ kind: choice, ...given }), choice),
    );
}

export function extendCommand(): Command {
  return orderCommand('extend', "move a claim's deadline later")
    .argument('<duration>', 'how much later, such as "3 days"', durationArgument)
    .action((id: string, ms: number, options: OrderOptions) =>
      order(id, options, (given) => ({ kind: 'extend', ms, ...given }), 'extended'),
    );
}

export function holdCommand(): Command {
  return orderCommand('hold', 'keep an archive from being abandoned until it is released').action(
    (id: string, options: OrderOptions) =>
      order(id, options, (given) => ({ kind: 'hold', ...given }), 'held'),
  );
}

export function releaseCommand(): Command {
  return orderCommand('release', 'end the hold of an archive: it may be abandoned').action(
    (id: string, options: OrderOptions) =>
      order(id, options, (given) => ({ kind: 'release', ...given }), 'released'),
  );
}

/** @throws Error unless the order was obeyed: only then a script may rely on it */
async function order(
  id: string,
  options: OrderOptions,
  toOrder: (given: Order) => GivenOrder,
  words: string,
): Promise<void> {
  const { config, keys, given } = orderArguments([id], options);
  for (const key of keys) {
    const answer = await giveOne(config, key, toOrder(given));
    const objection = objectionTo(key, answer);
    if (options.json) sayJson({ ...key, order: toOrder(given).kind, ...given, ...shown(answer) });
    if (objection !== undefined) throw new Error(objection);
    if (!options.json) say(`${id}  ${words}${until(answer)}`);
  }
}

function shown({ deadlineAt, ...answer }: OrderAnswer): Readonly<Record<string, unknown>> {
  return { ...answer, ...(deadlineAt !== undefined && { deadline: new Date(deadlineAt).toISOString() }) };
}

function until({ deadlineAt }: OrderAnswer): string {
  return deadlineAt === undefined ? '' : ` until ${new Date(deadlineAt).toISOString()}`;
}
