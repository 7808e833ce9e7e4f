import type { ClaimStatus } from '#api/claim-status.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { Event, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf, type KubeObject, parseKey } from '#api/meta/object.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { ConnectedDrivers } from '../../csi/driver-work/drivers.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterParts, EVERYWHERE } from './cluster-parts.ts';
import { pendingStatus } from './pending-status.ts';

/** A claim that waits for its volume, and what it waits for. */
export interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly status: ClaimStatus;
}

/** Told of changes; must not throw. */
export interface StatusListener {
  onUpsert(waiting: WaitingClaim): void;
  /** The claim of that uid waits no longer. */
  onDelete(uid: string): void;
}

/** What statuses are made from. */
export interface ClaimStatusesOptions {
  readonly parts: ClusterParts;
  /** All of it: who may know of a status is decided where it is handed out. */
  readonly cluster: Cluster;
  /** Tells when one that was away is there again. */
  readonly drivers: Pick<ConnectedDrivers, 'onBack'>;
  readonly clock: Clock;
}

/** Changes are collected for this long, in milliseconds: one thing that happens changes several objects. */
const BATCH_MS = 100;
/** Claims that are looked at before others get their turn. */
const SLICE = 200;

/**
 * The statuses of all claims that wait for their volumes, kept up to date change by change while somebody listens, and else not: a change costs a look at the
 * claims that it may matter to, found by the informers' indexes.
 */
export class ClaimStatuses {
  readonly #options: ClaimStatusesOptions;
  readonly #listeners = new Set<StatusListener>();
  /** By `namespace/name`. */
  readonly #waiting = new Map<string, WaitingClaim>();
  readonly #dirty = new Set<string>();
  #timer: Timer | undefined;
  #stops: readonly (() => void)[] = [];

  constructor(options: ClaimStatusesOptions) {
    this.#options = options;
  }

  /** Every one that is known so far. */
  all(): Iterable<WaitingClaim> {
    return this.#waiting.values();
  }

  /** Tells `listener` of every change from now on; answers a disposer. */
  subscribe(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    const { claims } = this.#options.parts;
    this.#stops = this.#follow();
    this.#mark(claims.byIndex('unsettled', EVERYWHERE).map(formatKeyOf));
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dirty.clear();
    this.#waiting.clear();
  }

  #follow(): readonly (() => void)[] {
    const { claims, classes, volumes, pods, events, csiNodes, nodes, attributesClasses } = this.#options.parts;
    const named = (index: string, value: string): readonly string[] => claims.byIndex(index, value).map(formatKeyOf);
    return [
      // why others: those that are to be copies of it
      this.#on(claims, (claim) => [formatKeyOf(claim), ...named('cloneSource', formatKeyOf(claim))]),
      this.#on(pods, claimKeysOfPod),
      this.#on(events, claimOfEvent),
      this.#on(classes, (storageClass) => [
        ...named('waitingClass', storageClass.metadata.name),
        ...(isDefaultClass(storageClass) ? named('waitingClass', '') : []),
      ]),
      this.#on(volumes, (volume) => [...named('volume', volume.metadata.name), ...claimOfVolume(volume)]),
      this.#on(csiNodes, ({ spec }, previous) =>
        changed(spec.drivers, previous?.spec.drivers).flatMap((driver) => named('provisioner', driver)),
      ),
      this.#on(nodes, ({ metadata }, previous) => (previous === undefined ? named('selectedNode', metadata.name) : [])),
      this.#options.drivers.onBack((driver) => this.#mark(named('provisioner', driver))),
      this.#on(attributesClasses, ({ metadata }) => named('attributesClass', metadata.name)),
    ];
  }

  #on<K extends KubeObject>(informer: Informer<K>, claimsNear: (object: K, previous?: K) => readonly string[]): () => void {
    return informer.subscribe({
      onUpsert: (object, previous) => this.#mark(claimsNear(object, previous)),
      onDelete: (object) => this.#mark(claimsNear(object)),
    });
  }

  #mark(keys: readonly string[]): void {
    for (const key of keys) this.#dirty.add(key);
    if (this.#dirty.size > 0) this.#timer ??= this.#options.clock.after(BATCH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    for (const key of this.#dirty.values().take(SLICE)) {
      this.#dirty.delete(key);
      this.#look(key);
    }
    if (this.#dirty.size > 0) this.#timer = this.#options.clock.after(0, () => this.#flush());
  }

  #look(key: string): void {
    const { parts, cluster } = this.#options;
    const found = parts.claims.get(parseKey(key));
    const claim = found !== undefined && isPending(found) ? found : undefined;
    const before = this.#beforeOf(key, claim);
    if (claim === undefined) return;
    const waiting = { claim, status: pendingStatus(claim, cluster) };
    if (before !== undefined && deepEqual(before.status, waiting.status)) return;
    this.#waiting.set(key, waiting);
    for (const listener of this.#listeners) listener.onUpsert(waiting);
  }

  /** What was known of that very claim; of one that waits no longer, or another of its name, it is told that it is over. */
  #beforeOf(key: string, claim: PersistentVolumeClaim | undefined): WaitingClaim | undefined {
    const before = this.#waiting.get(key);
    if (before === undefined || before.claim.metadata.uid === claim?.metadata.uid) return before;
    this.#waiting.delete(key);
    for (const listener of this.#listeners) listener.onDelete(before.claim.metadata.uid);
    return undefined;
  }
}

function isPending({ metadata, status }: PersistentVolumeClaim): boolean {
  return metadata.deletionTimestamp === undefined && (status?.phase ?? 'Pending') === 'Pending';
}

function claimOfEvent({ type, involvedObject: { kind, namespace = '', name = '' } }: Event): readonly string[] {
  return type === 'Warning' && kind === 'PersistentVolumeClaim' ? [formatKey({ namespace, name })] : [];
}

function claimOfVolume(volume: PersistentVolume): readonly string[] {
  const key = claimKeyOf(volume);
  return key === undefined ? [] : [key];
}

/** Names of drivers that came or went. */
function changed(now: readonly { readonly name: string }[], before: readonly { readonly name: string }[] = []): readonly string[] {
  const names = new Set(before.map(({ name }) => name));
  return [...names.symmetricDifference(new Set(now.map(({ name }) => name)))];
}
