import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import type { NodePaths } from '../node-paths.ts';
import { whyRejected } from './admission.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import { readPodRecord } from '../pod-record.ts';
import type { Problem } from '../status/observed-pod.ts';
import { qosClassOf } from '../status/pod-status.ts';

/** What the node knows when it takes or refuses a pod. */
export interface AdmissionMeans {
  readonly hasAppArmor: boolean;
  /** What there is too little of, as conditions of the node. */
  readonly pressures: () => readonly string[];
  /** All pods that were given to this node. */
  readonly podsHere: () => readonly Pod[];
}

/** What refusing needs. */
export interface RejectionTools {
  readonly client: Client;
  readonly paths: NodePaths;
  readonly events: NodeEvents;
  readonly admission: AdmissionMeans;
}

/** Fails a pod that this node can't take; true where it did. */
export async function rejectPod({ client, paths, events, admission }: RejectionTools, { pod }: { readonly pod: Pod }): Promise<boolean> {
  const others: Pod[] = [];
  for (const other of admission.podsHere())
    if (other.metadata.uid !== pod.metadata.uid && isActive(other) && (await isTaken(paths, other))) others.push(other);
  const problem = whyRejected(pod, { others, hasAppArmor: admission.hasAppArmor, pressures: admission.pressures() });
  if (problem === undefined) return false;
  await failPod({ client, events }, pod, problem);
  return true;
}

/** Fails a pod of which nothing runs here, for good: whoever made it makes another one, which is placed anew. */
export async function failPod(
  { client, events }: { readonly client: Pick<Client, 'patch'>; readonly events: NodeEvents },
  pod: Pod,
  problem: Problem,
): Promise<void> {
  events.record({ about: pod, type: 'Warning', ...problem });
  const status = { phase: 'Failed', reason: problem.reason, message: `Pod was rejected: ${problem.message}`, qosClass: qosClassOf(pod) };
  const body = { metadata: { uid: pod.metadata.uid }, status };
  await client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}

function isActive({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

async function isTaken(paths: NodePaths, { metadata }: Pod): Promise<boolean> {
  return (await readPodRecord(paths.pod(metadata.uid))) !== undefined;
}
