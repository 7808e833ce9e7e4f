import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { silentLogger } from '#kit/log.ts';
import { Mounter } from '#linux/mounter.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { type Behaviour, describeRuntimeContract, type RuntimeSubject } from '#testing/conformance/containers/contract.ts';
import { eventually } from '#testing/eventually.ts';
import { ensureBusyboxImage } from '../images/busybox-image.ts';
import type { Image } from '../images/image.ts';
import { cgroupHierarchies, removeCgroup, removeEmptyCgroup } from '../machine/cgroups.ts';
import { findProgram } from '../machine/machine.ts';
import { signalProcess } from '../machine/processes.ts';
import { NodePaths, type RunPaths } from '../node-paths.ts';
import { buildOciConfig } from './oci-config.ts';
import { RUN_FILES } from './run-state.ts';
import { RuncRuntime } from './runc-runtime.ts';

const exec = new SystemExec();
const mounter = new Mounter(exec);

function commandOf(behaviour: Behaviour): readonly string[] {
  switch (behaviour.kind) {
    case 'obeys':
      return ['sh', '-c', 'trap "exit 7" TERM; echo listening; while :; do sleep 0.05; done'];
    case 'ignores':
      return ['sleep', '3600'];
    case 'ends':
      return [
        'sh',
        '-c',
        `printf '%s' '${behaviour.message ?? ''}' >/dev/termination-log; printf '%s' '${behaviour.log ?? ''}'; exit ${behaviour.exitCode}`,
      ];
    case 'cannotStart':
      return ['/no/such/program'];
  }
}

function configOf(
  run: RunPaths,
  { image, command }: { readonly image: Image; readonly command: readonly string[] },
): Record<string, unknown> {
  const pod = aStoredPod({ command, spec: { hostNetwork: true } });
  const [container = { name: 'main' }] = pod.spec.containers;
  const words = join(run.dir, RUN_FILES.terminationLog);
  return buildOciConfig({
    pod,
    container,
    image,
    env: new Map(),
    mounts: [{ source: words, destination: '/dev/termination-log', isReadOnly: false, propagation: 'rprivate' }],
    devices: [],
    cgroup: run.cgroup,
    bounding: 0n,
    confinement: { hasCgroupNamespaces: false },
  });
}

async function start(): Promise<RuntimeSubject> {
  const dir = mkdtempSync(join(tmpdir(), 'stowage-runc-'));
  // why a file system of its own: layers of containers can't lie on a layer
  await exec.run(['mount', '-t', 'tmpfs', 'tmpfs', dir]);
  const paths = new NodePaths({ root: dir, runtime: join(dir, 'run') });
  const pod = paths.pod('11111111-2222-4333-8444-555555555555');
  const [runc, busybox] = await Promise.all([findProgram('runc'), findProgram('busybox')]);
  const image = await ensureBusyboxImage({ dir: paths.images, busyboxPath: busybox ?? '', exec });
  const make = (bootId: string) =>
    new RuncRuntime({ paths, exec, mounter, clock: new SystemClock(), log: silentLogger, runc, busybox, bootId });
  const runtime = make('one');
  const killAll = async (): Promise<void> => {
    for (const attempt of await runtime.attempts(pod, 'main')) {
      const { shimPid, state } = (await runtime.observeRun(pod.run('main', attempt))) ?? {};
      if (shimPid !== undefined) signalProcess(-shimPid, 'SIGKILL');
      if (state?.phase === 'running') signalProcess(state.pid, 'SIGKILL');
    }
  };
  return {
    runtime,
    pod,
    describe: async (run, behaviour) => ({ image, config: configOf(run, { image, command: commandOf(behaviour) }) }),
    listening: (run) => eventually(() => expect(readFileSync(join(run.dir, RUN_FILES.log), 'utf8')).toContain('listening'), 30_000),
    until: (check) => eventually(check, 30_000),
    restarted: () => make('one'),
    async rebooted() {
      await killAll();
      return make('two');
    },
    async dispose() {
      await killAll();
      await runtime.cleanUpAll(pod);
      await eventually(() => mounter.unmountBelow(dir));
      const hierarchies = cgroupHierarchies(await mounter.table());
      await eventually(() => removeCgroup(hierarchies, pod.cgroup));
      await removeEmptyCgroup(hierarchies, paths.cgroupRoot);
      rmSync(dir, { recursive: true });
    },
  };
}

describeRuntimeContract({ name: 'runc', needs: ['mount', 'runc', 'busybox'], start });
