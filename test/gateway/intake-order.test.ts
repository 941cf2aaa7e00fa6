import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { StartOutcome } from '../../src/domain/start-outcome';
import { createIntake, type Intake } from '../../src/gateway/intake';

/** More than the intake starts at a time. */
const MANY = 40;

interface Bench {
  readonly intake: Intake;
  /** What was asked of Temporal and of the inbox, in order. */
  readonly asked: readonly string[];
  /** Answers the starts that wait. */
  answer(outcome: StartOutcome): void;
}

interface Ports {
  /** What a start comes to at once; `undefined`: it waits until it is answered. */
  readonly start?: StartOutcome;
  readonly isWorthATry?: boolean;
  readonly inboxTakes?: boolean;
  readonly isRush?: boolean;
}

/** The intake between ports that do as they are told, and write down what they are asked. */
function bench({ start, isWorthATry = true, inboxTakes = true, isRush = false }: Ports): Bench {
  const asked: string[] = [];
  const waiting: ((outcome: StartOutcome) => void)[] = [];
  const starter = {
    isDown: () => !isWorthATry,
    isWorthATry: () => isWorthATry,
    start({ archiveId }: ArchiveKey, deadline: number) {
      asked.push(`start ${archiveId} within ${deadline}`);
      return start ? Promise.resolve(start) : new Promise<StartOutcome>((resolve) => waiting.push(resolve));
    },
    wake({ archiveId }: ArchiveKey) {
      asked.push(`wake ${archiveId}`);
      return Promise.resolve();
    },
  };
  const inbox = {
    keep({ archiveId }: ArchiveKey, dueInMs: number) {
      asked.push(`keep ${archiveId}, due in ${dueInMs}`);
      return Promise.resolve(inboxTakes);
    },
    remove({ archiveId }: ArchiveKey) {
      asked.push(`remove ${archiveId}`);
      return Promise.resolve();
    },
  };
  return {
    intake: createIntake(starter, inbox, { admits: () => !isRush }),
    asked,
    answer: (outcome) => waiting.splice(0).forEach((resolve) => resolve(outcome)),
  };
}

function key(archiveId: string): ArchiveKey {
  return { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId(archiveId) };
}

describe('a notification, while Temporal answers', () => {
  it('is accepted, and the inbox is not asked', async () => {
    const { intake, asked } = bench({ start: 'started' });
    await expect(intake.take(key('a'))).resolves.toBe('accepted');
    expect(asked).toEqual(['start a within 1200']);
  });

  it('of a claim that there was is a duplicate, and the claim is told', async () => {
    const { intake, asked } = bench({ start: 'duplicate' });
    await expect(intake.take(key('a'))).resolves.toBe('duplicate');
    expect(asked).toEqual(['start a within 1200', 'wake a']);
  });

  it.each(['silent', 'refused'] as const)(
    'that it does not take (%s) is kept, due at once',
    async (start) => {
      const { intake, asked } = bench({ start });
      await expect(intake.take(key('a'))).resolves.toBe('kept');
      expect(asked).toEqual(['start a within 1200', 'keep a, due in 0']);
    },
  );
});

describe('a notification, while Temporal is slow', () => {
  it.each(['started', 'duplicate'] as const)(
    'is kept, and taken out of the inbox when the start ends: %s',
    async (outcome) => {
      const { intake, asked, answer } = bench({});
      await expect(intake.take(key('a'))).resolves.toBe('kept');
      // Nobody else starts it before this start has ended.
      expect(asked).toEqual(['start a within 1200', 'keep a, due in 1200']);
      answer(outcome);
      await intake.ended();
      expect(asked.slice(2)).toEqual(['remove a']);
    },
  );

  it.each(['silent', 'refused'] as const)(
    'stays in the inbox when the start comes to nothing: %s',
    async (outcome) => {
      const { intake, asked, answer } = bench({});
      await intake.take(key('a'));
      answer(outcome);
      await intake.ended();
      expect(asked).toEqual(['start a within 1200', 'keep a, due in 1200']);
    },
  );

  it('goes to the inbox at once in a rush, and to Temporal only where the inbox does not take it', async () => {
    const rush = bench({ start: 'started', isRush: true });
    await expect(rush.intake.take(key('a'))).resolves.toBe('kept');
    expect(rush.asked).toEqual(['keep a, due in 0']);
    const full = bench({ start: 'started', isRush: true, inboxTakes: false });
    await expect(full.intake.take(key('a'))).resolves.toBe('accepted');
    expect(full.asked).toEqual(['keep a, due in 0', 'start a within 900']);
  });

  it('goes to the inbox at once where all ways to Temporal are taken', async () => {
    const { intake, asked, answer } = bench({});
    const taken = Promise.all(Array.from({ length: MANY }, (_, index) => intake.take(key(`a${index}`))));
    const startsAtOnce = asked.filter((line) => line.startsWith('start')).length;
    expect(startsAtOnce).toBeGreaterThan(0);
    expect(asked.filter((line) => line.endsWith('due in 0'))).toHaveLength(MANY - startsAtOnce);
    await expect(taken).resolves.toEqual(Array.from({ length: MANY }, () => 'kept'));
    answer('started');
    await intake.ended();
    expect(asked.filter((line) => line.startsWith('remove'))).toHaveLength(startsAtOnce);
  });
});

describe('a notification, while Temporal is down', () => {
  it('goes to the inbox without a try', async () => {
    const { intake, asked } = bench({ isWorthATry: false });
    await expect(intake.take(key('a'))).resolves.toBe('kept');
    expect(asked).toEqual(['keep a, due in 0']);
  });
});

describe('a notification that the inbox does not take', () => {
  it('waits for the start that is under way', async () => {
    const { intake, asked, answer } = bench({ inboxTakes: false });
    const taking = intake.take(key('a'));
    setTimeout(answer, 200, 'started');
    await expect(taking).resolves.toBe('accepted');
    expect(asked).toEqual(['start a within 1200', 'keep a, due in 1200']);
  });

  it('is started all the same where Temporal was thought to be down', async () => {
    const { intake, asked } = bench({ isWorthATry: false, inboxTakes: false, start: 'started' });
    await expect(intake.take(key('a'))).resolves.toBe('accepted');
    expect(asked).toEqual(['keep a, due in 0', 'start a within 900']);
  });

  it.each(['silent', 'refused'] as const)('nor Temporal (%s) is unavailable', async (start) => {
    const { intake } = bench({ inboxTakes: false, start });
    await expect(intake.take(key('a'))).resolves.toBe('unavailable');
  });

  it('is unavailable in time where Temporal never answers', async () => {
    const { intake, answer } = bench({ inboxTakes: false });
    const began = Date.now();
    await expect(intake.take(key('a'))).resolves.toBe('unavailable');
    expect(Date.now() - began).toBeLessThan(2_500);
    answer('silent');
  });

  it('is turned away at once where too many wait already: nothing queues', async () => {
    const { intake, asked, answer } = bench({ isWorthATry: false, inboxTakes: false });
    const taken = Promise.all(Array.from({ length: 1_000 }, (_, index) => intake.take(key(`a${index}`))));
    await new Promise(setImmediate);
    const starts = asked.filter((line) => line.startsWith('start')).length;
    expect(starts).toBeGreaterThan(MANY);
    expect(starts).toBeLessThan(1_000);
    answer('started');
    const outcomes = await taken;
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(starts);
    expect(outcomes.filter((outcome) => outcome === 'unavailable')).toHaveLength(1_000 - starts);
  });
});
