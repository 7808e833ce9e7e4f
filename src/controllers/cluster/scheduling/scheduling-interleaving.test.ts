import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { modelRounds, modelSeed, modelTimeoutMs } from '#testing/models/model-runs.ts';
import { isPossible, type World } from '#testing/models/volume-choice.ts';
import { watchForDoubles } from '#testing/models/watch-for-doubles.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';

type Roll = (bound: number) => number;

const HOSTS = ['n0', 'n1'];
const onHost = (name: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
  },
});

/** Pods with one to three claims each, and volumes that hardly suffice, some reserved by hand, some of one node only. */
function creations(bench: StorageBench, roll: Roll): (() => Promise<unknown>)[] {
  const podCount = 1 + roll(3);
  const things: (() => Promise<unknown>)[] = [];
  const claimNames: string[] = [];
  for (let index = 0; index < podCount; index += 1) {
    const claims = Array.from({ length: 1 + roll(3) }, (_unused, claim) => `c${index}-${claim}`);
    claimNames.push(...claims);
    const sizes = claims.map(() => `${1 + roll(3)}Mi`);
    const selectors = claims.map(() => (roll(4) === 0 ? { selector: { matchLabels: { rack: 'x' } } } : {}));
    claims.forEach((name, at) =>
      things.push(() =>
        bench.createClaim(aClaim({ name, size: sizes[at] ?? '1Mi', storageClassName: 'local', spec: selectors[at] ?? {} })),
      ),
    );
    things.push(() => bench.createPod(aPod({ name: `p${index}`, claims })));
  }
  for (let index = 0; index < claimNames.length + roll(3); index += 1) {
    const reservedFor = roll(8) === 0 ? claimNames[roll(claimNames.length)] : undefined;
    const volume = aVolume({
      name: `pv-${index}`,
      size: `${1 + roll(4)}Mi`,
      storageClassName: 'local',
      labels: { rack: roll(2) === 0 ? 'x' : 'y' },
      spec: {
        ...(roll(3) > 0 ? onHost(HOSTS[roll(2)] ?? 'n0') : {}),
        ...(reservedFor === undefined ? {} : { claimRef: { namespace: 'default', name: reservedFor } }),
      },
    });
    things.push(() => bench.createVolume(volume));
  }
  return things;
}

/** What others do in the middle of it: delete pods, claims and free volumes, label, reserve and free volumes. */
async function meddle(bench: StorageBench, roll: Roll): Promise<void> {
  const target = { namespace: '', name: `pv-${roll(6)}` };
  const patch = (body: object) => bench.client.patch(persistentVolumes, { key: target, patch: { type: 'merge', body } });
  const deeds: readonly (() => Promise<unknown>)[] = [
    () => bench.client.delete(pods, { namespace: 'default', name: `p${roll(3)}` }, { gracePeriodSec: 0 }),
    () => bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: `c${roll(3)}-${roll(3)}` }),
    () => bench.client.delete(persistentVolumes, target),
    () => patch({ metadata: { labels: { rack: roll(2) === 0 ? 'x' : 'y' } } }),
    () => patch({ spec: { persistentVolumeReclaimPolicy: 'Delete' } }),
  ];
  try {
    await deeds[roll(deeds.length)]?.();
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'Aborted', 'AlreadyExists')) throw thrown;
  }
}

interface State {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly world: World;
}

async function readState({ client }: StorageBench): Promise<State> {
  const [claims, volumes, podList, nodeList, classes] = await Promise.all([
    client.list(persistentVolumeClaims),
    client.list(persistentVolumes),
    client.list(pods),
    client.list(nodes),
    client.list(storageClasses),
  ]);
  const world = {
    claims: claims.items,
    volumes: volumes.items,
    nodes: nodeList.items,
    classes: classes.items,
    capacities: [],
    publishing: [],
  };
  return { claims: claims.items, volumes: volumes.items, pods: podList.items, nodes: nodeList.items, world };
}

function checkClaims({ claims, volumes }: State): void {
  for (const { metadata, spec, status } of claims) {
    if (spec.volumeName === undefined) continue;
    const volume = volumes.find((candidate) => candidate.metadata.name === spec.volumeName);
    expect([metadata.name, status?.phase, volume?.spec.claimRef?.uid]).toEqual([metadata.name, 'Bound', metadata.uid]);
    const others = volumes.filter((other) => other.spec.claimRef?.uid === metadata.uid && other !== volume);
    expect(others.map((other) => other.metadata.name)).toEqual([]);
  }
}

/** A pod with a node has all of its claims there; one without could have none, whatever node it took. */
function checkPods(state: State): void {
  for (const pod of state.pods) {
    const names = (pod.spec.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
    const claims = state.claims.filter(({ metadata }) => names.includes(metadata.name));
    if (pod.spec.nodeName !== undefined) {
      expect(claims.map(({ status }) => status?.phase)).toEqual(claims.map(() => 'Bound'));
      continue;
    }
    const isMissing = claims.length < names.length || claims.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const open = claims.filter(({ spec }) => spec.volumeName === undefined);
    const bound = claims.flatMap(({ spec }) => state.volumes.filter(({ metadata }) => metadata.name === spec.volumeName));
    const suits = (node: Node): boolean => bound.every((volume) => hostOf(volume) === undefined || hostOf(volume) === node.metadata.name);
    const possible = isMissing ? [] : state.nodes.filter((node) => suits(node) && isPossible(open, node, state.world));
    expect([pod.metadata.name, possible.map(({ metadata }) => metadata.name)]).toEqual([pod.metadata.name, []]);
  }
}

function hostOf({ spec }: PersistentVolume): string | undefined {
  return spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values?.[0];
}

it(
  'VOL-3, VOL-16: pods with several claims under creates, deletes, edits and crashes in any order: no volume twice, no claim twice, nobody waits for what could be',
  async () => {
    const runs = Math.ceil(modelRounds(30_000) / 300);
    let placed = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const roll = seededRoll(seed);
        const weather = new Weather(roll);
        const bench = await startStorageBench({ wrapClient: (client) => weather.wrap(client) });
        const doubles = watchForDoubles(bench);
        try {
          for (const name of HOSTS) await bench.createNode(aNode({ name }));
          await bench.createClass(
            aClass({ name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' }),
          );
          weather.untilCrash = roll(2) === 0 ? Number.POSITIVE_INFINITY : 1 + roll(20);
          const things = creations(bench, roll);
          while (things.length > 0) {
            const [create] = things.splice(roll(things.length), 1);
            await create?.();
            if (roll(4) === 0) await meddle(bench, roll);
            if (roll(4) === 0) await bench.idle();
          }
          await bench.idle();
          const isCrashed = weather.isDead;
          weather.isDead = false;
          weather.untilCrash = Number.POSITIVE_INFINITY;
          // why: nobody is left to finish what the dead began
          if (isCrashed || roll(4) === 0) await bench.restart();
          for (let deed = roll(3); deed > 0; deed -= 1) await meddle(bench, roll);
          // longer than any wait, so that what only time would bring is there
          for (const waitMs of [2_000, 31_000, 61_000]) await bench.step(waitMs);
          const state = await readState(bench);
          expect(doubles.faults).toEqual([]);
          checkClaims(state);
          checkPods(state);
          placed += state.pods.filter(({ spec }) => spec.nodeName !== undefined).length;
        } finally {
          doubles.close();
          await bench.close();
        }
      }),
      { numRuns: runs, ...modelSeed() },
    );
    expect(placed).toBeGreaterThan(runs / 10);
  },
  modelTimeoutMs(),
);
