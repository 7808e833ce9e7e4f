import type { Pod } from '#api/generated/kubernetes.ts';
import { evaluatePodSecurity, summarizeViolations } from '#api/pod-security/evaluate.ts';
import { formatLevelVersion, type LevelVersion } from '#api/pod-security/level.ts';
import type { Clock } from '#kit/clock.ts';

/** At most so many pods, for so long, are looked at (pod-security-admission admission.go). */
const MAX_PODS = 3_000;
const TIMEOUT_MS = 1_000;
/** Pods between which others have a turn. */
const SLICE = 200;

interface Question {
  readonly namespace: string;
  readonly enforce: LevelVersion;
  readonly clock: Clock;
}

/** Pods of which the same is said. */
interface Alike {
  readonly firstName: string;
  readonly count: number;
}

/** What is said of the pods of a namespace that its new level would not let in, equal things once. */
export async function warningsOfPods(all: readonly Pod[], { namespace, enforce, clock }: Question): Promise<readonly string[]> {
  const untilMs = clock.nowMs() + TIMEOUT_MS;
  const alike = new Map<string, Alike>();
  let checkedCount = 0;
  for (const { metadata, spec } of ofEachControllerFirst(all).slice(0, MAX_PODS)) {
    checkedCount += 1;
    const violations = evaluatePodSecurity(enforce, { annotations: metadata.annotations ?? {}, spec });
    if (violations.length > 0) add(alike, summarizeViolations(violations), metadata.name);
    if (clock.nowMs() > untilMs) break;
    if (checkedCount % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const level = JSON.stringify(formatLevelVersion(enforce));
  return [
    ...(checkedCount === all.length
      ? []
      : [`new PodSecurity enforce level only checked against the first ${checkedCount} of ${all.length} existing pods`]),
    ...(alike.size === 0
      ? []
      : [`existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${level}`]),
    ...[...alike].map(describe).toSorted(),
  ];
}

function add(alike: Map<string, Alike>, warning: string, name: string): void {
  const { firstName, count } = alike.get(warning) ?? { firstName: name, count: 0 };
  alike.set(warning, { firstName: name < firstName ? name : firstName, count: count + 1 });
}

function describe([warning, { firstName, count }]: readonly [string, Alike]): string {
  if (count === 1) return `${firstName}: ${warning}`;
  return `${firstName} (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'}): ${warning}`;
}

/** Pods of one controller are mostly alike: the first of each come first. */
function ofEachControllerFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const [first, later]: [Pod[], Pod[]] = [[], []];
  for (const pod of pods) {
    const controller = pod.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
    if (controller !== undefined && seen.has(controller)) later.push(pod);
    else first.push(pod);
    if (controller !== undefined) seen.add(controller);
  }
  return [...first, ...later];
}
