import type { Event } from '../generated/kubernetes.ts';
import { formatAge } from '../meta/duration.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { events } from '../resources.ts';
import { column } from './columns.ts';
import { withAbsent } from './defaulting.ts';

/** core/v1 Event. */
export const eventKind: KindDefinition<Event> = {
  resource: events,
  schema: 'io.k8s.api.core.v1.Event',
  subresources: [],
  applyDefaults: (event) => withAbsent(event, { involvedObject: {} }),
  prepareForCreate: (event) => event,
  validate,
  validateUpdate: () => [],
  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => sourceOf(event),
    type: (event) => event.type ?? '',
  },
  columns: [
    column({ name: 'Last Seen', description: 'When it last happened.' }, (event, nowMs) => formatAge(lastSeen(event), nowMs)),
    column({ name: 'Type', description: 'Normal, or Warning where something needs attention.' }, (event) => event.type ?? ''),
    column({ name: 'Reason', description: 'One word for programs: why it happened.' }, (event) => event.reason ?? ''),
    column({ name: 'Object', description: 'The object that it is about.' }, formatObject),
    column(
      { name: 'Subobject', description: 'The part of the object, for example a container.', isWide: true },
      (event) => event.involvedObject.fieldPath ?? '',
    ),
    column({ name: 'Source', description: 'Who noticed it.', isWide: true }, formatSource),
    column({ name: 'Message', description: 'What happened, for people.' }, (event) => (event.message ?? '').trim()),
    column({ name: 'First Seen', description: 'When it first happened.', isWide: true }, (event, nowMs) =>
      formatAge(event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp, nowMs),
    ),
    column({ name: 'Count', description: 'How often it happened.', isWide: true }, (event) =>
      String(event.series?.count ?? Math.max(event.count ?? 1, 1)),
    ),
    column({ name: 'Name', description: 'Name of the event.', isWide: true }, (event) => event.metadata.name),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function sourceOf(event: Event): string {
  const component = event.source?.component ?? '';
  return component === '' ? (event.reportingComponent ?? '') : component;
}

function lastSeen(event: Event): string | undefined {
  return (
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp
  );
}

function formatObject({ involvedObject: { kind, name } }: Event): string {
  return name === undefined || name === '' ? (kind ?? '').toLowerCase() : `${(kind ?? '').toLowerCase()}/${name}`;
}

function formatSource(event: Event): string {
  const host = event.source?.host ?? '';
  return host === '' ? sourceOf(event) : `${sourceOf(event)}, ${host}`;
}

/** Events are written by many programs, so little is asked: what upstream's `legacyValidateEvent` asks. */
function validate(event: Event): readonly FieldError[] {
  const faults = [...validateMetadata(event.metadata, { isNamespaced: true, name: dns1123Subdomain })];
  const namespace = event.involvedObject.namespace ?? '';
  // why: events of cluster-scoped objects live in the namespace default
  const isRight =
    namespace === ''
      ? event.metadata.namespace === 'default' || event.metadata.namespace === 'kube-system'
      : namespace === event.metadata.namespace;
  if (!isRight) faults.push(invalid('involvedObject.namespace', namespace, 'does not match event.namespace'));
  return faults;
}
