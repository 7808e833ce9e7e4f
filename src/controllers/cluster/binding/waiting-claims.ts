import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { attributesClassOf, classOfClaim, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { capacityBytesOf, classOfVolume, hasAccessModes } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { VolumeIndex } from './volume-index.ts';

/**
 * Claims that searched and found nothing, and the volumes that are offered to them: a volume that becomes free wakes one claim that it suits, not all.
 * No free volume is forgotten: a claim that was woken for a volume and took another hands it on to the next.
 * Memory is bounded by the claims that wait.
 */
export class WaitingClaims {
  readonly #index: VolumeIndex;
  readonly #volumes: Informer<PersistentVolume>;
  /** Class and mode → claim key → claim, longest waiting first. */
  readonly #waiting = new Map<string, Map<string, PersistentVolumeClaim>>();
  readonly #groupOf = new Map<string, string>();
  /** Claim key → names of the volumes that it was woken for. */
  readonly #offers = new Map<string, Set<string>>();
  #wake: (claimKey: string) => void = () => {};

  constructor(parts: {
    readonly claims: Informer<PersistentVolumeClaim>;
    readonly volumes: Informer<PersistentVolume>;
    readonly index: VolumeIndex;
  }) {
    this.#index = parts.index;
    this.#volumes = parts.volumes;
    // why after the index has subscribed: what it calls available must be up to date here; both live as long as the informers
    parts.volumes.subscribe({ onUpsert: (volume) => this.offer(volume) });
    parts.claims.subscribe({ onDelete: (claim) => this.settled(formatKey(keyOf(claim))) });
  }

  /** Where keys of claims to look at go; answers a disposer. */
  onWake(wake: (claimKey: string) => void): () => void {
    this.#wake = wake;
    return () => {
      this.#wake = () => {};
    };
  }

  /** Notes that `claim` has just searched in vain; in the same turn as the search, so that no volume slips through between. */
  wait(claim: PersistentVolumeClaim): void {
    const key = formatKey(keyOf(claim));
    this.#leave(key);
    // why: it saw the volumes that it was woken for, and they do not suit it or are in another's hands
    this.#offers.delete(key);
    const group = groupKey(classOfClaim(claim), volumeModeOf(claim.spec));
    const members = this.#waiting.get(group) ?? new Map<string, PersistentVolumeClaim>();
    members.set(key, claim);
    this.#waiting.set(group, members);
    this.#groupOf.set(key, group);
  }

  /** Notes that the claim needs no volume any more, or has one; what was offered to it and is still free goes to the next. */
  settled(claimKey: string): void {
    this.#leave(claimKey);
    const offered = this.#offers.get(claimKey) ?? [];
    this.#offers.delete(claimKey);
    for (const name of offered) {
      const volume = this.#volumes.get({ namespace: '', name });
      if (volume !== undefined) this.offer(volume);
    }
  }

  /** Wakes the longest waiting claim that `volume` suits, if the volume is free. */
  offer(volume: PersistentVolume): void {
    if (!this.#index.isAvailable(volume)) return;
    const members = this.#waiting.get(groupKey(classOfVolume(volume), volumeModeOf(volume.spec))) ?? [];
    for (const [key, claim] of members) {
      if (!suits(volume, claim)) continue;
      this.#leave(key);
      const offers = this.#offers.get(key) ?? new Set<string>();
      this.#offers.set(key, offers.add(volume.metadata.name));
      this.#wake(key);
      return;
    }
  }

  #leave(claimKey: string): void {
    const group = this.#groupOf.get(claimKey);
    if (group === undefined) return;
    this.#groupOf.delete(claimKey);
    const members = this.#waiting.get(group);
    members?.delete(claimKey);
    if (members?.size === 0) this.#waiting.delete(group);
  }
}

/** The rules of findMatchingVolume for one free volume of the claim's class and mode. */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { selector } = claim.spec;
  return (
    capacityBytesOf(volume) >= requestedBytesOf(claim) &&
    hasAccessModes(volume, claim.spec.accessModes ?? []) &&
    attributesClassOf(volume.spec) === attributesClassOf(claim.spec) &&
    (selector === undefined || matchesLabelSelector(selector, volume.metadata.labels))
  );
}

function groupKey(className: string, volumeMode: string): string {
  return `${volumeMode}/${className}`;
}
