import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';
import { fetchOnce } from '../../clients/fetch-once.ts';

const PROGRAMS = path.join(import.meta.dirname, '..', '..', 'programs');
/** The version of Kubernetes whose programs are the judges; the same as in `testing/programs/kubernetes/go.mod`. */
export const KUBERNETES_VERSION = '1.36.3';
/** Cold, with one core for itself, the largest takes about ten minutes. */
const BUILD_TIMEOUT_MS = 3_600_000;

/** An unmodified program of the Go module proxy: where its module is described, and which package it is. */
interface Program {
  readonly sources: string;
  readonly package: string;
  /** `test` = a test binary (`go test -c`). */
  readonly kind: 'program' | 'test';
}

const KNOWN = {
  'e2e.test': { sources: 'kubernetes', package: 'k8s.io/kubernetes/test/e2e', kind: 'test' },
  ginkgo: { sources: 'kubernetes', package: 'github.com/onsi/ginkgo/v2/ginkgo', kind: 'program' },
  agnhost: { sources: 'kubernetes', package: 'k8s.io/kubernetes/test/images/agnhost', kind: 'program' },
  'kube-apiserver': { sources: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver', kind: 'program' },
  etcd: { sources: 'etcd', package: '.', kind: 'program' },
  'effective-uid': { sources: 'effective-uid', package: '.', kind: 'program' },
} as const satisfies Readonly<Record<string, Program>>;

/** A program that {@link ensureProgram} can build. */
export type ProgramName = keyof typeof KNOWN;

/** The path of a program, built into `.cache/` the first time. */
export async function ensureProgram(name: ProgramName, print: (line: string) => void): Promise<string> {
  const { sources, package: target, kind } = KNOWN[name];
  const folder = path.join(PROGRAMS, sources);
  const built = await fetchOnce(`go-${name}-${hashOf(folder)}`, async (into) => {
    print(`building ${name} (once; minutes) ...`);
    const build = kind === 'test' ? ['test', '-c', '-vet=off'] : ['build'];
    // why env: a program without C runs in any image
    const argv = ['env', 'CGO_ENABLED=0', 'go', ...build, '-trimpath', '-ldflags', LINKER_FLAGS, '-o', path.join(into, name), target];
    await new SystemExec().run(argv, { cwd: folder, timeoutMs: BUILD_TIMEOUT_MS });
  });
  return path.join(built, name);
}

/** The folder of a module of the proxy, for files that lie beside its sources. */
export async function moduleFolder(module: string): Promise<string> {
  const argv = ['go', 'list', '-m', '-f', '{{.Dir}}', module];
  return (await new SystemExec().run(argv, { cwd: path.join(PROGRAMS, 'kubernetes'), timeoutMs: BUILD_TIMEOUT_MS })).stdout.trim();
}

function hashOf(folder: string): string {
  const hash = createHash('sha256').update(LINKER_FLAGS);
  for (const file of readdirSync(folder).toSorted()) hash.update(readFileSync(path.join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}

/** Without these the programs call themselves v0.0.0-master, and refuse features of their own version. */
const LINKER_FLAGS = [
  '-s',
  '-w',
  ...Object.entries({
    'k8s.io/component-base/version.gitVersion': `v${KUBERNETES_VERSION}`,
    'k8s.io/component-base/version.gitMajor': KUBERNETES_VERSION.split('.')[0] ?? '',
    'k8s.io/component-base/version.gitMinor': KUBERNETES_VERSION.split('.')[1] ?? '',
    'k8s.io/component-base/version.gitTreeState': 'clean',
    'k8s.io/client-go/pkg/version.gitVersion': `v${KUBERNETES_VERSION}`,
  }).map(([variable, value]) => `-X ${variable}=${value}`),
].join(' ');
