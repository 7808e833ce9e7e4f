import type { LabelSelector } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { type LabelRequirement, labelRequirementsOf, matchesLabels } from '#api/meta/selector.ts';
import { namespaces } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { STARTING_USER } from '../../contract/user.ts';
import type { KindRegistry } from '../../contract/registry.ts';
import type { AdmissionRequest, StoreView } from '../../contract/admission.ts';
import type { Operation, RuleMatcher } from './rule-matcher.ts';

const OPERATIONS: Readonly<Record<AdmissionRequest['verb'], Operation>> = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
  connect: 'CONNECT',
};
/** What decides over admission itself is never asked about, so that a broken webhook can be removed. */
const EXEMPT_GROUP = 'admissionregistration.k8s.io';

/** The operation as rules name it. */
export function operationOf({ verb }: Pick<AdmissionRequest, 'verb'>): Operation {
  return OPERATIONS[verb];
}

/** True for what no webhook is asked about. */
export function isExempt({ kind, user }: AdmissionRequest): boolean {
  return kind.resource.group === EXEMPT_GROUP || user === STARTING_USER;
}

/** Which writes somebody wants to be asked about. */
export interface Matching {
  readonly rules: RuleMatcher;
  /** Not those, whatever `rules` says. */
  readonly excluded?: RuleMatcher;
  /** Other versions of a kind that the rules do not name are sent in a version that they do. */
  readonly matchesEquivalent: boolean;
  readonly namespaces: readonly LabelRequirement[];
  readonly objects: readonly LabelRequirement[];
}

/** The version in which `asker` wants to be asked about a write; undefined where it does not. Its conditions are not asked yet. */
export function wantedKind(
  asker: Matching,
  request: AdmissionRequest,
  { registry, view }: { readonly registry: KindRegistry; readonly view: StoreView },
): KindDefinition | undefined {
  const { subresource, key } = request;
  const matches = ({ resource }: KindDefinition): boolean => {
    const subject = { operation: operationOf(request), resource, subresource, name: key.name };
    return asker.rules(subject) && asker.excluded?.(subject) !== true;
  };
  const kind = matches(request.kind)
    ? request.kind
    : asker.matchesEquivalent
      ? otherVersions(registry, request.kind).find(matches)
      : undefined;
  if (kind === undefined || !namespaceMatches(asker, request, view)) return undefined;
  // why: the options of a connection have no labels, so only a selector of everything selects them
  if (request.verb === 'connect') return asker.objects.length === 0 ? kind : undefined;
  const isSelected = [request.object, request.previous].some(
    (object) => object !== undefined && matchesLabels(asker.objects, object.metadata.labels),
  );
  return isSelected ? kind : undefined;
}

/** A selector of a configuration, taken apart. */
export function requirementsOf(selector: LabelSelector | undefined): readonly LabelRequirement[] {
  const requirements = labelRequirementsOf(selector ?? {});
  // why: faulty selectors were refused when the configuration was written
  return requirements.ok ? requirements.value : [];
}

/** An object of one version as another has it. */
export function convert(object: KubeObject, from: KindDefinition, to: KindDefinition): KubeObject {
  if (from === to) return object;
  const stored = from.toStored?.(object) ?? object;
  return to.fromStored?.(stored) ?? stored;
}

function otherVersions(registry: KindRegistry, { resource }: KindDefinition): readonly KindDefinition[] {
  return registry.groupVersions
    .filter(({ group, version }) => group === resource.group && version !== resource.version)
    .flatMap(({ kinds }) => kinds.filter((kind) => kind.resource.plural === resource.plural));
}

/** What is in no namespace is selected whatever the selector says, but namespaces themselves by their own labels. */
function namespaceMatches(
  { namespaces: requirements }: Matching,
  { kind, key, object, previous }: AdmissionRequest,
  view: StoreView,
): boolean {
  if (requirements.length === 0) return true;
  if (groupResourceOf(kind.resource) === groupResourceOf(namespaces))
    return matchesLabels(requirements, (object ?? previous)?.metadata.labels);
  if (key.namespace === '') return true;
  const namespace = view.get(namespaces, { namespace: '', name: key.namespace });
  return matchesLabels(requirements, trusted<KubeObject | undefined>(namespace)?.metadata.labels);
}
