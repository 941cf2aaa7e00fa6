import { startTemporal } from '../support/temporal';

// A process of its own, so that a test can kill it: it starts a dev server, says which, and waits.
void startTemporal().then(({ pid }) => {
  process.stdout.write(`${pid}\n`);
  setInterval(() => undefined, 1_000);
});
