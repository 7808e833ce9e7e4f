import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { SystemClock } from '#kit/clock.ts';
import { parsers, settingsOf } from '#kit/config.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import { announceRelease } from '#machinery/store/directory-lock.ts';
import { formatSettings, serverConfig, type ServerConfig } from '../server/config.ts';
import { dataDirectoryAt } from '../server/data-directory.ts';
import { demoFlags } from '../server/modules/demo/flags.ts';
import type { Platform } from '../server/platform.ts';
import { defineCommand } from './define-command.ts';
import { StartProgress } from './start-progress.ts';
import { NO_WORDS } from './verb.ts';
import { STOWAGE_VERSION } from './version.ts';

const flags = {
  ...serverConfig,
  printConfig: {
    flag: 'print-config',
    env: 'STOWAGE_PRINT_CONFIG',
    default: false,
    doc: 'print the settings that would be used, and stop',
    parse: parsers.boolean,
    isSwitch: true,
  },
} as const;

/** `stowage up`: what `npm start` runs. */
export const up = defineCommand({
  about: `Starts the platform on this machine: a Kubernetes API, a node that runs pods, volumes, and the console.
Prints where things are and then the word ready. Ctrl-C stops it, a second Ctrl-C at once; starting again finds everything as it was.
npm start -- FLAGS is the same in a checkout: the two dashes hand the flags over.`,
  examples: [
    ['stowage up --port 0 --data-dir /tmp/try', 'on any free port, in a folder of its own'],
    ['stowage up --nodes 3 --no-demo', 'three nodes, no sample application'],
  ],
  flags,
  words: NO_WORDS,
  run: async ({ env, print, signal }, { config }) => {
    refuseSwallowedFlags(env);
    if (config.printConfig) return print(formatSettings(config));
    const progress = new StartProgress({ clock: new SystemClock(), print });
    if (config.install) installSystemPackages();
    // why here: the other verbs, a further node's process among them, need not hold a whole platform in memory
    const { startPlatform } = await import('../server/platform.ts');
    const platform = await startPlatform(config, { version: STOWAGE_VERSION, onStep: (step) => progress.begin(step) });
    progress.end();
    for (const line of describePlatform(platform, config, env)) print(line);
    await untilAborted(signal);
    announceRelease(dataDirectoryAt(config.dataDir).store);
    print(config.keepPods ? 'stopping; pods keep running ...' : 'stopping ...');
    await platform.stop();
    print('stopped');
  },
});

/** npm takes flags that stand in front of its two dashes for its own, and hands them to its script as variables. @throws ConfigInvalid */
function refuseSwallowedFlags(env: Readonly<Record<string, string | undefined>>): void {
  if (env['npm_lifecycle_event'] !== 'start') return;
  for (const { flag } of Object.values(flags)) {
    const taken = env[`npm_config_${flag.replaceAll('-', '_')}`];
    if (taken === undefined) continue;
    const isOff = taken === '' || taken === 'false';
    const meant = isOff ? `--no-${flag}` : `--${flag}`;
    throw new ConfigInvalid(meant, `npm kept this flag for itself: put two dashes in front of all flags, as in npm start -- ${meant}`);
  }
}

function describePlatform(platform: Platform, config: ServerConfig, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { demo } = settingsOf(demoFlags, config);
  const hasDemo = demo && platform.limits.length === 0;
  return [
    `Stowage ${STOWAGE_VERSION}`,
    `  console     ${platform.consoleUrl}`,
    `  sign in     ${platform.signInUrl}  (once, within an hour; later with the token in ${platform.tokenPath})`,
    `  kubeconfig  ${platform.kubeconfigPath}`,
    `  data        ${config.dataDir}`,
    ...platform.limits.map((limit) => `  missing     ${limit}`),
    ...(demo ? ['  demo        namespace demo: the StatefulSet writer appends a line a second to a file on its claim'] : []),
    ...(isOnPath('kubectl', env) ? [] : ['  kubectl     is not on this PATH; the README says where it comes from']),
    `  paste       export KUBECONFIG=${quote(platform.kubeconfigPath)}`,
    `  try         ${hasDemo ? 'kubectl -n demo logs -f writer-0' : 'kubectl get pvc,pv,pods -A'}`,
    'ready',
  ];
}

/** A path that a shell reads as one word. */
function quote(file: string): string {
  return /^[\w./@%+=:,-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
}

function isOnPath(program: string, env: Readonly<Record<string, string | undefined>>): boolean {
  return (env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      // why: a folder without it is what is asked about
      return false;
    }
  });
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
