import { formatBytes } from '#kit/quantity.ts';
import { type Words, words } from '../explanation.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { matchesLabelSelector } from '../meta/selector.ts';
import { attributesClassOf, classOfClaim, requestedBytesOf, volumeModeOf } from './claim.ts';
import { capacityBytesOf, claimKeyOf, classOfVolume, hasAccessModes, isVolumeOfClaim } from './volume.ts';

/** Why `volume` can't become the volume of `claim`, in the order in which upstream asks; undefined where it can. Pure. */
export function whyVolumeUnfit(claim: PersistentVolumeClaim, volume: PersistentVolume): Words | undefined {
  const isOurs = isVolumeOfClaim(volume, claim);
  if (volume.spec.claimRef !== undefined && !isOurs) return taken(volume);
  const basics = whyBasicsUnfit(claim, volume);
  if (basics !== undefined || isOurs) return basics;
  if (volume.status?.phase !== 'Available') return words('phaseIs', { phase: volume.status?.phase ?? 'unknown' });
  const { selector } = claim.spec;
  if (selector !== undefined && !matchesLabelSelector(selector, volume.metadata.labels)) return labelsDiffer(volume);
  if (classOfVolume(volume) !== classOfClaim(claim))
    return differ('classDiffers', quoted(classOfVolume(volume)), quoted(classOfClaim(claim)));
  return undefined;
}

function whyBasicsUnfit(claim: PersistentVolumeClaim, volume: PersistentVolume): Words | undefined {
  const [hasBytes, wantedBytes] = [capacityBytesOf(volume), requestedBytesOf(claim)];
  if (hasBytes < wantedBytes) return differ('tooSmall', formatBytes(hasBytes), formatBytes(wantedBytes));
  const [hasMode, wantedMode] = [volumeModeOf(volume.spec), volumeModeOf(claim.spec)];
  if (hasMode !== wantedMode) return differ('modeDiffers', hasMode, wantedMode);
  const [hasAttributes, wantedAttributes] = [attributesClassOf(volume.spec), attributesClassOf(claim.spec)];
  if (hasAttributes !== wantedAttributes) return differ('attributesDiffer', quoted(hasAttributes), quoted(wantedAttributes));
  if (volume.metadata.deletionTimestamp !== undefined) return words('isBeingDeleted');
  const wanted = claim.spec.accessModes ?? [];
  return hasAccessModes(volume, wanted)
    ? undefined
    : differ('accessDiffers', (volume.spec.accessModes ?? []).join(', '), wanted.join(', '));
}

function taken(volume: PersistentVolume): Words {
  const claim = claimKeyOf(volume) ?? '';
  const { phase } = volume.status ?? {};
  if (phase === 'Released') return words('released', { claim });
  return words(phase === 'Bound' ? 'boundTo' : 'reservedFor', { claim });
}

function labelsDiffer({ metadata }: PersistentVolume): Words {
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? words('noLabels') : words('labelsDiffer', { labels: labels.join(', ') });
}

type Difference = 'classDiffers' | 'tooSmall' | 'modeDiffers' | 'attributesDiffer' | 'accessDiffers';

function differ(code: Difference, has: string, wanted: string): Words {
  return words(code, { has, wanted });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
