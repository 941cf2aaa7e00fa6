import { Gate } from './gate';
import { announceOften, startInRealTime, type RunningWorkflows } from './running-workflows';
import { failing, inTurn, itIsAvailable, SECURED } from './script';

const notYet = failing('NotYetAvailable', 3_600_000);

describe('signals to a claim', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  it('make a waiting claim read its orders, and poll the platform at once', async () => {
    const claim = await site.claim({ awaitAvailable: inTurn(notYet, itIsAvailable) });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await claim.result();
    expect(site.stepsOf(claim).slice(0, 3)).toEqual(['awaitAvailable', 'readOrders', 'awaitAvailable']);
  });

  it('that arrive while the claim reads its orders cause one more reading', async () => {
    const [first, second] = [new Gate(), new Gate()];
    const claim = await site.claim({
      awaitAvailable: notYet,
      readOrders: inTurn(
        () => first.pass({}),
        () => second.pass({}),
        () => Promise.resolve({}),
      ),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await first.reached;
    await announceOften(claim, 100);
    first.open();
    await second.reached;
    second.open();
    await site.reach(claim, 'awaitAvailable', 3);
    await site.sleep(300);
    expect(site.stepsOf(claim).filter((step) => step === 'readOrders')).toHaveLength(2);
    await claim.terminate();
  });

  it('do not disturb a claim that is working', async () => {
    const claim = await site.claim({ verifyCopy: () => announceOften(claim, 50).then(() => SECURED) });
    await claim.result();
    expect(site.stepsOf(claim).filter((step) => step !== 'readOrders')).toEqual([
      'awaitAvailable',
      'downloadArchive',
      'verifyCopy',
      'abandonArchive',
    ]);
  });
});
