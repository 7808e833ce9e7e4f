import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { matchesLabels } from '#api/meta/selector.ts';
import { namespaces } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { KindRegistry } from '../../registry.ts';
import type { AdmissionRequest, StoreView } from '../admission.ts';
import type { Operation } from './rule-matcher.ts';
import type { Webhook } from './webhook.ts';

const OPERATIONS: Readonly<Record<AdmissionRequest['verb'], Operation>> = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' };
/** What decides over admission itself is never asked about, so that a broken webhook can be removed. */
const EXEMPT_GROUP = 'admissionregistration.k8s.io';

/** The operation as rules name it. */
export function operationOf({ verb }: AdmissionRequest): Operation {
  return OPERATIONS[verb];
}

/** True for what no webhook is asked about. */
export function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.resource.group === EXEMPT_GROUP;
}

/** The version in which `webhook` wants to be asked about a write; undefined where it does not. Its conditions are not asked yet. */
export function wantedKind(
  webhook: Webhook,
  request: AdmissionRequest,
  { registry, view }: { readonly registry: KindRegistry; readonly view: StoreView },
): KindDefinition | undefined {
  const matches = ({ resource }: KindDefinition): boolean =>
    webhook.rules({ operation: operationOf(request), resource, subresource: request.subresource });
  const kind = matches(request.kind)
    ? request.kind
    : webhook.matchesEquivalent
      ? otherVersions(registry, request.kind).find(matches)
      : undefined;
  if (kind === undefined || !namespaceMatches(webhook, request, view)) return undefined;
  const isSelected = [request.object, request.previous].some(
    (object) => object !== undefined && matchesLabels(webhook.objects, object.metadata.labels),
  );
  return isSelected ? kind : undefined;
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
  { namespaces: requirements }: Webhook,
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
