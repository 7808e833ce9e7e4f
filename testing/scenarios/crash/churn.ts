import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { PodTemplateSpec, StatefulSet, StatefulSetSpec, Volume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { namespaces, pods, persistentVolumeClaims, persistentVolumes, statefulSets, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { ApiTimedOut, ApiUnreachable } from '#machinery/client/transport.ts';
import { aStatefulSet } from '#testing/builders/workloads.ts';
import { type Roll, pick } from '#testing/fuzz/random-json.ts';
import {
  CLAIM_KINDS,
  CLASS_NAMES,
  type ClaimKind,
  claimDraft,
  classDraft,
  copyDraft,
  FLEETING,
  isCopied,
  isStatic,
  staticName,
  staticVolumeDraft,
} from './claim-kinds.ts';
import type { Records } from './records.ts';
import { type WrittenVolume, writingPodSpec } from './writing-pod.ts';

/** Where claims and pods of the campaign lie, but for those of the namespaces that come and go. */
export const NAMESPACE = 'churn';
/** Writers at a time. */
const WRITERS = 4;
/** Most claims that exist at a time beside those of StatefulSets, so that a run stays small. */
const MOST = 8;
/** Of claims whose creation or deletion a kill cut off; more are deleted, for each gets a pod in the end, and a node takes 110. */
const MOST_STRAYS = 12;
const GROWTH_MIB = 8;
/** core/v1 refuses to grow a claim that is not bound, or bound to a volume of no class. */
const GROWTH_REFUSALS = ['PermissionDenied', 'FailedPrecondition', 'InvalidArgument', 'Aborted', 'NotFound'] as const;

/** A claim whose creation was acknowledged and whose deletion was not asked for. */
export interface KnownClaim {
  readonly name: string;
  readonly uid: string;
  readonly kind: ClaimKind;
  sizeMib: number;
  /** The pod that may use it. */
  user?: string | undefined;
  /** Its pod was deleted by force and may still write: no other pod may have it. */
  isRetired?: boolean;
}

/**
 * Does what users do, with several writers, while the server is killed, and remembers what was acknowledged:
 * an acknowledged creation must exist until its deletion was asked for; a deletion that was acknowledged must stay.
 */
export class Churn {
  readonly live = new Map<string, KnownClaim>();
  readonly gone = new Set<string>();
  /** Acknowledged operations by kind. */
  readonly done = new Map<string, number>();
  readonly #roll: Roll;
  readonly #hostDir: string;
  readonly #nodes: number;
  readonly #records: Records;
  /** Claims that one writer works with; no other may. */
  readonly #busy = new Set<string>();
  readonly #pods = new Set<string>();
  /** Claims whose creation or deletion is not acknowledged yet, with the pod that may use them. */
  readonly #unsure = new Map<string, string | undefined>();
  /** Those where a kill came first: they may or may not exist. */
  readonly #strays = new Map<string, string | undefined>();
  #set: string | undefined;
  #passing: string | undefined;
  #isClassBusy = false;
  #next = 0;

  constructor(options: { readonly roll: Roll; readonly hostDir: string; readonly nodes: number; readonly records: Records }) {
    this.#roll = options.roll;
    this.#hostDir = options.hostDir;
    this.#nodes = options.nodes;
    this.#records = options.records;
  }

  async prepare(client: Client): Promise<void> {
    await client.create(namespaces, { metadata: { name: NAMESPACE }, spec: {} });
    for (const name of CLASS_NAMES) await client.create(storageClasses, classDraft(name, this.#nodes));
  }

  /** Works until the server is gone. @throws what is no break of the connection */
  async work(client: Client): Promise<void> {
    for (const [name, user] of this.#unsure) this.#strays.set(name, user);
    this.#unsure.clear();
    const writers = Array.from({ length: WRITERS }, async () => {
      for (;;) {
        const { name, run } = this.#choose();
        try {
          await run(client);
          this.done.set(name, (this.done.get(name) ?? 0) + 1);
        } catch (error) {
          // why: a connection that breaks is the kill; anything else is a fault of the product
          if (error instanceof ApiUnreachable || error instanceof ApiTimedOut) return;
          throw error;
        }
      }
    });
    await Promise.all(writers);
  }

  /** How many operations were acknowledged. */
  get count(): number {
    return [...this.done.values()].reduce((sum, each) => sum + each, 0);
  }

  /** Makes a pod that writes to the claims. */
  async use(client: Client, claims: readonly (Pick<KnownClaim, 'name'> & { readonly kind: ClaimKind })[]): Promise<void> {
    const name = this.#name('p');
    const written: WrittenVolume[] = claims.map((claim) => ({
      volume: { name: claim.name, persistentVolumeClaim: { claimName: claim.name } },
      kind: claim.kind === 'block' ? 'device' : 'directory',
      label: claim.name,
    }));
    written.push({ volume: { name: 'scratch', emptyDir: {} }, kind: 'directory', label: `${name}-scratch` });
    if (this.#roll(4) === 0) written.push({ volume: ephemeral(), kind: 'directory', label: `${name}-own` });
    // why before: an answer that gets lost must not make us think that nobody uses them
    this.#pods.add(name);
    for (const { name: claim } of claims) {
      const known = this.live.get(claim);
      if (known !== undefined) known.user = name;
    }
    await client.create(pods, { metadata: { name, namespace: NAMESPACE }, spec: writingPodSpec(written) });
  }

  #choose(): { readonly name: string; readonly run: (client: Client) => Promise<void> } {
    const choices = [
      { name: 'create', weight: this.live.size < MOST ? 8 : 0, run: (client: Client) => this.#create(client) },
      // why not on several nodes: a copy lies where its source lies, and its pod may be placed elsewhere
      { name: 'copy', weight: this.live.size < MOST && this.#nodes === 1 ? 4 : 0, run: (client: Client) => this.#copy(client) },
      { name: 'delete claim', weight: this.live.size > 3 ? 4 : 1, run: (client: Client) => this.#deleteClaim(client) },
      { name: 'delete stray', weight: this.#strays.size > MOST_STRAYS ? 8 : 0, run: (client: Client) => this.#deleteStray(client) },
      { name: 'delete pod', weight: 4, run: (client: Client) => this.#deletePod(client) },
      { name: 'use', weight: 3, run: (client: Client) => this.#useIdle(client) },
      { name: 'grow', weight: 3, run: (client: Client) => this.#grow(client) },
      { name: 'set', weight: 2, run: (client: Client) => this.#changeSet(client) },
      { name: 'class', weight: 1, run: (client: Client) => this.#remakeClass(client) },
      { name: 'namespace', weight: 1, run: (client: Client) => this.#changeNamespace(client) },
      { name: 'released', weight: 2, run: (client: Client) => this.#clear(client, ['Released']) },
    ];
    let at = this.#roll(choices.reduce((sum, { weight }) => sum + weight, 0));
    for (const choice of choices) {
      at -= choice.weight;
      if (at < 0) return choice;
    }
    throw new Error('weights are positive');
  }

  #name(prefix: string): string {
    this.#next += 1;
    return `${prefix}-${this.#next}`;
  }

  async #create(client: Client): Promise<void> {
    const name = this.#name('c');
    const kind = pick(this.#roll, CLAIM_KINDS);
    if (isStatic(kind)) {
      const dir = path.join(this.#hostDir, name);
      mkdirSync(dir, { recursive: true });
      await client.create(persistentVolumes, staticVolumeDraft(kind, name, dir));
    }
    this.#unsure.set(name, undefined);
    const claim = await client.create(persistentVolumeClaims, claimDraft(kind, { name, namespace: NAMESPACE }));
    this.#unsure.delete(name);
    this.live.set(name, { name, uid: claim.metadata.uid, kind, sizeMib: kind === 'xfs' ? 300 : 16 });
    if (this.#roll(3) > 0) await this.#useIdle(client);
  }

  /** Of a claim that a pod may write to, and that others may grow or delete meanwhile. */
  async #copy(client: Client): Promise<void> {
    const source = this.#pickLive(({ kind }) => isCopied(kind));
    if (source === undefined) return;
    const name = this.#name('copy');
    this.#records.inherit(name, source.name);
    const { kind, sizeMib } = source;
    this.#unsure.set(name, undefined);
    const claim = await client.create(persistentVolumeClaims, copyDraft({ name, namespace: NAMESPACE }, source));
    this.#unsure.delete(name);
    this.live.set(name, { name, uid: claim.metadata.uid, kind, sizeMib });
    if (this.#roll(3) > 0) await this.#useIdle(client);
  }

  /** A pod with one to three claims that no pod has; with one where volumes may be on different nodes. */
  async #useIdle(client: Client): Promise<void> {
    const names = [...this.live.values()].filter((claim) => claim.user === undefined && !this.#busy.has(claim.name));
    const wanted = names.slice(0, this.#nodes > 1 ? 1 : 1 + this.#roll(3));
    if (wanted.length > 0) await this.#while(wanted, () => this.use(client, wanted));
  }

  async #deleteClaim(client: Client): Promise<void> {
    const claim = this.#pickLive(() => true);
    if (claim === undefined) return;
    // why: from here on the deletion may or may not have happened, so the claim is no longer expected to exist
    this.live.delete(claim.name);
    this.#unsure.set(claim.name, claim.user);
    const key = { namespace: NAMESPACE, name: claim.name };
    const steps = {
      claim: () => client.delete(persistentVolumeClaims, key),
      pod: async () => (claim.user === undefined ? undefined : client.delete(pods, { namespace: NAMESPACE, name: claim.user })),
      volume: () => this.#deleteVolumeOf(client, claim),
    };
    const orders = [
      ['pod', 'claim'],
      ['claim', 'pod'],
      ['volume', 'claim', 'pod'],
      ['pod', 'volume', 'claim'],
    ] as const;
    for (const step of pick(this.#roll, orders)) await ignoreGone(steps[step]());
    this.#unsure.delete(claim.name);
    this.gone.add(claim.name);
  }

  async #deleteStray(client: Client): Promise<void> {
    const [name, user] = pick(this.#roll, [...this.#strays]);
    if (user !== undefined) await ignoreGone(client.delete(pods, { namespace: NAMESPACE, name: user }));
    await ignoreGone(client.delete(persistentVolumeClaims, { namespace: NAMESPACE, name }));
    this.#strays.delete(name);
    this.gone.add(name);
  }

  /** Of claims whose volume goes with them. */
  async #deleteVolumeOf(client: Client, claim: KnownClaim): Promise<void> {
    if (isStatic(claim.kind)) return client.delete(persistentVolumes, { namespace: '', name: staticName(claim.name) });
    if (claim.kind === 'kept' || claim.kind === 'late') return undefined;
    return client.delete(persistentVolumes, { namespace: '', name: `pvc-${claim.uid}` });
  }

  async #deletePod(client: Client): Promise<void> {
    const name = [...this.#pods][this.#roll(Math.max(1, this.#pods.size))];
    if (name === undefined) return;
    const key = { namespace: NAMESPACE, name };
    const isForced = this.#roll(4) === 0;
    if (isForced) for (const claim of this.live.values()) if (claim.user === name) claim.isRetired = true;
    await ignoreGone(client.delete(pods, key, isForced ? { gracePeriodSec: 0 } : {}));
    try {
      await client.get(pods, key);
    } catch (error) {
      if (!hasCode(error, 'NotFound')) throw error;
      this.#pods.delete(name);
      for (const claim of this.live.values()) if (claim.user === name && claim.isRetired !== true) claim.user = undefined;
    }
  }

  async #grow(client: Client): Promise<void> {
    const claim = this.#pickLive(({ kind }) => !isStatic(kind));
    if (claim === undefined) return;
    await this.#while([claim], async () => {
      claim.sizeMib += GROWTH_MIB;
      const body = { spec: { resources: { requests: { storage: `${claim.sizeMib}Mi` } } } };
      try {
        await client.patch(persistentVolumeClaims, { key: { namespace: NAMESPACE, name: claim.name }, patch: { type: 'merge', body } });
      } catch (error) {
        if (!hasCode(error, ...GROWTH_REFUSALS)) throw error;
        claim.sizeMib -= GROWTH_MIB;
      }
    });
  }

  async #changeSet(client: Client): Promise<void> {
    const name = this.#set;
    if (name === undefined) {
      this.#set = this.#name('set');
      await client.create(statefulSets, setDraft(this.#set, this.#roll(3)));
    } else if (this.#roll(5) > 0) {
      const key = { namespace: NAMESPACE, name };
      await ignoreGone(client.patch(statefulSets, { key, patch: { type: 'merge', body: { spec: { replicas: this.#roll(3) } } } }));
    } else {
      this.#set = undefined;
      await ignoreGone(client.delete(statefulSets, { namespace: NAMESPACE, name }));
    }
  }

  async #remakeClass(client: Client): Promise<void> {
    if (this.#isClassBusy) return;
    this.#isClassBusy = true;
    try {
      await ignoreGone(client.delete(storageClasses, { namespace: '', name: FLEETING }));
      await ensure(client.create(storageClasses, classDraft(FLEETING, this.#nodes)));
    } finally {
      this.#isClassBusy = false;
    }
  }

  async #changeNamespace(client: Client): Promise<void> {
    const passing = this.#passing;
    if (passing !== undefined) {
      this.#passing = undefined;
      return ignoreGone(client.delete(namespaces, { namespace: '', name: passing }));
    }
    const name = this.#name(NAMESPACE);
    this.#passing = name;
    await client.create(namespaces, { metadata: { name }, spec: {} });
    const claim = { namespace: name, name: 'data' };
    const volume = { name: 'data', persistentVolumeClaim: { claimName: 'data' } };
    try {
      await client.create(persistentVolumeClaims, claimDraft('ext4', claim));
      await client.create(pods, {
        metadata: { name: 'writer', namespace: name },
        spec: writingPodSpec([{ volume, kind: 'directory', label: `${name}-data` }]),
      });
    } catch (error) {
      // why: another writer may delete the namespace meanwhile
      if (!hasCode(error, 'NotFound', 'PermissionDenied')) throw error;
    }
  }

  /** Deletes every volume that no claim has. */
  async clearUnused(client: Client): Promise<void> {
    await this.#clear(client, ['Released', 'Available']);
  }

  /** Volumes that were kept when their claims went: those with a driver go with their data, those of a person go alone. */
  async #clear(client: Client, phases: readonly string[]): Promise<void> {
    const { items } = await client.list(persistentVolumes);
    for (const { metadata, spec, status } of items) {
      if (metadata.deletionTimestamp !== undefined || !phases.includes(status?.phase ?? '')) continue;
      const key = { namespace: '', name: metadata.name };
      const body = { spec: { persistentVolumeReclaimPolicy: 'Delete' } };
      if (spec.csi === undefined) await ignoreGone(client.delete(persistentVolumes, key));
      else if (spec.persistentVolumeReclaimPolicy === 'Retain')
        await ignoreGone(client.patch(persistentVolumes, { key, patch: { type: 'merge', body } }));
    }
  }

  /** Makes the class that claims may wait for. */
  async ensureClass(client: Client): Promise<void> {
    await ensure(client.create(storageClasses, classDraft(FLEETING, this.#nodes)));
  }

  /** Forgets which pods there are: to be called with what the API says. */
  adopt(found: readonly { readonly pod: string; readonly claims: readonly string[] }[]): void {
    this.#pods.clear();
    for (const { pod } of found) this.#pods.add(pod);
    const userOf = (name: string): string | undefined => found.find(({ claims }) => claims.includes(name))?.pod;
    for (const claim of this.live.values()) claim.user = userOf(claim.name);
    for (const name of this.#strays.keys()) this.#strays.set(name, userOf(name));
  }

  #pickLive(isWanted: (claim: KnownClaim) => boolean): KnownClaim | undefined {
    const claims = [...this.live.values()].filter((claim) => !this.#busy.has(claim.name) && isWanted(claim));
    return claims[this.#roll(Math.max(1, claims.length))];
  }

  async #while(claims: readonly KnownClaim[], work: () => Promise<void>): Promise<void> {
    for (const { name } of claims) this.#busy.add(name);
    try {
      await work();
    } finally {
      for (const { name } of claims) this.#busy.delete(name);
    }
  }
}

function ephemeral(): Volume {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'ext4', resources: { requests: { storage: '16Mi' } } };
  return { name: 'own', ephemeral: { volumeClaimTemplate: { spec } } };
}

function setDraft(name: string, replicas: number): Draft<StatefulSet> {
  const labels = { app: name };
  const template = (volume: string, storageClassName: string): object => ({
    metadata: { name: volume },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '16Mi' } } },
  });
  const written = ['a', 'b'].map((volume): WrittenVolume => ({
    volume: { name: volume },
    kind: 'directory',
    label: `${volume}-$POD_NAME`,
  }));
  return aStatefulSet({
    name,
    namespace: NAMESPACE,
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      // why trusted: templates have no more metadata than this, though their types ask for it
      template: trusted<PodTemplateSpec>({ metadata: { labels }, spec: writingPodSpec(written) }),
      volumeClaimTemplates: trusted<StatefulSetSpec['volumeClaimTemplates']>([template('a', 'ext4'), template('b', 'directory')]),
    },
  });
}

async function ensure(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
  }
}

/** Waits for a change of an object that may be gone already. */
export async function ignoreGone(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
  }
}
