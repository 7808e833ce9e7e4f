import type { Pod } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { aPod, type PodOverrides } from '#testing/builders/pod.ts';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';

/** A shell line as a container's command. */
export function shell(script: string): string[] {
  return ['sh', '-c', script];
}

/** A claim on the default class as `kubectl apply` takes it. */
export function claimJson(name: string, storage: string): string {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec });
}

/** Applies pods of the namespace `default` with one `kubectl apply`; they end fast unless they say otherwise. */
export async function applyPods(kubectl: Kubectl, ...pods: readonly PodOverrides[]): Promise<void> {
  const items = pods.map((overrides) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    ...aPod({ ...overrides, spec: { terminationGracePeriodSeconds: 1, ...overrides.spec } }),
  }));
  await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** The pod as the API has it. */
export async function getPod(kubectl: Kubectl, name: string): Promise<Pod> {
  return trusted<Pod>(await kubectl.json(['get', 'pod', name]));
}

/** Waits until the pod is in the phase, and answers it. */
export function waitForPhase(kubectl: Kubectl, name: string, phase: string): Promise<Pod> {
  return eventually(async () => {
    const pod = await getPod(kubectl, name);
    if (pod.status?.phase !== phase) throw new Error(`${name} is ${JSON.stringify(pod.status)}`);
    return pod;
  }, 30_000);
}

/** Waits until the pod's one container runs, and answers the pod. */
export function waitForRunning(kubectl: Kubectl, name: string): Promise<Pod> {
  return eventually(async () => {
    const pod = await getPod(kubectl, name);
    if (pod.status?.containerStatuses?.every((status) => status.state?.running !== undefined) !== true)
      throw new Error(`${name} is ${JSON.stringify(pod.status)}`);
    return pod;
  }, 30_000);
}

/** Applies one pod, waits until it has ended well and answers what it said. */
export async function outputOf(kubectl: Kubectl, overrides: PodOverrides & { readonly name: string }): Promise<string> {
  await applyPods(kubectl, { ...overrides, spec: { restartPolicy: 'Never', ...overrides.spec } });
  await waitForPhase(kubectl, overrides.name, 'Succeeded');
  return kubectl.run(['logs', overrides.name, '--all-containers']);
}
