import { compareQuantity, parseQuantity } from '#kit/quantity.ts';
import type { Container, Pod } from './generated/kubernetes.ts';

const COUNTED = ['cpu', 'memory'] as const;

/** The quality of service of a pod: `Guaranteed` where every container's cpu and memory limits equal its requests, `BestEffort` where none has any, else `Burstable`. */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  if (containers.every(hasNothing)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isSet(amount: string | undefined): amount is string {
  const parsed = parseQuantity(amount ?? '');
  return parsed.ok && parsed.value.mantissa > 0n;
}

function hasNothing({ resources }: Container): boolean {
  return COUNTED.every((name) => !isSet(resources?.requests?.[name]) && !isSet(resources?.limits?.[name]));
}

function isGuaranteed({ resources }: Container): boolean {
  return COUNTED.every((name) => {
    const [limit, request] = [parseQuantity(resources?.limits?.[name] ?? ''), parseQuantity(resources?.requests?.[name] ?? '')];
    return limit.ok && request.ok && limit.value.mantissa > 0n && compareQuantity(limit.value, request.value) === 0;
  });
}
