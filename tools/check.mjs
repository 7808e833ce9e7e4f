// `npm run check`: format, lint, layers, types, unused code, generated code, unit tests. Stops at the first that fails.
import path from 'node:path';
import { ensurePackages, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
ensurePackages();
const steps = [
  { name: 'format', argv: [bin('oxfmt'), '--check', '.'] },
  { name: 'lint', argv: [bin('oxlint'), '--deny-warnings'] },
  { name: 'layers', argv: [bin('depcruise'), 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'] },
  { name: 'types', argv: [bin('tsc'), '--noEmit'] },
  { name: 'types of the console', argv: [bin('tsc'), '--noEmit', '-p', 'src/apps/console'] },
  { name: 'unused code', argv: [bin('knip')] },
  { name: 'generated code', argv: ['npm', 'run', '--silent', 'generate'] },
  {
    name: 'generated code is committed',
    argv: ['git', 'diff', '--exit-code', '--stat', '--', 'src/api/generated', 'src/protocols/csi/generated'],
  },
  {
    name: 'unit tests',
    argv: [runtime, path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit', '--reporter=dot', '--silent'],
  },
];
for (const { name, argv } of steps) {
  const startMs = Date.now();
  console.log(`check: ${name}`);
  // why fewer rounds: `npm test` has the models run in full
  run(argv, { FORCE_COLOR: '0', STOWAGE_MODEL_ROUNDS: '1000' });
  console.log(`check: ${name}: ${((Date.now() - startMs) / 1000).toFixed(1)} s`);
}
