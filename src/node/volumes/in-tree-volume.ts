import type { PersistentVolume, Pod, Volume } from '#api/generated/kubernetes.ts';
import { pluginOfSource, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import { translateInlineVolume } from '#api/storage/in-tree/translate-volume.ts';
import { sourceOf } from '#api/storage/volume.ts';
import { md5 } from '#kit/md5.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A volume of a pod whose source was part of Kubernetes once, as the CSI driver knows it that took over; undefined for every other. Pure. */
export function migratedInlineVolume(pod: Pod, volume: Volume): PersistentVolume | undefined {
  const translated = translateInlineVolume(volume, pod.metadata.namespace ?? '', md5);
  if (translated === undefined) return undefined;
  const { driver, volumeHandle } = translated.csi;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    // why: no such object exists; its name tells people what is meant
    metadata: { name: `${driver}-${volumeHandle}`, uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: { ...translated, volumeMode: 'Filesystem' },
  };
}

/** What to say of a PersistentVolume whose source nobody here mounts. Pure. */
export function unmountable(volume: PersistentVolume): VolumeNotReady {
  const field = sourceOf(volume) ?? 'no source';
  const plugin = pluginOfSource(field);
  const advice = plugin === undefined ? 'supported are csi, nfs, hostPath and local' : replacementAdvice(plugin, 'volume');
  return new VolumeNotReady(`persistentvolume ${volume.metadata.name} is of ${field}, which this node can not mount: ${advice}`);
}

/** The same for a volume that a pod names itself. Pure. */
export function unmountableInline(volume: Volume, supported: string): VolumeNotReady {
  const field = Object.keys(volume).find((key) => key !== 'name') ?? 'no source';
  const plugin = pluginOfSource(field);
  const advice = plugin === undefined ? `supported are ${supported}` : `${replacementAdvice(plugin, 'volume')}, and use it by a claim`;
  return new VolumeNotReady(`volumes of kind ${field} are not supported on this node: ${advice}`);
}

/** What to say of a source whose driver is not here. Pure. */
export function driverAway(field: string, driver: string): VolumeNotReady {
  return new VolumeNotReady(
    `${field} volumes are served by the CSI driver ${driver}, which is not connected to this node: start it and add its socket (stowage driver add --socket PATH)`,
  );
}
