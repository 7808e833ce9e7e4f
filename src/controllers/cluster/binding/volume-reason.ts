import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { attributesClassOf, classOfClaim, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { capacityBytesOf, claimKeyOf, classOfVolume, hasAccessModes, isVolumeOfClaim } from '#api/storage/volume.ts';
import { formatBytes } from '#kit/quantity.ts';

/** Why `volume` can't become the volume of `claim`, in the order in which upstream asks; undefined where it can. Pure. */
export function whyVolumeUnfit(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  const isOurs = isVolumeOfClaim(volume, claim);
  if (volume.spec.claimRef !== undefined && !isOurs) return takenText(volume);
  const basics = whyBasicsUnfit(claim, volume);
  if (basics !== undefined || isOurs) return basics;
  if (volume.status?.phase !== 'Available') return `its phase is ${volume.status?.phase ?? 'unknown'}, not Available`;
  const { selector } = claim.spec;
  if (selector !== undefined && !matchesLabelSelector(selector, volume.metadata.labels))
    return `spec.selector of the claim does not match its labels (${labelText(volume)})`;
  if (classOfVolume(volume) !== classOfClaim(claim))
    return `its class is ${JSON.stringify(classOfVolume(volume))}, the claim asks for ${JSON.stringify(classOfClaim(claim))}`;
  return undefined;
}

function whyBasicsUnfit(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  if (capacityBytesOf(volume) < requestedBytesOf(claim))
    return `too small: it has ${formatBytes(capacityBytesOf(volume))}, the claim asks for ${formatBytes(requestedBytesOf(claim))}`;
  if (volumeModeOf(volume.spec) !== volumeModeOf(claim.spec))
    return `its volumeMode is ${volumeModeOf(volume.spec)}, the claim asks for ${volumeModeOf(claim.spec)}`;
  if (attributesClassOf(volume.spec) !== attributesClassOf(claim.spec))
    return `its volumeAttributesClassName is ${JSON.stringify(attributesClassOf(volume.spec))}, the claim asks for ${JSON.stringify(attributesClassOf(claim.spec))}`;
  if (volume.metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  const wanted = claim.spec.accessModes ?? [];
  if (hasAccessModes(volume, wanted)) return undefined;
  return `it offers ${(volume.spec.accessModes ?? []).join(', ')}, the claim asks for ${wanted.join(', ')}`;
}

function takenText(volume: PersistentVolume): string {
  const key = claimKeyOf(volume) ?? '';
  const { phase } = volume.status ?? {};
  if (phase === 'Released')
    return `Released: it still holds the data of the deleted claim ${key}; remove its spec.claimRef.uid and spec.claimRef.resourceVersion to offer it to a new claim ${key}`;
  return phase === 'Bound' ? `bound to the claim ${key}` : `reserved for the claim ${key}`;
}

function labelText({ metadata }: PersistentVolume): string {
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? 'it has none' : labels.join(', ');
}
