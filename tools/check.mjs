// `npm run check`: format, lint, layers, types, unused code, generated code, unit tests. Stops at the first that fails.
import path from 'node:path';
import { ensurePackages, root, run, runtime } from './bootstrap.mjs';

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
ensurePackages();
const steps = [
  ['format', [bin('oxfmt'), '--check', '.']],
  ['lint', [bin('oxlint'), '--deny-warnings']],
  ['layers', [bin('depcruise'), 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']],
  ['types', [bin('tsc'), '--noEmit']],
  ['types of the console', [bin('tsc'), '--noEmit', '-p', 'src/apps/console']],
  ['unused code', [bin('knip')]],
  ['generated code', ['npm', 'run', '--silent', 'generate']],
  ['generated code is committed', ['git', 'diff', '--exit-code', '--stat', '--', 'src/api/generated', 'src/protocols/csi/generated']],
  ['unit tests', [runtime, path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit', '--reporter=dot', '--silent']],
];
for (const [name, argv] of steps) {
  const startMs = Date.now();
  console.log(`check: ${name}`);
  run(argv, { FORCE_COLOR: '0' });
  console.log(`check: ${name}: ${((Date.now() - startMs) / 1000).toFixed(1)} s`);
}
