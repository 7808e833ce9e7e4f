import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { SystemExec } from '#kit/exec.ts';
import { ensureKubectl, Kubectl } from '../clients/kubectl.ts';
import { removeLeftovers } from './machine-inventory.ts';

/** How long a start may take before a test gives up: far more than any start takes, so that a slow machine decides nothing. */
const START_TIMEOUT_MS = 120_000;

/** How a platform under test is started. */
export interface PlatformOptions {
  readonly flags?: readonly string[];
  /** Run as this user and group id, without root. */
  readonly userId?: number;
  /** Where its folder is made; the machine's folder for temporary files by default. */
  readonly folder?: string;
  /** An archive of a data directory (tar, gzip) to start on. */
  readonly archive?: string;
  /** `own`: the programs that it starts can be killed with it. */
  readonly processGroup?: 'own';
  /** A folder whose programs are found before those of the machine. */
  readonly programs?: string;
  /** The command line of another tree than this one. */
  readonly commandLine?: typeof stowageCommand;
}

/** A real platform in a process of its own, on a data directory that goes with the test. */
export class PlatformProcess {
  readonly dataDir: string;
  readonly #options: PlatformOptions;
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #output = '';
  #kubectlProgram = '';

  private constructor(dataDir: string, options: PlatformOptions) {
    this.dataDir = dataDir;
    this.#options = options;
  }

  /** Makes a data directory and starts a platform on it; resolves at the word ready. */
  static async start(options: PlatformOptions = {}): Promise<PlatformProcess> {
    const dataDir = mkdtempSync(path.join(options.folder ?? tmpdir(), 'stowage-test-'));
    if (options.userId !== undefined) chmodSync(dataDir, 0o777);
    const platform = new PlatformProcess(path.join(dataDir, 'data'), options);
    platform.#kubectlProgram = await ensureKubectl();
    if (options.archive !== undefined)
      await new SystemExec().run(['tar', '--extract', '--gzip', '--file', options.archive, '--directory', dataDir]);
    await platform.start();
    return platform;
  }

  /** Starts (again) on the same data, with `more` flags; resolves at the word ready. @throws Error with the output when it ends before */
  start(more: readonly string[] = []): Promise<void> {
    const flags = ['--data-dir', this.dataDir, '--port', '0', '--no-install', ...(this.#options.flags ?? []), ...more];
    const { program, args, env } = (this.#options.commandLine ?? stowageCommand)(['up', ...flags]);
    const command = [program, ...args];
    const userId = this.#options.userId;
    const argv = userId === undefined ? command : ['setpriv', `--reuid=${userId}`, `--regid=${userId}`, '--clear-groups', ...command];
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: this.#options.processGroup === 'own',
      env: {
        ...env,
        PATH: [this.#options.programs, process.env['PATH']].filter((part) => part !== undefined).join(':'),
        HOME: path.dirname(this.dataDir),
      },
    });
    this.#child = child;
    this.#output = '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready in time:\n${this.#output}`)), START_TIMEOUT_MS);
      const onData = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        if (/^ready$/m.test(this.#output)) {
          clearTimeout(timer);
          resolve();
        }
      };
      child.stdout.on('data', onData);
      child.stderr.on('data', onData);
      child.on('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the platform ended with ${code} before it was ready:\n${this.#output}`));
      });
    });
  }

  /** Everything it printed since the last start. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get kubeconfig(): string {
    return path.join(this.dataDir, 'kubeconfig');
  }

  /** The address that the kubeconfig names. */
  get url(): string {
    return /server: (\S+)/.exec(readFileSync(this.kubeconfig, 'utf8'))?.[1] ?? '';
  }

  get kubectl(): Kubectl {
    return new Kubectl({ program: this.#kubectlProgram, kubeconfig: this.kubeconfig, home: path.dirname(this.dataDir) });
  }

  /** Sends a signal and waits for the end; answers the exit code. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => {
      child.on('exit', (code) => resolve(code));
      child.kill(signal);
    });
  }

  /** Kills it with every program that it has started and that runs still; containers have groups of their own. Needs `processGroup: 'own'`. */
  async killGroup(): Promise<void> {
    const { pid } = this;
    const ended = this.end('SIGKILL');
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // why: it was alone in its group and is gone
    }
    await ended;
  }

  /** Kills it, because stopping waits for each pod's last words, and removes everything that is left on the machine. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await removeLeftovers(this.dataDir);
    rmSync(path.dirname(this.dataDir), { recursive: true, force: true });
  }
}
