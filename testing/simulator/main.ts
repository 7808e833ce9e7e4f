// `npm run simulate -- [--seed N] [--steps M] [--seconds S | --seeds K] [--stats] [--cases]`: the whole-system simulator, one seed after the other, or the cases that once broke.
import { registerHooks } from 'node:module';
import { parseArgs } from 'node:util';

const FILES = new URL('files-at-once.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:fs/promises' && /\/src\/(node|linux)\//.test(context.parentURL ?? '')
      ? { url: FILES, shortCircuit: true }
      : next(specifier, context),
});

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string' },
    seconds: { type: 'string' },
    seeds: { type: 'string' },
    stats: { type: 'boolean' },
    cases: { type: 'boolean' },
  },
});
// why only now: what is read from files from here on is read at once
const { simulate } = await import('./simulate.ts');
process.exit(await simulate(values));
