import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { bundle } from './bundle/bundle.ts';
import { driverVerb } from './driver.ts';
import { explainVerb } from './explain.ts';
import { imageVerb } from './image.ts';
import { nodeVerb } from './node.ts';
import { recover } from './recover.ts';
import { up } from './up.ts';
import type { Verb } from './verb.ts';
import { version } from './version.ts';

const VERBS: readonly Verb[] = [up, explainVerb, recover, imageVerb, driverVerb, nodeVerb, bundle, version];

/** Runs one verb and sets the exit code: 0, or the row of the error's code in the one table. */
async function main(words: readonly string[]): Promise<void> {
  const [name = '--help', ...argv] = words;
  const verb = VERBS.find((candidate) => candidate.name === name);
  if (verb === undefined) {
    console.log(usage());
    if (name === '--help' || name === '-h' || name === 'help') return;
    throw new PlatformError({
      code: 'InvalidArgument',
      reason: 'UnknownVerb',
      message: `${JSON.stringify(name)} is no verb of stowage; the verbs are above`,
    });
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(verb.help);
    return;
  }
  await verb.run({ argv, env: process.env, print: (line) => console.log(line), signal: stopSignal() });
}

function usage(): string {
  const width = Math.max(...VERBS.map((verb) => verb.name.length));
  return [
    'usage: stowage VERB [FLAGS]',
    '',
    ...VERBS.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`),
    '',
    'stowage VERB --help tells more.',
  ].join('\n');
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort(name));
  return controller.signal;
}

/** Any long time. */
const ALIVE_MS = 2 ** 30;
// why: timers of the platform's clock never keep the process alive, so a start or a stop that only waits would end in the middle of it
const alive = setInterval(() => {}, ALIVE_MS);
try {
  await main(process.argv.slice(2));
} catch (thrown) {
  const error = PlatformError.from(thrown);
  console.error(`stowage: ${error.message}`);
  if (error.code === 'Unknown' && error.cause instanceof Error) console.error(error.cause.stack);
  process.exitCode = ERROR_CODES[error.code].exit;
} finally {
  clearInterval(alive);
}
