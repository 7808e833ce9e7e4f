import { type Peer, startKubernetes, startStowage } from '#testing/conformance/kubernetes/compare/servers.ts';
import { Http2Api } from './http2-api.ts';
import { quantile } from './quantile.ts';
import type { BenchRow } from './row.ts';

/** Clients that write at a time, each with a connection of its own, and how many objects they write together. */
const ROUNDS = [
  { clients: 1, count: 300 },
  { clients: 8, count: 1_200 },
  { clients: 64, count: 4_000 },
];
/** Each round is measured so often, both in turn; the middle one counts: whatever else a machine does for a second moves none. */
const TURNS = 3;
const NAMESPACE = 'bench';
/** Then the next round starts whatever goes on: leases and events never end. */
const QUIET_WITHIN_MS = 60_000;
const CUSTOM = { group: 'bench.stowage.dev', plural: 'boxes', kind: 'Box' };

/** What is written: the kind, its collection, and the object of a number. */
interface Written {
  readonly kind: string;
  readonly collection: string;
  object(index: number): object;
}

const WRITTEN: readonly Written[] = [
  written('ConfigMap', inNamespace('api/v1', 'configmaps'), () => ({ data: { key: 'x'.repeat(500) } })),
  written('Secret', inNamespace('api/v1', 'secrets'), () => ({ stringData: { key: 'x'.repeat(500) } })),
  written('ServiceAccount', inNamespace('api/v1', 'serviceaccounts'), () => ({})),
  written('PersistentVolumeClaim that nobody provisions', inNamespace('api/v1', 'persistentvolumeclaims'), () => claimOf('none')),
  written('PersistentVolumeClaim of a class', inNamespace('api/v1', 'persistentvolumeclaims'), () => claimOf('local-directory')),
  written('PersistentVolume', '/api/v1/persistentvolumes', (index) => ({ spec: volumeSpec(index) })),
  written('StorageClass', '/apis/storage.k8s.io/v1/storageclasses', () => ({ provisioner: 'bench.stowage.dev' })),
  written('Pod', inNamespace('api/v1', 'pods'), () => ({ spec: POD })),
  written('Event', inNamespace('api/v1', 'events'), () => ({
    involvedObject: { kind: 'Pod', name: 'web', namespace: NAMESPACE },
    reason: 'Tested',
    message: 'something happened',
    type: 'Normal',
  })),
  written('Lease', inNamespace('apis/coordination.k8s.io/v1', 'leases'), () => ({
    spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
  })),
  written(`custom object`, inNamespace(`apis/${CUSTOM.group}/v1`, CUSTOM.plural), () => ({
    apiVersion: `${CUSTOM.group}/v1`,
    kind: CUSTOM.kind,
    spec: { size: 'x'.repeat(500) },
  })),
];

/** No scheduler takes it, so that no node starts it. */
const POD = {
  schedulerName: 'bench.stowage.dev',
  containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'] }],
};

/** Creates a second over HTTPS of 1, 8 and 64 clients, for each of many kinds, beside kube-apiserver and etcd: theirs without controllers, ours with all of them. */
export async function benchKinds(): Promise<readonly BenchRow[]> {
  const stowage = await Bench.start(await startStowage());
  try {
    const peer = await startPeer();
    try {
      const rows: BenchRow[] = [];
      for (const what of WRITTEN) {
        for (const round of ROUNDS) {
          const [ours, theirs]: number[][] = [[], []];
          for (let turn = 0; turn < TURNS; turn += 1) {
            ours?.push(await stowage.createsPerSec(what, round));
            if (peer !== undefined) theirs?.push(await peer.createsPerSec(what, round));
          }
          const other = quantile(theirs ?? [], 0.5);
          rows.push({
            name: `create ${what.kind}, ${round.clients} at a time`,
            value: quantile(ours ?? [], 0.5),
            unit: '/s',
            ...(peer === undefined ? {} : { peer: { name: 'kube-apiserver + etcd', value: Math.round(other) } }),
          });
        }
      }
      return rows;
    } finally {
      await peer?.stop();
    }
  } finally {
    await stowage.stop();
  }
}

async function startPeer(): Promise<Bench | undefined> {
  try {
    return await Bench.start(await startKubernetes((line) => console.log(line), { isDurable: true }));
  } catch (thrown) {
    console.log(`figures without their ratio to kube-apiserver, which can not be had here: ${String(thrown)}`);
    return undefined;
  }
}

/** One of the two, with the namespace and the definition that the objects need. */
class Bench {
  readonly #peer: Peer;
  #api: Http2Api;
  #next = 0;

  private constructor(peer: Peer) {
    this.#peer = peer;
    this.#api = connectTo(peer);
  }

  static async start(peer: Peer): Promise<Bench> {
    const bench = new Bench(peer);
    await bench.#api.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
    // why: pods need the account that a controller makes on a cluster
    await bench.#api.send('POST', inNamespace('api/v1', 'serviceaccounts'), { body: { metadata: { name: 'default' } } }).catch(() => {});
    await bench.#api.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition() });
    await bench.#untilServed(inNamespace(`apis/${CUSTOM.group}/v1`, CUSTOM.plural));
    return bench;
  }

  async createsPerSec({ collection, object }: Written, { clients, count }: (typeof ROUNDS)[number]): Promise<number> {
    // why anew: a server may have closed what was not used since the last round
    this.#api.close();
    this.#api = connectTo(this.#peer);
    const until = this.#next + count;
    const work = async (_: unknown, connection: number): Promise<void> => {
      while (this.#next < until) {
        this.#next += 1;
        await this.#api.send('POST', collection, { body: object(this.#next), connection });
      }
    };
    const startMs = performance.now();
    await Promise.all(Array.from({ length: clients }, work));
    const perSec = (count / (performance.now() - startMs)) * 1_000;
    await this.#untilQuiet(collection);
    return perSec;
  }

  async stop(): Promise<void> {
    this.#api.close();
    await this.#peer.stop();
  }

  /** Controllers have done what follows from the writes, so that the next round is measured alone. */
  async #untilQuiet(collection: string): Promise<void> {
    const giveUpMs = performance.now() + QUIET_WITHIN_MS;
    for (let before = ''; performance.now() < giveUpMs;) {
      const text = await this.#api.send('GET', `${collection}?limit=1`);
      const revision = /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? '';
      if (revision === before) return;
      before = revision;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  /** A new definition is served a moment later. */
  async #untilServed(collection: string): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (
        await this.#api.send('GET', collection).then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function connectTo(peer: Peer): Http2Api {
  return new Http2Api({ ...peer, connections: Math.max(...ROUNDS.map(({ clients }) => clients)) });
}

function written(kind: string, collection: string, body: (index: number) => object): Written {
  return {
    kind,
    collection,
    object: (index) => ({ metadata: { name: `o-${index}`, labels: { app: `team-${index % 50}` } }, ...body(index) }),
  };
}

function inNamespace(group: string, plural: string): string {
  return `/${group}/namespaces/${NAMESPACE}/${plural}`;
}

function claimOf(className: string): object {
  return { spec: { storageClassName: className, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } } };
}

function volumeSpec(index: number): object {
  return {
    storageClassName: 'by-hand',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: `/srv/bench/${index}` },
  };
}

function definition(): object {
  const { group, plural, kind } = CUSTOM;
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'string' } } } } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind }, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  };
}
