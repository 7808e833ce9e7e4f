// `npm run soak -- [CAMPAIGN] [--rounds N] [--seconds N] [--seed N]`: the long campaigns. Each prints its seed; the same seed makes the same choices again.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureConsole, ensurePackages, ensureServer, fail, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

const CAMPAIGNS = {
  api: {
    summary: 'SIGKILL of the API under writers and watchers (rounds: 5000)',
    file: 'testing/scenarios/api-crash.test.ts',
    env: { STOWAGE_API_CRASH_ROUNDS: '5000' },
    rounds: 'STOWAGE_API_CRASH_ROUNDS',
    seconds: 'STOWAGE_API_CRASH_SECONDS',
    seed: 'STOWAGE_API_CRASH_SEED',
  },
  volumes: {
    summary: 'SIGKILL of the platform under claims and pods (rounds: 1000)',
    file: 'testing/scenarios/crash.test.ts',
    env: { STOWAGE_CRASH_ROUNDS: process.env.STOWAGE_CRASH_ROUNDS ?? '1000' },
    rounds: 'STOWAGE_CRASH_ROUNDS',
    seconds: 'STOWAGE_CRASH_SECONDS',
    seed: 'STOWAGE_CRASH_SEED',
  },
  plugins: {
    summary: 'SIGKILL of the platform while plugins come, change and go (rounds: 1000)',
    file: 'testing/scenarios/plugin-crash.test.ts',
    env: { STOWAGE_PLUGIN_CRASH_ROUNDS: '1000' },
    rounds: 'STOWAGE_PLUGIN_CRASH_ROUNDS',
    seconds: 'STOWAGE_PLUGIN_CRASH_SECONDS',
    seed: 'STOWAGE_PLUGIN_CRASH_SEED',
  },
  models: {
    summary: 'matching, binding and placement against models of the rules (rounds: 1000000)',
    files: [
      'src/controllers/cluster/binding/find-matching-volume.test.ts',
      'src/controllers/cluster/scheduling/scheduling-joint-placement.test.ts',
      'src/controllers/cluster/scheduling/scheduling-interleaving.test.ts',
    ],
    project: 'unit',
    env: { STOWAGE_MODEL_ROUNDS: '1000000' },
    rounds: 'STOWAGE_MODEL_ROUNDS',
    seed: 'STOWAGE_MODEL_SEED',
  },
  simulation: {
    summary: 'every part in one process, on a fake clock, with faults of all kinds (seconds: 3600)',
    file: 'testing/simulator/simulator.test.ts',
    project: 'contract',
    env: { STOWAGE_SIMULATION_SECONDS: '3600' },
    seconds: 'STOWAGE_SIMULATION_SECONDS',
    seed: 'STOWAGE_SIMULATION_SEED',
  },
  fuzz: {
    summary: 'hostile requests to the API (seconds: 3600)',
    file: 'testing/conformance/api/fuzz.test.ts',
    project: 'contract',
    env: { FUZZ_SECONDS: '3600' },
    seconds: 'FUZZ_SECONDS',
    seed: 'FUZZ_SEED',
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
const [name = 'volumes'] = positionals;
const campaign = CAMPAIGNS[name];
if (values.help || campaign === undefined) {
  console.log('usage: npm run soak -- [CAMPAIGN] [--rounds N | --seconds N] [--seed N]\n');
  for (const [each, { summary }] of Object.entries(CAMPAIGNS)) console.log(`  ${each.padEnd(12)}${summary}`);
  process.exit(values.help ? 0 : 2);
}
if (values.rounds !== undefined && values.seconds !== undefined) fail('--rounds and --seconds: give one of them');
const env = { ...campaign.env };
for (const [option, value] of Object.entries(values)) {
  if (campaign[option] === undefined) fail(`the campaign ${name} knows no --${option}`);
  if (!/^[1-9]\d{0,9}$/.test(value)) fail(`--${option} ${value}: must be a whole number of at least 1`);
  env[campaign[option]] = value;
  // why: a time that was asked for is not to be outdone by the rounds of the ordinary campaign
  if (option === 'seconds' && campaign.rounds !== undefined && values.rounds === undefined) env[campaign.rounds] = undefined;
}

ensurePackages();
ensureConsole();
ensureServer();
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const files = campaign.files ?? [campaign.file];
run(
  [runtime, vitest, 'run', '--project', campaign.project ?? 'scenarios', ...files, '--testTimeout=86400000', '--disableConsoleIntercept'],
  env,
);
