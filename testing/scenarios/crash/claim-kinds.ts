import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass, type ClassOverrides } from '#testing/builders/class.ts';
import { aVolume } from '#testing/builders/volume.ts';

/** The class that is deleted and made again while claims name it. */
export const FLEETING = 'fleeting';

const CLASSES: Readonly<Record<string, Omit<ClassOverrides, 'name'>>> = {
  ext4: {},
  xfs: { bindingMode: 'WaitForFirstConsumer', parameters: { 'csi.storage.k8s.io/fstype': 'xfs' } },
  directory: { parameters: { type: 'directory' } },
  kept: { reclaimPolicy: 'Retain' },
  late: { bindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Retain' },
  [FLEETING]: {},
};

/** A class of the campaign; on several nodes all volumes of a pod must be where the pod can go. */
export function classDraft(name: string, nodes: number): Draft<StorageClass> {
  const late = nodes > 1 ? { bindingMode: 'WaitForFirstConsumer' as const } : {};
  return aClass({ name, ...CLASSES[name], ...late, rest: { allowVolumeExpansion: true } });
}

/** All classes of the campaign. */
export const CLASS_NAMES = Object.keys(CLASSES);

/** How claims of the campaign come about. */
export const CLAIM_KINDS = ['ext4', 'ext4', 'xfs', 'directory', 'kept', 'late', FLEETING, 'block', 'hostPath', 'local'] as const;
/** One of these. */
export type ClaimKind = (typeof CLAIM_KINDS)[number];

/** mkfs.xfs makes nothing smaller. */
const SIZES: Partial<Record<ClaimKind, string>> = { xfs: '300Mi' };

/** The claim, with a size that leaves room to grow. */
export function claimDraft(kind: ClaimKind, key: { readonly name: string; readonly namespace: string }): Draft<PersistentVolumeClaim> {
  const size = SIZES[kind] ?? '16Mi';
  if (isStatic(kind)) return aClaim({ ...key, size, storageClassName: '', volumeName: staticName(key.name) });
  if (kind === 'block') return aClaim({ ...key, size, storageClassName: 'ext4', spec: { volumeMode: 'Block' } });
  return aClaim({ ...key, size, storageClassName: kind });
}

/** What is copied: volumes with an image of their own, in use or not. */
const COPIED: ReadonlySet<ClaimKind> = new Set(['ext4', 'xfs', 'block']);

/** True where claims of this kind are copied. */
export function isCopied(kind: ClaimKind): boolean {
  return COPIED.has(kind);
}

/** A claim that is to be a copy of another, as large as that was asked to be. */
export function copyDraft(
  key: { readonly name: string; readonly namespace: string },
  source: { readonly name: string; readonly kind: ClaimKind; readonly sizeMib: number },
): Draft<PersistentVolumeClaim> {
  const { spec, ...draft } = claimDraft(source.kind, key);
  const dataSource = { kind: 'PersistentVolumeClaim', name: source.name };
  return { ...draft, spec: { ...spec, dataSource, resources: { requests: { storage: `${source.sizeMib}Mi` } } } };
}

/** True where a person makes the volume. */
export function isStatic(kind: ClaimKind): kind is 'hostPath' | 'local' {
  return kind === 'hostPath' || kind === 'local';
}

/** The volume that a static claim names. */
export function staticName(claim: string): string {
  return `static-${claim}`;
}

/** A volume that a person makes, in a directory that is there. */
export function staticVolumeDraft(kind: 'hostPath' | 'local', claim: string, dir: string): Draft<PersistentVolume> {
  const name = staticName(claim);
  const volume = aVolume({ name, size: '16Mi' });
  if (kind === 'hostPath') return aVolume({ name, size: '16Mi', spec: { hostPath: { path: dir } } });
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] }];
  const { hostPath: _hostPath, ...spec } = volume.spec;
  return { ...volume, spec: { ...spec, local: { path: dir }, nodeAffinity: { required: { nodeSelectorTerms: terms } } } };
}
