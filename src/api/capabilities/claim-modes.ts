import type { PersistentVolumeClaim, StorageClass } from '../generated/kubernetes.ts';
import { volumeModeOf } from '../storage/claim.ts';
import { type ClassCapabilities, CLASS_ANNOTATIONS, modesOfClass } from './resolve.ts';

/** Why the class does not let a claim have its access modes (CLASS-11); undefined where it does. Pure. */
export function whyModeRefused(claim: PersistentVolumeClaim, storageClass: StorageClass): string | undefined {
  const allowed = modesOfClass(storageClass);
  const refused = allowed === undefined ? undefined : claim.spec.accessModes?.find((mode) => !allowed.some((one) => one === mode));
  if (allowed === undefined || refused === undefined) return undefined;
  const name = JSON.stringify(storageClass.metadata.name);
  return `storageclass ${name} allows ${allowed.join(', ')} (its annotation ${CLASS_ANNOTATIONS.accessMode}), and not ${refused}: ask for one that it allows, or use another class`;
}

/** What the claim asks for and its driver, by what is known of it, can't do: a warning, since whoever described it may be wrong. Pure. */
export function whyDoubtful(claim: PersistentVolumeClaim, capabilities: ClassCapabilities): string | undefined {
  const volumeMode = volumeModeOf(claim.spec);
  const { volumeModes, accessModes, blockAccessModes } = capabilities;
  if (volumeModes !== undefined && !volumeModes.value.some((mode) => mode === volumeMode))
    return `spec.volumeMode: ${JSON.stringify(volumeMode)} is not among ${volumeModes.value.join(', ')}, which ${said(volumeModes.origin)}`;
  const told = volumeMode === 'Block' ? blockAccessModes : accessModes;
  const missing = claim.spec.accessModes?.find((mode) => told !== undefined && !told.value.some((one) => one === mode));
  if (told === undefined || missing === undefined) return undefined;
  return `spec.accessModes: ${JSON.stringify(missing)} is not among ${told.value.join(', ')}, which ${said(told.origin)}`;
}

function said({ by, name }: { readonly by: 'driver' | 'configMap' | 'class'; readonly name: string }): string {
  if (by === 'driver') return `the driver ${name} can do`;
  return by === 'configMap' ? `the ConfigMap kube-public/${name} says of its driver` : `the storageclass ${name} allows`;
}
