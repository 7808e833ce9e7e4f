import type { ContainerStart } from './container-start.ts';
import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Container, VolumeMount } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import { type ApiAddress, ContainerConfigError, buildEnvironment } from '../containers/environment.ts';
import { ContainerNotMade, planConfinement } from '../containers/confinement.ts';
import type { ConfinementMeans } from '../machine/confinement-means.ts';
import { planCapabilities } from '../containers/capabilities.ts';
import { ephemeralOf } from '../containers/pod-containers.ts';
import { isDeeplyReadOnly, propagationOf } from '../containers/mount-access.ts';
import { expand, missingIn } from '../containers/expand.ts';
import type { NodeFacts } from '../containers/field-values.ts';
import { type BindMount, type BlockDevice, buildOciConfig } from '../containers/oci-config.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import type { ImagePulls, PulledImage } from '../images/image-pulls.ts';
import { limitProcesses, oomFile } from '../machine/cgroups.ts';
import type { Mounter } from '#linux/mounter.ts';
import { networkNamespacePath } from '../machine/network-namespaces.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { RunPaths } from '../node-paths.ts';
import { isPresent } from '#linux/small-files.ts';
import { ensureServed } from '../volumes/nfs.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';
import { imageGroupsOf, takeImages } from './start-images.ts';
import { bindSubPath, type SubPath } from '../volumes/sub-path.ts';
import { VolumeNotReady } from '../volumes/volume-error.ts';

/** What containers are started with. */
export interface ContainerStarterOptions {
  readonly runtime: Pick<ContainerRuntime, 'forgetOlderRuns' | 'observe' | 'start'>;
  readonly pulls: ImagePulls;
  readonly mounter: Mounter;
  readonly exec: Exec;
  readonly node: NodeFacts;
  /** Where pods on the host's network reach the API. */
  readonly apiAddress: () => ApiAddress | undefined;
  readonly network: Pick<PodNetwork, 'withAddress' | 'apiAddress'>;
  /** Capabilities that this node can hand out. */
  readonly bounding: bigint;
  readonly means: ConfinementMeans;
  /** Processes and threads of a pod at a time; undefined = as many as the machine has. */
  readonly podPidsLimit: number | undefined;
}

/** What became of a start: a run, or nothing yet because the image is being fetched. */
export type StartOutcome = ({ readonly kind: 'started' } & PulledImage) | { readonly kind: 'waits' };

/** Bits of a minor number in the kernel. */
const MINOR_BITS = 20;

/** Turns a container of a pod's specification into a run. */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /** Starts the container. @throws ImageNotAvailable, ContainerConfigError: the container waits with the error's reason */
  async start(start: ContainerStart): Promise<StartOutcome> {
    const { runtime, bounding, means, podPidsLimit: pidsLimit } = this.#options;
    const { paths, container, attempt } = start;
    const { network } = this.#options;
    const pod = network.withAddress(start.pod);
    const api = pod.spec.hostNetwork === true ? this.#options.apiAddress() : network.apiAddress();
    const taken = await takeImages(this.#options, start);
    if (taken === undefined) return { kind: 'waits' };
    const { pulled, imageVolumes } = taken;
    const { image } = pulled;
    const env = await buildEnvironment({ pod, container, node: this.#options.node, config: start.config, api });
    const run = paths.run(container.name, attempt);
    const capabilities = planCapabilities(container.securityContext, bounding);
    const confinement = { ...(await planConfinement({ pod, container, capabilities }, means)), pidsLimit };
    await runtime.forgetOlderRuns(paths, { container: container.name, attempt });
    const config = buildOciConfig({
      pod,
      container,
      image,
      env,
      mounts: [...image.hostPaths.map(hostMount), ...(await this.#mountsOf(start, { run, env, imageVolumes }))],
      devices: await devicesOf(start),
      processNamespacePath: await this.#targetOf(start),
      networkNamespacePath: pod.spec.hostNetwork === true ? undefined : networkNamespacePath(paths.networkNamespace),
      cgroup: run.cgroup,
      bounding,
      confinement,
      imageGroups: await imageGroupsOf(start, image),
    });
    await limitProcesses(await this.#options.mounter.table(), paths.cgroup, pidsLimit);
    const hasLimit = container.resources?.limits?.['memory'] !== undefined;
    await runtime.start({
      run,
      record: {
        attempt,
        restartCount: start.restartCount,
        backoffStep: start.backoffStep,
        image: container.image ?? '',
        imageId: image.id,
        stopSignal: container.lifecycle?.stopSignal ?? image.stopSignal,
        tellsLog: container.terminationMessagePolicy === 'FallbackToLogsOnError',
      },
      image,
      config,
      oomFile: hasLimit ? (oomFile(await this.#options.mounter.table(), run.cgroup) ?? '') : '',
      hasStdin: container.stdin === true,
      hasTerminal: container.tty === true,
      beforeSpawn: () => start.beforeSpawn(run),
    });
    return { kind: 'started', ...pulled };
  }

  /** The pod is gone: what was fetched for it is for nobody. */
  forget(uid: string): void {
    this.#options.pulls.forget(`${uid}/`);
  }

  async #mountsOf(
    start: ContainerStart,
    context: {
      readonly run: RunPaths;
      readonly env: ReadonlyMap<string, string>;
      readonly imageVolumes: ReadonlyMap<string, PreparedVolume>;
    },
  ): Promise<BindMount[]> {
    const { container, paths } = start;
    const mounts: BindMount[] = [
      { source: paths.hostsFile, destination: '/etc/hosts', isReadOnly: false, propagation: 'rprivate' },
      {
        source: join(context.run.dir, RUN_FILES.terminationLog),
        destination: container.terminationMessagePath ?? '/dev/termination-log',
        isReadOnly: false,
        propagation: 'rprivate',
      },
    ];
    if (await isPresent(paths.resolverFile))
      mounts.push({ source: paths.resolverFile, destination: '/etc/resolv.conf', isReadOnly: false, propagation: 'rprivate' });
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      const volume = volumeFor(mount, index, new Map([...start.volumes, ...context.imageVolumes]));
      // why: looking into it here would hold up the node, and starting on it a process that nothing can end
      await ensureServed(this.#options, volume.hostPath);
      const subPath = subPathOf(mount, context.env);
      const target = join(paths.subPaths, container.name, String(index));
      if (subPath !== '') await this.#bindPart({ volumeDir: volume.hostPath, subPath, target }, { mount, container });
      const table = mount.mountPropagation === undefined ? [] : await this.#options.mounter.table();
      mounts.push({
        source: subPath === '' ? volume.hostPath : target,
        destination: posix.join('/', mount.mountPath),
        isReadOnly: volume.isReadOnly || mount.readOnly === true,
        isDeeplyReadOnly: isDeeplyReadOnly(mount, this.#options.means),
        propagation: propagationOf(mount, subPath === '' ? volume.hostPath : target, table),
        without: mount.bindMountOptions,
      });
    }
    return mounts;
  }

  /** The processes of the container that one was added to look at. @throws ContainerNotMade where it does not run */
  async #targetOf({ pod, paths, container }: ContainerStart): Promise<string | undefined> {
    const target = ephemeralOf(pod, container.name)?.targetContainerName ?? '';
    if (target === '') return undefined;
    const latest = (await this.#options.runtime.observe(paths)).get(target)?.latest;
    if (latest?.state.phase === 'running') return `/proc/${latest.state.pid}/ns/pid`;
    throw new ContainerNotMade(`targetContainerName ${JSON.stringify(target)}: that container does not run`);
  }

  async #bindPart(part: SubPath, { mount, container }: { readonly mount: VolumeMount; readonly container: Container }): Promise<void> {
    try {
      await bindSubPath(this.#options, part);
    } catch (thrown) {
      if (!(thrown instanceof VolumeNotReady)) throw thrown;
      throw new ContainerConfigError(
        `failed to prepare subPath for volumeMount ${JSON.stringify(mount.name)} of container ${JSON.stringify(container.name)}: ${thrown.message}`,
      );
    }
  }
}

/** @throws ContainerConfigError where the pod has no such volume, or none with files in it */
function volumeFor(mount: VolumeMount, index: number, volumes: ReadonlyMap<string, PreparedVolume>): PreparedVolume {
  const volume = volumes.get(mount.name);
  if (volume === undefined)
    throw new ContainerConfigError(`volumeMounts[${index}].name: the pod has no volume ${JSON.stringify(mount.name)}`);
  if (volume.kind === 'device')
    throw new ContainerConfigError(`volume ${mount.name} has volumeMode Block: name it in volumeDevices instead of volumeMounts`);
  return volume;
}

/** @throws ContainerConfigError where subPathExpr names a variable that the container does not have */
function subPathOf({ subPath = '', subPathExpr }: VolumeMount, env: ReadonlyMap<string, string>): string {
  if (subPathExpr === undefined) return subPath;
  const missing = missingIn(subPathExpr, env);
  if (missing !== undefined)
    throw new ContainerConfigError(
      `cannot expand subPathExpr ${JSON.stringify(subPathExpr)}: missing value for ${JSON.stringify(missing)}`,
    );
  return expand(subPathExpr, env);
}

function hostMount(path: string): BindMount {
  return { source: path, destination: path, isReadOnly: true, propagation: 'rprivate' };
}

async function devicesOf({ container, volumes }: ContainerStart): Promise<BlockDevice[]> {
  const devices: BlockDevice[] = [];
  for (const device of container.volumeDevices ?? []) {
    const volume = volumes.get(device.name);
    if (volume?.kind !== 'device')
      throw new ContainerConfigError(`volumeDevices: volume ${JSON.stringify(device.name)} is not a claim with volumeMode Block`);
    const { rdev } = await stat(volume.hostPath);
    devices.push({ path: device.devicePath, ...splitDeviceNumber(rdev), isReadOnly: volume.isReadOnly });
  }
  return devices;
}

/** Major and minor of a device number in glibc's layout (makedev(3)). Pure. */
export function splitDeviceNumber(rdev: number): { readonly major: number; readonly minor: number } {
  const value = BigInt(rdev);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n);
  const minor = (value & 0xffn) | ((value >> 12n) & (((1n << BigInt(MINOR_BITS)) - 1n) & ~0xffn));
  return { major: Number(major), minor: Number(minor) };
}
