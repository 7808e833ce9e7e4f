import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';
import { fetchOnce } from '../../clients/fetch-once.ts';
import { type ImageConfig, writeOciLayout } from './oci-layout.ts';
import { ensureProgram, KUBERNETES_VERSION, moduleFolder } from './programs.ts';

const REGISTRY = 'registry.k8s.io/e2e-test-images';

/** A stand-in: made of programs of this machine and of the module proxy, under the names that the suite asks for (test/utils/image/manifest.go). */
export interface StandIn {
  /** A folder with an OCI layout. */
  readonly layout: string;
  readonly names: readonly string[];
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  agnhost: [`${REGISTRY}/agnhost:2.63.0`, `${REGISTRY}/agnhost:2.55`],
  busybox: [`${REGISTRY}/busybox:1.37.0-1`],
  nautilus: [`${REGISTRY}/nautilus:1.8`],
  nginx: [`${REGISTRY}/nginx:1.15-4`, `${REGISTRY}/nginx:1.27-0`],
  nonewprivs: [`${REGISTRY}/nonewprivs:1.4`],
  nonroot: [`${REGISTRY}/nonroot:1.5`],
  pause: ['registry.k8s.io/pause:3.10.2'],
};

/** Stand-ins for the images that the suite runs, made into `.cache/` the first time. */
export async function ensureImages(print: (line: string) => void): Promise<readonly StandIn[]> {
  const agnhost = await ensureProgram('agnhost', print);
  const effectiveUid = await ensureProgram('effective-uid', print);
  const folder = await fetchOnce(`e2e-images-${KUBERNETES_VERSION}-4`, async (into) => {
    print('making images ...');
    await write(into, { name: 'busybox', config: { Cmd: ['sh'] }, fill: addShell });
    await write(into, { name: 'nonroot', config: { Cmd: ['sh'], User: '1234' } });
    const config = { Entrypoint: ['/agnhost'], Cmd: ['pause'] };
    await write(into, { name: 'pause', config: { ...config, User: '65535:65535' }, files: { agnhost } });
    const withAgnhost = { files: { agnhost }, fill: fillAgnhost };
    await write(into, { name: 'agnhost', config, ...withAgnhost });
    await write(into, { name: 'nginx', config: { Cmd: ['/agnhost', 'test-webserver'] }, ...withAgnhost });
    const pages = { Entrypoint: ['/agnhost'], Cmd: ['test-webserver'] };
    await write(into, { name: 'nautilus', config: pages, files: { agnhost }, fill: addPages });
    const nnp = { Entrypoint: ['/usr/local/bin/nnp'], User: '1000' };
    await write(into, { name: 'nonewprivs', config: nnp, files: { 'usr/local/bin/nnp': effectiveUid }, fill: (root) => setUserId(root) });
  });
  return Object.entries(NAMES).map(([name, names]) => ({ layout: path.join(folder, name), names }));
}

interface Made {
  readonly name: string;
  readonly config: ImageConfig;
  /** Programs, by where they stand. */
  readonly files?: Readonly<Record<string, string>>;
  readonly fill?: (root: string) => Promise<void> | void;
}

async function write(into: string, { name, config, files = {}, fill }: Made): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'image-'));
  try {
    await fillBusybox(root);
    for (const [place, program] of Object.entries(files)) {
      copyFileSync(program, path.join(root, place));
      chmodSync(path.join(root, place), 0o755);
    }
    await fill?.(root);
    await writeOciLayout(root, path.join(into, name), config);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const FOLDERS = [
  'bin',
  'sbin',
  'usr/bin',
  'usr/sbin',
  'usr/local/bin',
  'etc',
  'tmp',
  'root',
  'var/run',
  'home',
  'proc',
  'sys',
  'dev',
  'lib',
  'lib64',
];
const PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
`;
const GROUP = `root:x:0:
nogroup:x:65534:
`;
/** Whom only agnhost's image knows; in others a group 1000 is shown as the number. */
const AGNHOST_USER = 'user-defined-in-image:x:1000:1000::/home:/bin/sh\n';
const AGNHOST_GROUPS = 'user-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n';

async function fillBusybox(root: string): Promise<void> {
  chmodSync(root, 0o755);
  for (const folder of FOLDERS) mkdirSync(path.join(root, folder), { recursive: true, mode: 0o755 });
  chmodSync(path.join(root, 'tmp'), 0o1777);
  const busybox = realpathSync(await which('busybox'));
  copyFileSync(busybox, path.join(root, 'bin', 'busybox'));
  const { stdout } = await new SystemExec().run([busybox, '--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox'))
    symlinkSync('busybox', path.join(root, 'bin', applet));
  symlinkSync('../../bin/env', path.join(root, 'usr', 'bin', 'env'));
  writeFileSync(path.join(root, 'etc', 'passwd'), PASSWD);
  writeFileSync(path.join(root, 'etc', 'group'), GROUP);
}

/** The suite sets variables whose names Debian's busybox shell drops, and the original image's does not. */
async function addShell(root: string): Promise<void> {
  await addProgram(root, 'bash');
  const shell = path.join(root, 'bin', 'sh');
  if (!existsSync(path.join(root, 'bin', 'bash'))) return;
  rmSync(shell);
  symlinkSync('bash', shell);
}

/** What the suite calls inside of agnhost's image beside agnhost itself. */
async function fillAgnhost(root: string): Promise<void> {
  symlinkSync('agnhost', path.join(root, 'agnhost-2'));
  appendFileSync(path.join(root, 'etc', 'passwd'), AGNHOST_USER);
  appendFileSync(path.join(root, 'etc', 'group'), AGNHOST_GROUPS);
  mkdirSync(path.join(root, 'uploads'));
  const porter = path.join(await moduleFolder('k8s.io/kubernetes'), 'test', 'images', 'agnhost', 'porter');
  for (const file of ['localhost.crt', 'localhost.key']) {
    copyFileSync(path.join(porter, file), path.join(root, file));
    chmodSync(path.join(root, file), 0o644);
  }
  for (const program of ['bash', 'curl', 'ip', 'ss']) await addProgram(root, program);
}

/** The pages of the suite's own image, out of its sources. */
async function addPages(root: string): Promise<void> {
  const pages = path.join(await moduleFolder('k8s.io/kubernetes'), 'test', 'images', 'nautilus', 'html');
  for (const file of ['data.json', 'nautilus.jpg']) {
    copyFileSync(path.join(pages, file), path.join(root, file));
    chmodSync(path.join(root, file), 0o644);
  }
}

/** A program of this machine with the libraries that it loads; one that is not here is left out. */
async function addProgram(root: string, name: string): Promise<void> {
  const program = await which(name).catch(() => '');
  if (program === '') return;
  const place = path.join(root, 'bin', name);
  rmSync(place, { force: true });
  copyFileSync(realpathSync(program), place);
  const { stdout } = await new SystemExec().run(['ldd', program]);
  for (const [library] of stdout.matchAll(/\/[^\s:]+/g)) {
    const copy = path.join(root, library);
    if (existsSync(copy)) continue;
    mkdirSync(path.dirname(copy), { recursive: true });
    copyFileSync(realpathSync(library), copy);
  }
}

function setUserId(root: string): void {
  chmodSync(path.join(root, 'usr', 'local', 'bin', 'nnp'), 0o4755);
}

async function which(program: string): Promise<string> {
  return (await new SystemExec().run(['sh', '-c', `command -v ${program}`])).stdout.trim();
}
