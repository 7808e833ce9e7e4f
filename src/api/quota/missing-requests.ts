import type { Container, Pod } from '../generated/kubernetes.ts';
import { isPodOver } from './usage.ts';

/** What a quota asks every container of a pod to state: `requests.cpu` is also written `cpu` (quota/v1/evaluator/core `podEvaluator.Constraints`). */
const STATED: ReadonlyMap<string, Stated> = new Map(['cpu', 'memory', 'ephemeral-storage'].flatMap(statedNames));

type Stated = readonly [list: 'requests' | 'limits', name: string];

function statedNames(name: string): readonly (readonly [string, Stated])[] {
  return [
    [name, ['requests', name]],
    [`requests.${name}`, ['requests', name]],
    [`limits.${name}`, ['limits', name]],
  ];
}

/** `limits.cpu for: a,b; memory for: a`: what a pod has to state because a quota limits it; the empty text where nothing is missing. */
export function missingRequests(pod: Pod, hardNames: readonly string[]): string {
  if (isPodOver(pod)) return '';
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return hardNames
    .toSorted()
    .flatMap((name) => {
      const stated = STATED.get(name);
      if (stated === undefined) return [];
      const lacking = containers.filter((container) => !states(container, stated)).map((container) => container.name);
      return lacking.length === 0 ? [] : [`${name} for: ${lacking.toSorted().join(',')}`];
    })
    .join('; ');
}

function states({ resources }: Container, [list, name]: Stated): boolean {
  return resources?.[list]?.[name] !== undefined;
}
