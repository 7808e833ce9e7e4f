import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';

/** What of one platform exists on the machine, seen from outside: nothing of it is asked of the platform itself. */
export interface MachineInventory {
  /** Backing files of attached loop devices, relative to the data directory. */
  readonly loopFiles: readonly string[];
  /** Mount points below the data directory, relative to it. */
  readonly mounts: readonly string[];
  /** Processes whose command line names the data directory or that work in it, other than the platform itself. */
  readonly processes: readonly string[];
  /** Volumes in the pool, each a directory with its image or its data. */
  readonly volumes: readonly string[];
  /** Snapshots in the pools, each a directory with its content; of a group one for all. */
  readonly snapshots: readonly string[];
  /** Folders of the pods that the node keeps. */
  readonly pods: readonly string[];
  /** UIDs of pods that have a network namespace. */
  readonly networks: readonly string[];
  /** Links of pods to their node's bridge, the ends of those between the bridges of nodes, and the bridges; none where the kernel has no such things. */
  readonly links: readonly string[];
  readonly joints: readonly string[];
  readonly bridges: readonly string[];
  /** UIDs of pods that have a cgroup. */
  readonly cgroups: readonly string[];
  /** Ids of the containers that the OCI runtime knows. */
  readonly containers: readonly string[];
  /** Directories of staged volumes. */
  readonly staged: readonly string[];
  /** What lies beside volumes in the pools, and half-written files of the nodes: of steps that were cut off. */
  readonly halves: readonly string[];
}

/** Looks at mounts, loop devices, processes and files. */
export async function inspectMachine(dataDir: string, platformPid = 0): Promise<MachineInventory> {
  return {
    loopFiles: await loopFiles(dataDir),
    mounts: mounts(dataDir),
    processes: processes(dataDir, platformPid),
    volumes: filesNamed(path.join(dataDir, 'pools'), /^pvc-[0-9a-f-]{36}$/),
    snapshots: pathsNamed(path.join(dataDir, 'pools'), /^snapshots\.json$/).map((file) => path.basename(path.dirname(file))),
    pods: filesNamed(path.join(dataDir, 'nodes'), /^[0-9a-f]{8}-[0-9a-f-]{27}$/),
    networks: nodesOf(dataDir).flatMap((node) => networksOf(dataDir, node)),
    links: linksOf(dataDir).filter((name) => !isJoint(name)),
    joints: linksOf(dataDir).filter(isJoint),
    bridges: nodesOf(dataDir).flatMap((node) => interfacesOf(dataDir, node).filter((name) => !name.includes('-'))),
    cgroups: nodesOf(dataDir).flatMap((node) => cgroupsOf(instanceOf(dataDir, node))),
    containers: nodesOf(dataDir).flatMap((node) => namesIn(path.join(runtimeOf(dataDir), node, 'runc'))),
    staged: nodesOf(dataDir).flatMap((node) => namesIn(path.join(dataDir, 'nodes', node, 'staging'))),
    halves: [
      ...filesNamed(path.join(dataDir, 'pools'), /^\.(creating|deleting)-|\.formatting-|\.tmp$/),
      ...filesNamed(path.join(dataDir, 'nodes'), /\.tmp$/),
    ],
  };
}

/** Names of the nodes that ever were. */
function nodesOf(dataDir: string): string[] {
  return namesIn(path.join(dataDir, 'nodes'));
}

/** Where sockets and the OCI runtime's state lie: named after a hash of the data directory. */
function runtimeOf(dataDir: string): string {
  return path.join('/run', `stowage-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
}

function networksOf(dataDir: string, node: string): string[] {
  const prefix = `${instanceOf(dataDir, node)}-`;
  return namesIn('/run/netns').flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

function linksOf(dataDir: string): string[] {
  return nodesOf(dataDir).flatMap((node) => interfacesOf(dataDir, node).filter((name) => name.includes('-')));
}

/** Pods have the smaller numbers: each is the last part of its address. */
function isJoint(name: string): boolean {
  return Number(name.slice(name.lastIndexOf('-') + 1)) > 254;
}

/** Interfaces are named after the same hash as namespaces, in fewer letters. */
function interfacesOf(dataDir: string, node: string): string[] {
  const instance = instanceOf(dataDir, node).slice('stowage-'.length);
  return namesIn('/sys/class/net').filter((name) => name === `stw${instance}` || name.startsWith(`sw${instance}-`));
}

/** What the names of a node's namespaces and cgroups start with: a hash of its directory. */
function instanceOf(dataDir: string, node: string): string {
  return `stowage-${createHash('sha256')
    .update(path.join(dataDir, 'nodes', node))
    .digest('hex')
    .slice(0, 8)}`;
}

function cgroupsOf(instance: string): string[] {
  const found = new Set<string>();
  for (const hierarchy of ['', ...namesIn('/sys/fs/cgroup')]) {
    for (const name of namesIn(path.join('/sys/fs/cgroup', hierarchy, instance)))
      if (name.startsWith('pod')) found.add(name.slice('pod'.length));
  }
  return [...found];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Ends and unmounts what a platform left behind, for the clean-up of tests. */
export async function removeLeftovers(dataDir: string): Promise<void> {
  const exec = new SystemExec();
  if (process.getuid?.() !== 0) return;
  await killAll(dataDir);
  for (const node of nodesOf(dataDir)) {
    await removeSandboxes(exec, instanceOf(dataDir, node));
    for (const name of interfacesOf(dataDir, node)) await exec.run(['ip', 'link', 'delete', name], { okCodes: [0, 1] });
  }
  // why before: a device in use goes with its last mount, and its file has another name once the pool is unmounted
  await detachAll(exec, dataDir);
  await unmountAll(exec, dataDir);
  await detachAll(exec, dataDir);
  rmSync(runtimeOf(dataDir), { recursive: true, force: true });
}

/** Again until none is left: what is killed may have started another just before. */
async function killAll(dataDir: string): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    const left = processes(dataDir, 0);
    if (left.length === 0) return;
    for (const line of left) {
      try {
        process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      } catch {
        // why: it may have ended meanwhile
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Leaves of a killed platform what a power cut leaves: no process, mount, device, namespace and nothing in /run, and runs that name another boot.
 * The kernel's boot id can't be changed, so what was written down of it is.
 */
export async function simulateReboot(dataDir: string): Promise<void> {
  await removeLeftovers(dataDir);
  for (const file of pathsNamed(path.join(dataDir, 'nodes'), /^run\.json$/)) {
    const record = readFileSync(file, 'utf8');
    writeFileSync(file, record.replace(/"bootId":"[^"]*"/, '"bootId":"earlier"'));
  }
}

async function unmountAll(exec: SystemExec, dataDir: string): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const left = mounts(dataDir);
    if (left.length === 0) return;
    for (const mount of [...left].reverse()) await exec.run(['umount', '-l', path.join(dataDir, mount)], { okCodes: [0, 1, 32] });
  }
}

async function detachAll(exec: SystemExec, dataDir: string): Promise<void> {
  const listed = await exec.run(['losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE'], { okCodes: [0, 1] });
  for (const line of listed.stdout.split('\n')) {
    const [device = '', file = ''] = line.trim().split(/\s+/);
    if (file.startsWith(dataDir)) await exec.run(['losetup', '-d', device], { okCodes: [0, 1] });
  }
}

/** Kills what runs in the node's cgroups, and removes them and the network namespaces. */
async function removeSandboxes(exec: SystemExec, instance: string): Promise<void> {
  for (const hierarchy of ['', ...namesIn('/sys/fs/cgroup')]) await removeCgroups(path.join('/sys/fs/cgroup', hierarchy, instance));
  for (const name of namesIn('/run/netns')) {
    if (name.startsWith(`${instance}-`)) await exec.run(['ip', 'netns', 'delete', name], { okCodes: [0, 1] });
  }
}

async function removeCgroups(dir: string): Promise<void> {
  for (const name of namesIn(dir)) await removeCgroups(path.join(dir, name));
  for (let round = 0; round < 20; round += 1) {
    try {
      for (const pid of readFileSync(path.join(dir, 'cgroup.procs'), 'utf8').split('\n'))
        if (pid !== '') process.kill(Number(pid), 'SIGKILL');
      rmdirSync(dir);
      return;
    } catch (error) {
      // why: a killed process needs a moment before it leaves its cgroup
      if (!isBusy(error)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EBUSY' || error.code === 'ESRCH');
}

async function loopFiles(dataDir: string): Promise<string[]> {
  const listed = await new SystemExec().run(['losetup', '--list', '--noheadings', '--output', 'BACK-FILE'], { okCodes: [0, 1] });
  return below(
    dataDir,
    listed.stdout.split('\n').map((line) => line.trim()),
  );
}

function mounts(dataDir: string): string[] {
  return below(
    dataDir,
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? ''),
  );
}

function below(dataDir: string, files: readonly string[]): string[] {
  return files.filter((file) => file.startsWith(`${dataDir}/`)).map((file) => path.relative(dataDir, file));
}

function processes(dataDir: string, platformPid: number): string[] {
  const found: string[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === platformPid || Number(entry) === process.pid) continue;
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const isOurs = words.includes(dataDir) || readlinkSync(`/proc/${entry}/cwd`).startsWith(`${dataDir}/`);
      if (isOurs && !words.includes('kubectl')) found.push(`${entry} ${words}`);
    } catch {
      // why: processes come and go while we look
    }
  }
  return found;
}

function filesNamed(folder: string, pattern: RegExp): string[] {
  return pathsNamed(folder, pattern).map((file) => path.basename(file));
}

function pathsNamed(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => pattern.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
