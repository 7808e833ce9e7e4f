import { chmod, mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmptyDirVolumeSource, Pod, Volume } from '#api/generated/kubernetes.ts';
import { configMaps, csiDrivers, runtimeClasses, secrets, services } from '#api/resources.ts';
import { isNodeGrowthDue } from '#api/storage/growth.ts';
import { pluginOfDriver } from '#api/storage/in-tree/plugins.ts';
import { HOST_PATH_LINKS } from '#api/storage/names.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ConfigReader } from '../containers/environment.ts';
import type { NodeFacts } from '../containers/field-values.ts';
import { mountsBelow } from '#linux/mount-table.ts';
import type { Mounter } from '#linux/mounter.ts';
import type { PodPaths } from '../node-paths.ts';
import { isErrno, isPresent, listNames, readRecordIfAny, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { type BoundClaim, describeCsiVolume, getIfAny, readBoundClaim } from './claim-volume.ts';
import { collectConfigFiles, holdsSecrets } from './config-files.ts';
import { type CsiDrivers, type CsiTrace, type CsiUse, type CsiVolume, type CsiVolumes, nodeCapabilities } from './csi-volumes.ts';
import { applyFsGroup } from './fs-group.ts';
import { prepareHostPath, prepareRealHostPath } from './host-path.ts';
import type { PodTokens } from './pod-tokens.ts';
import { type PreparedVolume, preparedDirectory } from './prepared-volume.ts';
import type { NfsShare } from '#linux/nfs-mount.ts';
import { prepareNfs } from './nfs.ts';
import { driverAway, migratedInlineVolume, unmountable, unmountableInline } from './in-tree-volume.ts';
import { describeInlineVolume, type InlineSource } from './inline-volume.ts';
import { MOUNT } from './scratch-usage.ts';
import { AttachmentLimitExceeded, faultText, VolumeNotReady } from './volume-error.ts';
import type { VolumeGrowth } from './volume-growth.ts';
import { writeFiles } from './written-files.ts';

/** What pods' volumes are made with. */
export interface PodVolumesOptions {
  readonly client: Client;
  readonly exec: Exec;
  readonly mounter: Mounter;
  readonly csi: CsiVolumes;
  readonly growth: VolumeGrowth;
  readonly drivers: CsiDrivers;
  readonly node: NodeFacts;
  readonly tokens?: PodTokens | undefined;
}

/** The pod whose volumes are meant. */
export interface PodOnNode {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly signal: AbortSignal;
}

const RECORD = 'volume.json';
const SUPPORTED = 'persistentVolumeClaim, ephemeral, csi, nfs, emptyDir, hostPath, image, configMap, secret, downwardAPI and projected';

/** Sets a pod's volumes up and tears them down. What is needed to tear one down is on disk before it is set up. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  /** Uses of volumes whose driver can't grow them while they last; one entry per such use, gone with it. */
  readonly #postponed = new Set<string>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** Reads the pod's configuration objects. */
  configOf(pod: Pod): ConfigReader {
    const namespace = pod.metadata.namespace ?? '';
    return {
      services: async () => {
        const { items } = await this.#options.client.list(services, { namespace });
        // why without the API's own: pods reach the API another way, which other variables name
        return items.filter(({ metadata }) => namespace !== 'default' || metadata.name !== 'kubernetes');
      },
      configMap: (name) => getIfAny(this.#options.client, configMaps, { namespace, name }),
      secret: (name) => getIfAny(this.#options.client, secrets, { namespace, name }),
    };
  }

  /** The handler of a RuntimeClass; undefined where there is no such class. */
  async runtimeHandler(name: string): Promise<string | undefined> {
    return (await getIfAny(this.#options.client, runtimeClasses, { namespace: '', name }))?.handler;
  }

  /** Makes every volume of the pod ready, by name; what is ready already is left as it is. @throws VolumeNotReady for the first that fails, AttachmentLimitExceeded */
  async prepare(on: PodOnNode): Promise<Map<string, PreparedVolume>> {
    const prepared = new Map<string, PreparedVolume>();
    for (const volume of on.pod.spec.volumes ?? []) {
      // why not here: an image is fetched for the container that mounts it, and tells of it as of its own
      if (volume.image !== undefined) continue;
      try {
        const ready = await this.#prepareOne(on, volume);
        await this.#applyFsGroup(on.pod, ready);
        prepared.set(volume.name, ready);
      } catch (error) {
        if (error instanceof AttachmentLimitExceeded) throw error;
        const problem = PlatformError.from(error);
        throw problem.retry === 'never' || error instanceof PlatformError
          ? new VolumeNotReady(`MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${faultText(problem)}`, error)
          : error;
      }
    }
    return prepared;
  }

  /** Writes what changed of the files that the node makes from objects, and tokens in time, into volumes that containers use, and publishes anew what drivers want so. @throws VolumeNotReady for the first that fails */
  async refresh(on: PodOnNode): Promise<void> {
    for (const volume of on.pod.spec.volumes ?? []) {
      if (isWritten(volume)) await this.#prepareWritten(on, volume);
      else if (await this.#isRepublished(on.paths, volume.name)) await this.#republish(on, volume);
    }
  }

  /** Whether the driver that published the volume wants to do so again and again (CSIDriver `requiresRepublish`). */
  async #isRepublished(paths: PodPaths, name: string): Promise<boolean> {
    const published = await publishedVolume(paths, name);
    if (published === undefined) return false;
    const driver = await getIfAny(this.#options.client, csiDrivers, { namespace: '', name: published.driver });
    return driver?.spec.requiresRepublish === true;
  }

  async #republish(on: PodOnNode, source: Volume): Promise<void> {
    const isClaim = (source.persistentVolumeClaim ?? source.ephemeral) !== undefined;
    const ofClaim = isClaim ? await this.#describe(on, await readBoundClaim(this.#options.client, on.pod, source)) : undefined;
    const volume = source.csi === undefined ? ofClaim : await this.#describeInline(on.pod, source.name, source.csi);
    if (volume !== undefined) await this.#options.csi.republish(volume, useOf(on.paths, source.name), on.signal);
  }

  /** Grows the claims' volumes whose growth waits for this node, while the pod uses them. @throws PlatformError for the first that fails and may be tried again */
  async grow(on: PodOnNode): Promise<void> {
    for (const source of on.pod.spec.volumes ?? []) {
      if ((source.persistentVolumeClaim ?? source.ephemeral) === undefined) continue;
      const bound = await readBoundClaim(this.#options.client, on.pod, source);
      const use = useOf(on.paths, source.name);
      if (!isNodeGrowthDue(bound.claim) || this.#postponed.has(use.owner)) continue;
      const volume = await this.#describe(on, bound);
      if (volume === undefined) continue;
      const result = await this.#options.growth.finish({ pod: on.pod, bound, volume, use, signal: on.signal });
      if (result === 'postponed') this.#postponed.add(use.owner);
    }
  }

  /** Which answers of drivers the pod waits for right now, in words. */
  awaited(uid: string): readonly string[] {
    return this.#options.csi.awaited(`${uid}.`);
  }

  /** The pod is gone: its tokens are not needed any more. */
  forget(uid: string): void {
    this.#options.tokens?.forget(uid);
  }

  /** Unmounts and unpublishes everything of the pod; with `data: 'remove'` its scratch data goes too. Needs no API object. Idempotent. */
  async tearDown(paths: PodPaths, options: { readonly data: 'keep' | 'remove'; readonly signal: AbortSignal }): Promise<void> {
    await this.#options.mounter.unmountBelow(paths.subPaths);
    for (const name of await listNames(paths.volumes)) {
      const dir = paths.volume(name);
      const record = await readRecordIfAny(join(dir, RECORD));
      const driver = record?.['driver'];
      const volumeHandle = record?.['volumeHandle'];
      if (typeof driver === 'string' && typeof volumeHandle === 'string') {
        await this.#options.mounter.unmountInside(useOf(paths, name).targetPath);
        await this.#options.csi.unpublish({ driver, volumeHandle }, useOf(paths, name), options.signal);
        this.#postponed.delete(useOf(paths, name).owner);
      } else {
        await this.#options.mounter.unmountBelow(dir);
      }
      if (options.data === 'remove' || driver !== undefined) await this.#removeDir(dir);
    }
  }

  /** Never deletes through a mount. */
  async #removeDir(dir: string): Promise<void> {
    const [mount] = mountsBelow(await this.#options.mounter.table(), dir);
    if (mount !== undefined) throw new VolumeNotReady(`${mount.mountPoint} is still mounted; the volume is torn down again later`);
    await removeMountPoint(join(dir, MOUNT));
    await removeTree(dir);
  }

  async #prepareOne(on: PodOnNode, volume: Volume): Promise<PreparedVolume> {
    if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined) return this.#prepareClaim(on, volume);
    if (volume.csi !== undefined) return this.#prepareInline(on, volume.name, volume.csi);
    if (volume.hostPath !== undefined)
      return refusesLinks(on.pod) ? prepareRealHostPath(volume.hostPath) : prepareHostPath(volume.hostPath);
    if (volume.nfs !== undefined)
      return this.#prepareNfs(on, volume.name, { ...volume.nfs, isReadOnly: volume.nfs.readOnly === true, mountOptions: [] });
    if (volume.emptyDir !== undefined) return this.#prepareEmptyDir(on.paths.volume(volume.name), volume.emptyDir);
    return (await this.#prepareWritten(on, volume)) ?? this.#prepareInTree(on, volume);
  }

  /** Undefined where the volume is of another kind. */
  async #prepareWritten(on: PodOnNode, volume: Volume): Promise<PreparedVolume | undefined> {
    const { node, tokens } = this.#options;
    const files = await collectConfigFiles({ pod: on.pod, config: this.configOf(on.pod), node, tokens }, volume);
    if (files === undefined) return undefined;
    const mount = join(on.paths.volume(volume.name), MOUNT);
    // why tmpfs: what a secret says must not reach a disk (core/v1 SecretVolumeSource)
    if (holdsSecrets(volume)) await this.#options.mounter.ensureMemory({ path: mount, mode: 0o755 });
    await writeFiles(mount, files, on.pod.spec.securityContext?.fsGroup);
    return preparedDirectory(mount, { isReadOnly: true });
  }

  async #prepareEmptyDir(dir: string, { medium = '', sizeLimit = '0', mode }: EmptyDirVolumeSource): Promise<PreparedVolume> {
    const mount = join(dir, MOUNT);
    if (medium !== '' && medium !== 'Memory')
      throw new VolumeNotReady(`emptyDir medium ${JSON.stringify(medium)} is not supported on this node; use "" (disk) or "Memory"`);
    if (medium === 'Memory') {
      const sizeBytes = sizeLimit === '0' ? undefined : bytesOf(sizeLimit);
      await this.#options.mounter.ensureMemory({ path: mount, mode: mode ?? 0o1777, sizeBytes });
    } else {
      // why 0777: kubelet empty_dir.go
      await ensureScratch(mount, mode ?? 0o777);
    }
    return preparedDirectory(mount, { takesFsGroup: true });
  }

  async #prepareClaim(on: PodOnNode, source: Volume): Promise<PreparedVolume> {
    const bound = await readBoundClaim(this.#options.client, on.pod, source);
    const { spec } = bound.volume;
    if (spec.hostPath !== undefined) return { ...(await prepareHostPath(spec.hostPath)), isReadOnly: bound.isReadOnly };
    if (spec.local !== undefined)
      return { ...(await prepareHostPath({ path: spec.local.path, type: 'Directory' })), isReadOnly: bound.isReadOnly, takesFsGroup: true };
    if (spec.nfs !== undefined) {
      const isReadOnly = bound.isReadOnly || spec.nfs.readOnly === true;
      return this.#prepareNfs(on, source.name, { ...spec.nfs, isReadOnly, mountOptions: spec.mountOptions ?? [] });
    }
    return this.#publishClaim(on, source, bound);
  }

  #prepareNfs({ paths }: PodOnNode, name: string, share: NfsShare): Promise<PreparedVolume> {
    return prepareNfs(this.#options, share, join(paths.volume(name), MOUNT));
  }

  async #publishClaim(on: PodOnNode, source: Volume, bound: BoundClaim): Promise<PreparedVolume> {
    const { growth } = this.#options;
    const { spec } = bound.volume;
    const volume = await this.#describe(on, bound);
    if (volume === undefined) throw unmountable(bound.volume);
    const plugin = pluginOfDriver(volume.driver)?.source;
    if (plugin !== undefined && this.#options.drivers(volume.driver) === undefined) throw driverAway(plugin, volume.driver);
    const use = await this.#publish(on, source.name, volume);
    await growth.finish({ pod: on.pod, bound, volume, use, signal: on.signal });
    const kind = spec.volumeMode === 'Block' ? 'device' : 'directory';
    return preparedDirectory(use.targetPath, { kind, isReadOnly: volume.isReadOnly, takesFsGroup: volume.takesFsGroup });
  }

  /** A source that was part of Kubernetes once, by the driver that took over. */
  async #prepareInTree(on: PodOnNode, source: Volume): Promise<PreparedVolume> {
    const migrated = migratedInlineVolume(on.pod, source);
    const field = Object.keys(source).find((key) => key !== 'name') ?? '';
    const driver = migrated?.spec.csi?.driver;
    if (migrated === undefined || driver === undefined) throw unmountableInline(source, SUPPORTED);
    if (this.#options.drivers(driver) === undefined) throw driverAway(field, driver);
    const volume = await this.#describe(on, { volume: migrated, isReadOnly: false });
    if (volume === undefined) throw unmountableInline(source, SUPPORTED);
    const { targetPath } = await this.#publish(on, source.name, { ...volume, isMigrated: true });
    return preparedDirectory(targetPath, { isReadOnly: volume.isReadOnly, takesFsGroup: volume.takesFsGroup });
  }

  async #prepareInline(on: PodOnNode, name: string, source: InlineSource): Promise<PreparedVolume> {
    const volume = await this.#describeInline(on.pod, name, source);
    const { targetPath } = await this.#publish(on, name, volume);
    return preparedDirectory(targetPath, { isReadOnly: volume.isReadOnly, takesFsGroup: volume.takesFsGroup });
  }

  /** What undoes it is on disk before the driver is asked. */
  async #publish(on: PodOnNode, name: string, volume: CsiVolume): Promise<CsiUse> {
    const trace = { driver: volume.driver, volumeHandle: volume.volumeHandle };
    await mkdir(on.paths.volume(name), { recursive: true, mode: 0o700 });
    await writeTextAtomic(join(on.paths.volume(name), RECORD), JSON.stringify(trace));
    const use = useOf(on.paths, name);
    await this.#options.csi.publish(volume, use, on.signal);
    return use;
  }

  #describeInline(pod: Pod, name: string, source: InlineSource): Promise<CsiVolume> {
    return describeInlineVolume(this.#options.client, pod, { name, source, tokens: this.#options.tokens });
  }

  /** Undefined where the volume is of another kind. */
  async #describe({ pod, signal }: PodOnNode, bound: Pick<BoundClaim, 'volume' | 'isReadOnly'>): Promise<CsiVolume | undefined> {
    const { client, drivers } = this.#options;
    const driver = bound.volume.spec.csi === undefined ? undefined : drivers(bound.volume.spec.csi.driver);
    const capabilities = driver === undefined ? new Set<string>() : await nodeCapabilities(driver, signal);
    return describeCsiVolume(client, bound, { pod, capabilities, tokens: this.#options.tokens });
  }

  async #applyFsGroup({ spec: { securityContext } }: Pod, volume: PreparedVolume): Promise<void> {
    const gid = securityContext?.fsGroup;
    if (gid === undefined || !volume.takesFsGroup) return;
    const policy = securityContext?.fsGroupChangePolicy ?? 'Always';
    await applyFsGroup(this.#options.exec, { dir: volume.hostPath, gid, policy, isReadOnly: volume.isReadOnly });
  }
}

/**
 * Removes an empty place for a mount by itself: a mount that comes late (an NFS server that answers after its command was given up) is then refused by
 * the kernel, or seen here, and its files are not taken for the volume's own.
 */
async function removeMountPoint(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (isErrno(error, 'EBUSY')) throw new VolumeNotReady(`${path} is mounted again; the volume is torn down again later`, error);
    if (!isErrno(error, 'ENOENT', 'ENOTEMPTY', 'ENOTDIR')) throw error;
  }
}

/** Makes the directory. One that is there keeps the permissions that the pod gave it. */
async function ensureScratch(dir: string, mode: number): Promise<void> {
  if (await isPresent(dir)) return;
  const building = `${dir}.building`;
  await mkdir(building, { recursive: true, mode: 0o700 });
  // why chmod: the mode of mkdir is cut by the umask
  await chmod(building, mode);
  await rename(building, dir);
}

function refusesLinks({ metadata }: Pod): boolean {
  return metadata.annotations?.[HOST_PATH_LINKS] === 'refuse';
}

/** True where the node writes the files of the volume. */
function isWritten({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return (configMap ?? secret ?? downwardAPI ?? projected) !== undefined;
}

function useOf(paths: PodPaths, volumeName: string): CsiUse {
  return { owner: `${paths.uid}.${volumeName}`, targetPath: join(paths.volume(volumeName), MOUNT) };
}

/** What a pod's volume was published from and where; undefined where no driver published it. */
export async function publishedVolume(paths: PodPaths, volumeName: string): Promise<(CsiTrace & Pick<CsiUse, 'targetPath'>) | undefined> {
  const record = await readRecordIfAny(join(paths.volume(volumeName), RECORD));
  const driver = record?.['driver'];
  const volumeHandle = record?.['volumeHandle'];
  if (typeof driver !== 'string' || typeof volumeHandle !== 'string') return undefined;
  return { driver, volumeHandle, targetPath: useOf(paths, volumeName).targetPath };
}
