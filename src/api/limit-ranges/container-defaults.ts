import type { Container, LimitRange, Pod, ResourceRequirements } from '../generated/kubernetes.ts';

/** Tells what was filled in (kube-apiserver plugin/pkg/admission/limitranger). */
const ANNOTATION = 'kubernetes.io/limit-ranger';
type Texts = Readonly<Record<string, string>>;

/** A new pod whose containers have the requests and limits that the ranges of its namespace give them; the very pod where they give nothing. */
export function withLimitDefaults(pod: Pod, ranges: readonly LimitRange[]): Pod {
  return ranges.reduce(applyRange, pod);
}

function applyRange(pod: Pod, { spec }: LimitRange): Pod {
  const items = spec.limits.filter(({ type }) => type === 'Container');
  const join = (texts: readonly (Texts | undefined)[]): Texts => Object.fromEntries(texts.flatMap((one) => Object.entries(one ?? {})));
  return fill(pod, { requests: join(items.map((item) => item.defaultRequest)), limits: join(items.map((item) => item.default)) });
}

function fill(pod: Pod, defaults: { readonly requests: Texts; readonly limits: Texts }): Pod {
  const told: string[] = [];
  const fillContainer = (container: Container, word: string): Container => {
    const given = container.resources ?? {};
    const requests = missing(given.requests, defaults.requests);
    const limits = missing(given.limits, defaults.limits);
    const names = { request: Object.keys(requests), limit: Object.keys(limits) };
    for (const [list, found] of Object.entries(names)) {
      if (found.length > 0) told.push(`${found.toSorted().join(', ')} ${list} for ${word} ${container.name}`);
    }
    if (names.request.length + names.limit.length === 0) return container;
    return { ...container, resources: merged(given, requests, limits) };
  };
  const containers = pod.spec.containers.map((container) => fillContainer(container, 'container'));
  const initContainers = pod.spec.initContainers?.map((container) => fillContainer(container, 'init container'));
  if (told.length === 0) return pod;
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` };
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: { ...pod.spec, containers, ...(initContainers === undefined ? {} : { initContainers }) },
  };
}

function missing(given: Texts | undefined, defaults: Texts): Texts {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => given?.[name] === undefined));
}

function merged(given: ResourceRequirements, requests: Texts, limits: Texts): ResourceRequirements {
  return {
    ...given,
    ...(Object.keys(limits).length === 0 ? {} : { limits: { ...given.limits, ...limits } }),
    ...(Object.keys(requests).length === 0 ? {} : { requests: { ...given.requests, ...requests } }),
  };
}
