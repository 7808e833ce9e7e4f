import { expect } from 'vitest';
import { pods as podResource, persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { SystemClock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { ApiTimedOut, ApiUnreachable } from '#machinery/client/transport.ts';
import { eventually } from '#testing/eventually.ts';
import type { PlatformProcess } from '#testing/platform/platform-process.ts';

const NAMESPACE = 'churn';
/** Writers at a time. */
const WRITERS = 4;
/** Most claims that exist at a time, so that a run stays small. */
const MOST = 12;

interface Known {
  readonly name: string;
  readonly uid: string;
}

/**
 * Creates and deletes claims and pods over HTTPS while the server is killed, and remembers what was acknowledged:
 * an acknowledged creation must exist until its deletion was asked for; a deletion that was acknowledged must stay.
 */
export class Churn {
  readonly #platform: PlatformProcess;
  readonly #random: () => number;
  readonly #live = new Map<string, Known>();
  readonly #gone = new Set<string>();
  readonly #unfinished = new Set<string>();
  #next = 0;
  #newestVersion = 0;

  private constructor(platform: PlatformProcess, seed: number) {
    this.#platform = platform;
    this.#random = randomOf(seed);
  }

  static async start(platform: PlatformProcess, seed: number): Promise<Churn> {
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    return new Churn(platform, seed);
  }

  /** Works with several writers until the server is gone. */
  async work(): Promise<void> {
    const client = await this.#client();
    const writers = Array.from({ length: WRITERS }, async () => {
      for (;;) {
        try {
          if (this.#live.size < MOST && this.#random() < 0.6) await this.#create(client);
          else await this.#delete(client);
        } catch (error) {
          // why: a connection that breaks is the kill; anything else is a fault of the product
          if (error instanceof ApiUnreachable || error instanceof ApiTimedOut) return;
          throw error;
        }
      }
    });
    await Promise.all(writers);
  }

  /** Lets the work go on for up to half a second: the kill comes at no particular moment. */
  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#random() * 500));
  }

  async checkNothingLost(round: number): Promise<void> {
    const client = await this.#client();
    const claims = await client.list(persistentVolumeClaims, { namespace: NAMESPACE });
    const uids = new Set(claims.items.map((claim) => claim.metadata.uid));
    for (const known of this.#live.values())
      expect(uids.has(known.uid), `round ${round}: the acknowledged claim ${known.name} is lost`).toBe(true);
    const version = Number(claims.metadata.resourceVersion);
    expect(version, `round ${round}: revisions went back`).toBeGreaterThanOrEqual(this.#newestVersion);
    this.#newestVersion = version;
    const volumes = await client.list(persistentVolumes);
    const refs = volumes.items.map((volume) => volume.spec.claimRef?.uid).filter((uid) => uid !== undefined);
    expect(new Set(refs).size, `round ${round}: two volumes for one claim`).toBe(refs.length);
  }

  /** Waits until every claim is bound and every deletion is over. */
  async settle(): Promise<void> {
    const client = await this.#client();
    await eventually(async () => {
      const claims = await client.list(persistentVolumeClaims, { namespace: NAMESPACE });
      for (const claim of claims.items) {
        expect(claim.metadata.deletionTimestamp).toBeUndefined();
        expect(claim.status?.phase, claim.metadata.name).toBe('Bound');
      }
      for (const name of this.#gone) expect(claims.items.map((claim) => claim.metadata.name)).not.toContain(name);
      const pods = await client.list(podResource, { namespace: NAMESPACE });
      for (const pod of pods.items) {
        expect(pod.metadata.deletionTimestamp).toBeUndefined();
        expect(pod.status?.phase, pod.metadata.name).toBe('Running');
      }
    });
  }

  /** What the machine should hold, told by the API. */
  async wanted(): Promise<{
    readonly volumes: readonly string[];
    readonly podUids: readonly string[];
    readonly stagedVolumes: readonly string[];
  }> {
    const client = await this.#client();
    const volumes = await client.list(persistentVolumes);
    const pods = await client.list(podResource, { namespace: NAMESPACE });
    const used = new Set(pods.items.flatMap((pod) => (pod.spec.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName)));
    return {
      volumes: volumes.items.map((volume) => volume.metadata.name).sort(),
      podUids: pods.items.map((pod) => pod.metadata.uid).sort(),
      stagedVolumes: volumes.items.filter((volume) => used.has(volume.spec.claimRef?.name)).map((volume) => volume.metadata.name),
    };
  }

  async deleteEverything(): Promise<void> {
    await this.#platform.kubectl.run(['delete', 'namespace', NAMESPACE, '--timeout=120s'], '', 150_000);
  }

  async #client(): Promise<Client> {
    return createHttpClient({ config: await loadKubeconfig(this.#platform.kubeconfig), clock: new SystemClock() });
  }

  async #create(client: Client): Promise<void> {
    this.#next += 1;
    const name = `c-${this.#next}`;
    const hasPod = this.#random() < 0.5;
    const claim = await client.create(persistentVolumeClaims, claimDraft(name));
    this.#live.set(name, { name, uid: claim.metadata.uid });
    // why: another writer must not delete the claim before its pod is made, or the pod would wait for ever
    this.#unfinished.add(name);
    if (hasPod) await client.create(podResource, podDraft(name)).finally(() => this.#unfinished.delete(name));
    this.#unfinished.delete(name);
  }

  async #delete(client: Client): Promise<void> {
    const names = [...this.#live.keys()].filter((name) => !this.#unfinished.has(name));
    const name = names[Math.floor(this.#random() * names.length)];
    if (name === undefined) return;
    // why: from here on the deletion may or may not have happened, so the claim is no longer expected to exist
    this.#live.delete(name);
    const key = { namespace: NAMESPACE, name };
    await ignoreGone(client.delete(podResource, key));
    await ignoreGone(client.delete(persistentVolumeClaims, key));
    this.#gone.add(name);
  }
}

async function ignoreGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
  }
}

function claimDraft(name: string): Draft<PersistentVolumeClaim & KubeObject> {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
  };
}

function podDraft(name: string): Draft<Pod & KubeObject> {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', 'while true; do date >> /data/lines; sleep 0.2; done'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  };
}

/** Mulberry32, a small seeded generator: enough to replay a failing run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
