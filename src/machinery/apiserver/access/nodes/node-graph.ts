import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import type { Store, StoreWatch } from '../../../store/store.ts';
import { followResource } from '../../objects/follow-resource.ts';
import { type Referenced, referenceKey, referencesOfPod, secretsOfPersistentVolume } from './references.ts';

interface KnownPod {
  /** Changes with everything that may change what the pod names. */
  readonly id: string;
  readonly nodeName: string;
  readonly references: readonly string[];
}

/**
 * Which objects have to do with which node: those that its pods name, the volumes of their claims, and what those name.
 * Kept up to date with each change; asking costs the volumes that name a secret at most.
 */
export class NodeGraph {
  readonly #pods = new Map<string, KnownPod>();
  /** By object, how many pods of each node name it. */
  readonly #users = new Map<string, Map<string, number>>();
  readonly #claimOfVolume = new Map<string, string>();
  readonly #secretsOfVolume = new Map<string, readonly string[]>();
  readonly #volumesOfSecret = new Map<string, Set<string>>();
  readonly #nodeOfAttachment = new Map<string, string>();
  readonly #watches: readonly StoreWatch[];

  constructor(store: Store) {
    this.#watches = [
      followResource(store, pods, (key, pod) => this.#setPod(formatKey(key), pod)),
      followResource(store, persistentVolumes, ({ name }, volume) => this.#setVolume(name, volume)),
      followResource(store, volumeAttachments, ({ name }, attachment) => {
        if (attachment === undefined) this.#nodeOfAttachment.delete(name);
        else this.#nodeOfAttachment.set(name, attachment.spec.nodeName);
      }),
    ];
  }

  /** True where the object has to do with the node. */
  leadsTo(
    nodeName: string,
    plural: Referenced | 'volumeattachments',
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): boolean {
    switch (plural) {
      case 'volumeattachments':
        return this.#nodeOfAttachment.get(name) === nodeName;
      case 'persistentvolumes':
        return this.#volumeLeadsTo(nodeName, name);
      case 'secrets': {
        const key = referenceKey(plural, namespace, name);
        const volumes = this.#volumesOfSecret.get(key) ?? [];
        return this.#isUsed(nodeName, key) || [...volumes].some((volume) => this.#volumeLeadsTo(nodeName, volume));
      }
      default:
        return this.#isUsed(nodeName, referenceKey(plural, namespace, name));
    }
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #isUsed(nodeName: string, key: string): boolean {
    return this.#users.get(key)?.has(nodeName) === true;
  }

  #volumeLeadsTo(nodeName: string, volumeName: string): boolean {
    const claim = this.#claimOfVolume.get(volumeName);
    return claim !== undefined && this.#isUsed(nodeName, claim);
  }

  #setPod(key: string, pod: Pod | undefined): void {
    const known = this.#pods.get(key);
    const next = pod === undefined ? undefined : idOf(pod);
    // why: nothing else of what a pod names can change once it has a node
    if (known !== undefined && next === known.id) return;
    for (const reference of known?.references ?? []) this.#count(reference, known?.nodeName ?? '', -1);
    this.#pods.delete(key);
    if (pod !== undefined && next !== undefined) this.#addPod(key, next, pod);
  }

  #addPod(key: string, id: string, pod: Pod): void {
    // why once each: a pod that names a thing twice is one user of it
    const next = { id, nodeName: pod.spec.nodeName ?? '', references: [...new Set(referencesOfPod(pod))] };
    this.#pods.set(key, next);
    for (const reference of next.references) this.#count(reference, next.nodeName, 1);
  }

  #count(reference: string, nodeName: string, by: 1 | -1): void {
    const users = this.#users.get(reference) ?? new Map<string, number>();
    const count = (users.get(nodeName) ?? 0) + by;
    if (count > 0) users.set(nodeName, count);
    else users.delete(nodeName);
    if (users.size > 0) this.#users.set(reference, users);
    else this.#users.delete(reference);
  }

  #setVolume(name: string, volume: PersistentVolume | undefined): void {
    this.#forgetVolume(name);
    const claim = volume?.spec.claimRef;
    if (volume === undefined || claim === undefined) return;
    this.#claimOfVolume.set(name, referenceKey('persistentvolumeclaims', claim.namespace ?? '', claim.name ?? ''));
    const secrets = secretsOfPersistentVolume(volume);
    if (secrets.length > 0) this.#secretsOfVolume.set(name, secrets);
    for (const secret of secrets) this.#volumesOfSecret.set(secret, (this.#volumesOfSecret.get(secret) ?? new Set()).add(name));
  }

  #forgetVolume(name: string): void {
    for (const secret of this.#secretsOfVolume.get(name) ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#secretsOfVolume.delete(name);
    this.#claimOfVolume.delete(name);
  }
}

/** Undefined for a pod that is on no node. */
function idOf({ metadata, spec: { nodeName = '', ephemeralContainers = [] } }: Pod): string | undefined {
  return nodeName === '' ? undefined : `${metadata.uid}/${nodeName}/${ephemeralContainers.length}`;
}
