import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { modelRounds, modelSeed, modelTimeoutMs } from '#testing/models/model-runs.ts';
import { type RandomCase, randomCase } from '#testing/models/random-world.ts';
import { type Choice, isAllowed, isPossible, upstreamChoice } from '#testing/models/volume-choice.ts';
import { schedulingView } from '#testing/scheduling-view.ts';
import { planPlacement } from './plan.ts';
import { assignVolumes, type VolumePlan } from './volume-fit.ts';

/** How often as many worlds are tried again, at most, until each kind of them was met. */
const MOST_ROUNDS = 20;

const metadata = aStoredNode({ name: 'lvm.example' }).metadata;
const LVM_DRIVER = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata, spec: { storageCapacity: true } };

function viewOf({ world }: RandomCase) {
  const nodes = world.nodes.map((node) => ({ ...node, status: { ...node.status, allocatable: { pods: '110' } } }));
  return schedulingView({ ...world, nodes, csiDrivers: [LVM_DRIVER] });
}

function choicesOf({ assignments }: VolumePlan): readonly Choice[] {
  return assignments.map(({ claim, volume }) => [claim.metadata.name, volume?.metadata.name ?? 'new'] as const);
}

it(
  'VOL-16: serves all claims of a pod on a node, as upstream would, or none: the same as a model of the rules in random worlds',
  { timeout: modelTimeoutMs() },
  () => {
    const rounds = modelRounds(30_000);
    const counts = { alike: 0, better: 0, impossible: 0, several: 0 };
    const worlds = fc.property(fc.integer(), (seed) => {
      const random = randomCase(seededRoll(seed));
      const { claims, world } = random;
      const view = viewOf(random);
      const possible = world.nodes.filter((node) => {
        const ours = assignVolumes({ bound: [], delayed: claims }, node, view);
        const choices = ours.ok ? choicesOf(ours.value) : undefined;
        const upstreams = upstreamChoice(claims, node, world);
        if (upstreams !== undefined) {
          counts.alike += 1;
          expect(choices).toEqual(upstreams);
        } else if (choices === undefined) {
          counts.impossible += 1;
          expect(isPossible(claims, node, world)).toBe(false);
        } else {
          counts.better += 1;
          expect(isAllowed(choices, { claims, node, world })).toBe(true);
        }
        if (choices !== undefined && claims.length > 1) counts.several += 1;
        return choices !== undefined;
      });
      const pod = aStoredPod({ claims: claims.map((claim) => claim.metadata.name) });
      const plan = planPlacement(pod, view);
      expect(plan.kind).toBe(possible.length > 0 ? 'place' : 'unschedulable');
      if (plan.kind === 'place') {
        const chosen = choicesOf({ assignments: plan.assignments });
        expect(possible.map((node) => node.metadata.name)).toContain(plan.node.metadata.name);
        expect(isAllowed(chosen, { claims, node: plan.node, world })).toBe(true);
        // the same choice each time
        expect(planPlacement(aStoredPod({ claims: claims.map((claim) => claim.metadata.name) }), viewOf(random))).toEqual(plan);
      }
    });
    fc.assert(worlds, { numRuns: rounds, ...modelSeed() });
    const rare = rounds / 500;
    // why: in few rounds chance may leave out what is rare
    for (let more = 0; more < MOST_ROUNDS && Object.values(counts).some((count) => count <= rare); more += 1)
      fc.assert(worlds, { numRuns: rounds });
    // that all of it was tried
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(rare);
  },
);
