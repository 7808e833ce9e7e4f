// `npm run simulate -- [--seed N] [--steps M] [--seconds S]`: the whole-system simulator; see testing/simulator/README.md.
import path from 'node:path';
import { ensurePackages, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
run([runtime, path.join(root, 'testing', 'simulator', 'main.ts'), ...process.argv.slice(2)]);
