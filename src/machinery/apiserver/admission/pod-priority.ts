import type { Pod, PriorityClass } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { pods, priorityClasses } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { forbidden } from '../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../contract/admission.ts';

const DEFAULT_PRIORITY = 0;
const DEFAULT_POLICY = 'PreemptLowerPriority';

/** The admission plugin `Priority`: a new pod has the priority of its class, or of the default class; there is at most one default class. */
export const podPriority: AdmissionPlugin = {
  name: 'Priority',
  mutate({ verb, kind, subresource, object, previous }: AdmissionRequest, view: StoreView): KubeObject | undefined {
    if (verb === 'delete' || kind.resource !== pods || subresource !== '' || object === undefined) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const pod = trusted<Pod>(object);
    return trusted<KubeObject | undefined>(previous === undefined ? prioritised(pod, view) : keepPriority(pod, trusted<Pod>(previous)));
  },
  validate({ verb, kind, object }: AdmissionRequest, view: StoreView): void {
    if (verb === 'delete' || kind.resource !== priorityClasses || object === undefined) return;
    const { globalDefault = false, metadata } = trusted<PriorityClass>(object);
    const other = globalDefault ? defaultClass(view) : undefined;
    if (other === undefined || other.metadata.name === metadata.name) return;
    const detail = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
    throw forbidden(priorityClasses, metadata.name, detail);
  },
};

function prioritised(pod: Pod, view: StoreView): Pod {
  const found = classOf(pod, view);
  const name = found?.metadata.name;
  const priority = found?.value ?? DEFAULT_PRIORITY;
  const preemptionPolicy = found?.preemptionPolicy ?? DEFAULT_POLICY;
  refuseOther(pod, 'integer value of priority', { given: pod.spec.priority, computed: priority });
  refuseOther(pod, 'string value of PreemptionPolicy', { given: pod.spec.preemptionPolicy, computed: preemptionPolicy });
  return { ...pod, spec: { ...pod.spec, ...(name === undefined ? {} : { priorityClassName: name }), priority, preemptionPolicy } };
}

/** What was computed stays where an update, made from the user's own manifest, says nothing of it. */
function keepPriority(pod: Pod, { spec: before }: Pod): Pod | undefined {
  if (pod.spec.priority !== undefined || before.priority === undefined) return undefined;
  const { priority, priorityClassName, preemptionPolicy } = before;
  return {
    ...pod,
    spec: {
      priority,
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
      ...pod.spec,
    },
  };
}

function classOf(pod: Pod, view: StoreView): PriorityClass | undefined {
  const { priorityClassName: name = '' } = pod.spec;
  if (name === '') return defaultClass(view);
  const found = view.get(priorityClasses, { namespace: '', name });
  if (found === undefined) throw forbidden(pods, pod.metadata.name, `no PriorityClass with name ${name} was found`);
  return found;
}

/** Only the class decides: what the pod says itself has to be the same. */
function refuseOther<T>(pod: Pod, what: string, { given, computed }: { readonly given: T | undefined; readonly computed: T }): void {
  if (given === undefined || given === computed) return;
  const detail = `the ${what} (${String(given)}) must not be provided in pod spec; priority admission controller computed ${String(computed)} from the given PriorityClass name`;
  throw forbidden(pods, pod.metadata.name, detail);
}

/** Classes are few: making one is an administrator's work. */
function defaultClass(view: StoreView): PriorityClass | undefined {
  return view
    .list(priorityClasses)
    .items.filter(({ globalDefault }) => globalDefault === true)
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
