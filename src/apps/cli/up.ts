import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { formatFlags, parseConfig } from '#kit/config.ts';
import { formatSettings, serverConfig, type ServerConfig } from '../server/config.ts';
import type { Platform } from '../server/platform.ts';
import type { Verb } from './verb.ts';
import { STOWAGE_VERSION } from './version.ts';

const HELP = `usage: stowage up [FLAGS]        (npm start -- [FLAGS])

Starts the platform on this machine: a Kubernetes API, a node that runs pods, volumes, and the console.
Prints where things are and then the word ready. Ctrl-C stops it; starting again finds everything as it was.

${formatFlags(serverConfig)}
  --print-config  print the settings that would be used, and stop
  --help          this text

Each flag may also be given as an environment variable (STOWAGE_DATA_DIR, STOWAGE_PORT, ...).`;

/** `stowage up`: what `npm start` runs. */
export const up: Verb = {
  name: 'up',
  summary: 'start the platform on this machine',
  help: HELP,
  run: async (context) => {
    const argv = context.argv.filter((word) => word !== '--print-config');
    const config = parseConfig(serverConfig, { argv, env: context.env });
    if (argv.length < context.argv.length) {
      context.print(formatSettings(config));
      return;
    }
    if (config.install) installSystemPackages();
    // why here: the other verbs, a further node's process among them, need not hold a whole platform in memory
    const { startPlatform } = await import('../server/platform.ts');
    const platform = await startPlatform(config, { version: STOWAGE_VERSION });
    for (const line of describePlatform(platform, config)) context.print(line);
    await untilAborted(context.signal);
    context.print(config.keepPods ? 'stopping; pods keep running ...' : 'stopping ...');
    await platform.stop();
    context.print('stopped');
  },
};

function describePlatform(platform: Platform, config: ServerConfig): readonly string[] {
  const kubectl = `kubectl --kubeconfig ${platform.kubeconfigPath}`;
  return [
    `Stowage ${STOWAGE_VERSION}`,
    `  console     ${platform.consoleUrl}`,
    `  sign in     ${platform.signInUrl}  (once, within an hour; later with the token in ${platform.tokenPath})`,
    `  kubeconfig  ${platform.kubeconfigPath}`,
    `  data        ${config.dataDir}`,
    ...platform.limits.map((limit) => `  missing     ${limit}`),
    ...(config.demo ? ['  demo        namespace demo: the StatefulSet writer appends a line a second to a file on its claim'] : []),
    `  try         ${config.demo && platform.limits.length === 0 ? `${kubectl} -n demo logs -f writer-0` : `${kubectl} get pvc,pv,pods -A`}`,
    'ready',
  ];
}

/** Installs what is missing of the system, where this is root on Debian or Ubuntu; prints each package. A failure is no reason not to start: the platform says what is missing. */
function installSystemPackages(): void {
  const script = path.join(import.meta.dirname, '..', '..', '..', 'tools', 'install-system-packages.sh');
  spawnSync(script, ['runtime'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    // why: the platform's own timers do not hold the process, so waiting for a signal must
    const hold = setInterval(() => {}, 60_000);
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(hold);
        resolve();
      },
      { once: true },
    );
  });
}
