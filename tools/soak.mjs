// `npm run soak`: the long campaigns. STOWAGE_CRASH_ROUNDS (default 1000) and STOWAGE_CRASH_SEED (printed, replays a failure) are read.
import path from 'node:path';
import { ensureConsole, ensurePackages, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
run(
  [
    runtime,
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    'scenarios',
    'testing/scenarios/crash.test.ts',
    '--testTimeout=86400000',
  ],
  {
    STOWAGE_CRASH_ROUNDS: process.env['STOWAGE_CRASH_ROUNDS'] ?? '1000',
  },
);
