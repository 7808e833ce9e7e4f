import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { SystemExec } from '#kit/exec.ts';
import { ensureKubectl } from '../clients/kubectl.ts';
import { eventually } from '../eventually.ts';
import { removeLeftovers } from '../platform/machine-inventory.ts';
import { PlatformProcess } from '../platform/platform-process.ts';
import { describeWith } from '../requirements.ts';
import { applyPods, shell, waitForRunning } from './run-pods.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const exec = new SystemExec();
let folder = '';
let dataDir = '';
let started: ChildProcess | undefined;
let output = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stowage-test-'));
  dataDir = path.join(folder, 'data');
  output = '';
});

afterEach(async () => {
  started?.kill('SIGKILL');
  await removeLeftovers(dataDir);
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `npm start ARGS` as a supervisor does: a process of its own, whose number is npm's. */
async function npmStart(...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('npm', ['start', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: ownEnvironment() });
  started = child;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(() => {
    if (!/^ready$/m.test(output) && child.exitCode === null) throw new Error(`not ready:\n${output}`);
  }, 120_000);
  return child;
}

/** Without what npm tells the test's own process. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
}

function flags(): readonly string[] {
  return ['--', '--port', '0', '--no-install', '--no-demo', '--data-dir', dataDir];
}

async function stowage(...args: readonly string[]): Promise<string> {
  const { program, args: argv } = stowageCommand(args);
  return (await exec.run([program, ...argv], { timeoutMs: 60_000 })).stdout;
}

function serverPid(): number {
  return Number.parseInt(readFileSync(path.join(dataDir, 'store', 'store.pid'), 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('RUN-1: starting and stopping', () => {
  it.each([
    { name: 'SIGTERM to npm alone', signal: 'SIGTERM', says: /stopped/ },
    { name: 'SIGINT to npm alone', signal: 'SIGINT', says: /stopped/ },
    { name: 'SIGKILL of npm', signal: 'SIGKILL', says: /ready/ },
  ] as const)('ends with npm: $name', async ({ signal, says }) => {
    const npm = await npmStart(...flags());
    const pid = serverPid();
    process.kill(npm.pid ?? 0, signal);
    await eventually(() => {
      if (isAlive(pid)) throw new Error(`the server runs on:\n${output}`);
    });
    expect(output).toMatch(says);
    expect(await stowage('down', '--data-dir', dataDir)).toBe('nothing runs on this data directory\n');
  });

  it('stops by stowage down, and a line that it printed works in a shell', async () => {
    await npmStart(...flags());
    const pid = serverPid();
    const paste = /^ {2}paste +(.+)$/m.exec(output)?.[1] ?? '';
    const kubectl = await ensureKubectl();
    const { stdout } = await exec.run(['sh', '-c', `${paste}; ${kubectl} get storageclass local -o name`]);
    expect(stdout).toBe('storageclass.storage.k8s.io/local\n');
    const drivers: unknown = JSON.parse(await stowage('driver', 'list', '-o', 'json', '--data-dir', dataDir));
    expect(drivers).toMatchObject({
      drivers: [
        {
          name: 'local.stowage.dev',
          node: 'node-1',
          origin: 'built in',
          health: 'ready',
          version: /\d/,
          capabilities: expect.arrayContaining(['CREATE_DELETE_VOLUME']),
        },
      ].map((driver) => ({ ...driver, version: expect.stringMatching(driver.version) })),
      faults: [],
    });
    expect(await stowage('complete', '--', 'explain', '--data-dir', dataDir, '-n', 'kube-system', 'pvc/')).toBe('');
    expect(await stowage('down', '--data-dir', dataDir)).toMatch(/^stopped$/m);
    expect(isAlive(pid)).toBe(false);
  });

  it('tells of flags that npm kept for itself, and starts nothing', async () => {
    const npm = await npmStart('--no-demo', ...flags());
    await eventually(() => expect(npm.exitCode).toBe(64));
    expect(output).toContain(
      '--no-demo: npm kept this flag for itself: put two dashes in front of all flags, as in npm start -- --no-demo',
    );
  });

  it('leaves a folder with files of somebody else as it is', async () => {
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'thesis.tex'), 'x');
    const npm = await npmStart(...flags());
    await eventually(() => expect(npm.exitCode).not.toBeNull());
    expect(output).toMatch(/holds files that are not of a platform \(thesis\.tex\): nothing was touched/);
  });
});

describeWith(['root', 'runc', 'busybox'], 'RUN-1: stowage down', () => {
  it('may be called again while pods say their last words, which it does not cut off', async () => {
    const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    try {
      const said = path.join(folder, 'said');
      mkdirSync(said);
      await applyPods(platform.kubectl, {
        name: 'talker',
        volumes: [{ name: 'host', hostPath: { path: said } }],
        container: { volumeMounts: [{ name: 'host', mountPath: '/said' }] },
        command: shell('trap "sleep 4; echo bye > /said/last; exit" TERM; while :; do sleep 0.2; done'),
        spec: { terminationGracePeriodSeconds: 30 },
      });
      await waitForRunning(platform.kubectl, 'talker');
      await expect(stowage('down', '--data-dir', platform.dataDir, '--timeout', '1')).rejects.toThrow(/is still stopping after 1 s/);
      expect(existsSync(path.join(said, 'last'))).toBe(false);
      expect(await stowage('down', '--data-dir', platform.dataDir)).toMatch(/^stopped$/m);
      expect(readFileSync(path.join(said, 'last'), 'utf8')).toBe('bye\n');
      expect(platform.output).toMatch(/^stopped$/m);
      expect(await stowage('down', '--data-dir', platform.dataDir)).toBe('nothing runs on this data directory\n');
    } finally {
      await platform.remove();
    }
  });
});
