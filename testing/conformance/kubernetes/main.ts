import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { spawn } from 'node:child_process';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { SystemExec } from '#kit/exec.ts';
import { isRecord } from '#kit/json.ts';
import { ensureKubectl } from '../../clients/kubectl.ts';
import { PlatformProcess } from '../../platform/platform-process.ts';
import { compare } from './compare/compare.ts';
import { ensureImages } from './images.ts';
import { ensureProgram } from './programs.ts';
import { judge, type Judgement, type Listed, readReport, tableOf } from './report.ts';

const HELP = `usage: npm run conformance [-- FOCUS] [FLAGS]
       npm run conformance -- compare [FOLDER | FILE ...] [FLAGS]

Runs the Kubernetes project's own e2e suite, unmodified, against a fresh platform. The programs are built from the Go module proxy the first time.

  FOCUS        a sig (storage, apps, node, auth, cli, api-machinery), external (the storage suites for local.stowage.dev), or a regular expression
               (default: the conformance tests of these sigs)
  --slow       those that are marked [Slow] too
  --procs N    how many run at a time (default: 3)
  --nodes N    how many nodes the fresh platform has (default: 2)
  --kubeconfig FILE  against this cluster instead of a fresh platform
  --out DIR    where the report and the log go (default: .cache/conformance)

compare sends the same requests to a platform and to a real kube-apiserver with etcd, and prints where they differ:
each document of the folders and files that are named, or well-formed objects with each field changed in turn, and then random ones.
  --seconds N  how long random requests are made (default: 60)
  --seed N     makes the same random requests again, and nothing before them`;

const SIGS = ['api-machinery', 'storage', 'apps', 'auth', 'node', 'cli'];
/** Disturbs what others run on, or is known to fail by chance. */
const NEVER = ['\\[Disruptive\\]', '\\[Flaky\\]'];
const HERE = import.meta.dirname;
const ROOT = path.join(HERE, '..', '..', '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    slow: { type: 'boolean' },
    procs: { type: 'string', default: '3' },
    nodes: { type: 'string', default: '2' },
    kubeconfig: { type: 'string' },
    out: { type: 'string', default: path.join(ROOT, '.cache', 'conformance') },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const print = (line: string): void => console.log(line);
const [focus, ...rest] = positionals;
if (values.help === true) print(HELP);
else if (focus === 'compare')
  process.exitCode = await compare({ sources: rest, seconds: Number(values.seconds), seed: values.seed, print });
else process.exitCode = await runSuite();

/** Runs what was asked for; answers the exit code. */
async function runSuite(): Promise<number> {
  const out = path.resolve(values.out);
  mkdirSync(out, { recursive: true });
  const programs = { ginkgo: await ensureProgram('ginkgo', print), suite: await ensureProgram('e2e.test', print) };
  const platform = values.kubeconfig === undefined ? await startPlatform() : undefined;
  try {
    const kubeconfig = platform?.kubeconfig ?? path.resolve(values.kubeconfig ?? '');
    await runGinkgo({ ...programs, kubeconfig, out });
    return tell(judge(readReport(readJson(path.join(out, 'report.json'))), readList()), out);
  } finally {
    await platform?.remove();
  }
}

async function startPlatform(): Promise<PlatformProcess> {
  const images = await ensureImages(print);
  print('starting a platform ...');
  const platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', values.nodes] });
  for (const { layout, names } of images)
    for (const name of names) {
      const { program, args } = stowageCommand(['image', 'load', layout, '--name', name, '--data-dir', platform.dataDir]);
      await new SystemExec().run([program, ...args], { timeoutMs: 120_000 });
    }
  return platform;
}

interface Run {
  readonly ginkgo: string;
  readonly suite: string;
  readonly kubeconfig: string;
  readonly out: string;
}

async function runGinkgo({ ginkgo, suite, kubeconfig, out }: Run): Promise<void> {
  const skip = [...NEVER, ...(values.slow === true ? [] : ['\\[Slow\\]'])].join('|');
  const flags = [`--procs=${values.procs}`, '--no-color', '--timeout=4h', '--keep-going', '--silence-skips', '--json-report=report.json'];
  const suiteFlags = [
    `--kubeconfig=${kubeconfig}`,
    `--kubectl-path=${await ensureKubectl()}`,
    '--provider=skeleton',
    `--num-nodes=${values.nodes}`,
    '--allowed-not-ready-nodes=-1',
    '--dump-logs-on-failure=false',
    '--disable-log-dump',
    ...(focus === 'external' ? [`--storage.testdriver=${path.join(HERE, 'local-driver.yaml')}`] : []),
  ];
  const argv = [...flags, `--output-dir=${out}`, `--focus=${pattern()}`, `--skip=${skip}`, suite, '--', ...suiteFlags];
  print(`running: ${pattern()} (the log is ${path.join(out, 'run.log')})`);
  await new Promise<void>((resolve, reject) => {
    const child = spawn('sh', ['-c', 'exec "$@" > run.log 2>&1', 'sh', ginkgo, ...argv], { cwd: out, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}

function pattern(): string {
  if (focus === undefined) return `\\[sig-(${SIGS.join('|')})\\].*\\[Conformance\\]`;
  if (focus === 'external') return 'External.Storage.*local\\.stowage\\.dev';
  return SIGS.includes(focus) ? `\\[sig-${focus}\\].*\\[Conformance\\]` : focus;
}

function tell(judgement: Judgement, out: string): number {
  const { failed, surprises, sigs } = judgement;
  for (const { name, why } of failed) print(`FAILED  ${name}\n        ${why.split('\n')[0] ?? ''}`);
  for (const { name } of surprises) print(`PASSED though listed in listed.json, take it out  ${name}`);
  for (const line of tableOf(judgement)) print(line);
  const total = [...sigs.values()].reduce((sum, { ran }) => sum + ran, 0);
  if (total === 0) print(`nothing ran: see ${path.join(out, 'run.log')}`);
  return failed.length + surprises.length === 0 && total > 0 ? 0 : 1;
}

function readList(): readonly Listed[] {
  const list = readJson(path.join(HERE, 'listed.json'));
  return (Array.isArray(list) ? list.filter(isRecord) : []).map(({ test, reason }) => ({ test: String(test), reason: String(reason) }));
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}
