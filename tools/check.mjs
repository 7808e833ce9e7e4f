// `npm run check`: format, lint, layers, types, unused code, generated code, unit tests, as many at a time as there are cores.
// Ends at the first that fails, with what it said. Arguments go to the unit tests: `npm run check -- src/node`, or `-- --changed` for those
// that import what has changed since the last commit (and not those that read it, like the tests of the documents).
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ensurePackages, root, runtime } from '../src/apps/cli/bootstrap.mjs';

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const GENERATED = ['src/api/generated', 'src/protocols/csi/generated', 'src/protocols/snapshot-metadata/generated'];
/** The compiler remembers what it found in each file by its content, and looks again at what a change reaches. */
const incremental = (name) => ['--incremental', '--tsBuildInfoFile', path.join(root, '.cache', 'types', `${name}.tsbuildinfo`)];
/** Writes sources, so that nothing that reads them may run at the same time. */
const first = [
  { name: 'generated code', argv: ['npm', 'run', '--silent', 'generate'] },
  { name: 'generated code is committed', argv: ['git', 'diff', '--exit-code', '--stat', '--', ...GENERATED] },
];
/** The longest first, as the others run beside it. */
const rest = [
  {
    name: 'unit tests',
    argv: [
      runtime,
      path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project=unit*',
      '--reporter=dot',
      '--silent=true',
      ...process.argv.slice(2),
    ],
  },
  { name: 'format', argv: [bin('oxfmt'), '--check', '.'] },
  { name: 'lint', argv: [bin('oxlint'), '--deny-warnings'] },
  { name: 'types', argv: [bin('tsc'), '--noEmit', ...incremental('server')] },
  { name: 'types of the console', argv: [bin('tsc'), '--noEmit', '-p', 'src/apps/console', ...incremental('console')] },
  { name: 'layers', argv: [bin('depcruise'), 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'] },
  { name: 'unused code', argv: [bin('knip')] },
  { name: 'code that only tests use', argv: [bin('knip'), '--config', 'knip.product.json'] },
];

/** What runs now: ended with all that it started when another step fails. */
const running = new Set();

async function runStep({ name, argv: [program, ...args] }) {
  const startMs = Date.now();
  // why fewer rounds: `npm test` has the models run in full
  const env = { ...process.env, FORCE_COLOR: '0', STOWAGE_MODEL_ROUNDS: '1000' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      said.push(Buffer.from(`${program}: ${error.message}\n`));
      resolve(1);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  running.delete(child);
  const passed = code === 0;
  console.log(`check: ${name}: ${passed ? '' : 'FAILED after '}${((Date.now() - startMs) / 1000).toFixed(1)} s`);
  if (passed) return;
  process.stdout.write(Buffer.concat(said));
  end(code);
}

function end(code) {
  for (const child of running) {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // it has ended by itself
    }
  }
  process.exit(code);
}

async function runInTurn(steps) {
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) await runStep(step);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(1));
ensurePackages();
const startMs = Date.now();
await runInTurn(first);
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, () => runInTurn(rest)));
console.log(`check: all: ${((Date.now() - startMs) / 1000).toFixed(1)} s`);
