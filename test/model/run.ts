import { explore } from './explore';
import { MUTANTS } from './mutants';
import { PROTOCOL, type Rules } from './rules';
import { SCENARIOS, type ScenarioName } from './scenarios';

/** Explores all scenarios, with and without the assumption about settling, and all removed rules. Takes minutes. */
function main(): void {
  const names = Object.keys(SCENARIOS) as ScenarioName[];
  let [states, violations, effects] = [0, 0, 0];
  const exploreAll = (rules: Rules): void => {
    for (const name of names) {
      const found = explore(SCENARIOS[name], rules);
      states += found.states;
      effects += found.effects;
      if (found.violation === undefined) continue;
      violations += 1;
      tell(`${name}: ${found.violation}`, found.trace);
    }
  };
  exploreAll(PROTOCOL);
  exploreAll({ ...PROTOCOL, settling: false });

  let caught = 0;
  for (const [name, { change, first }] of Object.entries(MUTANTS)) {
    const ordered = [first, ...names.filter((other) => other !== first)];
    const isCaught = ordered.some(
      (scenario) => explore(SCENARIOS[scenario], { ...PROTOCOL, ...change }).violation !== undefined,
    );
    if (isCaught) caught += 1;
    else tell(`not caught: ${name}`);
  }
  const mutants = Object.keys(MUTANTS).length;
  process.stdout.write(
    `${JSON.stringify({ scenarios: names.length, states, effects, violations, mutants, caught })}\n`,
  );
  if (violations > 0 || caught < mutants) process.exitCode = 1;
}

function tell(line: string, trace: readonly string[] = []): void {
  process.stderr.write(`${[line, ...trace.map((step, k) => `      ${k + 1}. ${step}`)].join('\n')}\n`);
}

main();
