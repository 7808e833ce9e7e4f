import { trusted } from '#kit/json.ts';
import type { Event, EventsEvent } from '../generated/kubernetes.ts';
import { invalid, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition, TableColumn } from '../meta/kind.ts';
import { qualifiedName } from '../meta/validate-name.ts';
import { events, regardingEvents } from '../resources.ts';
import { eventKind } from './event.ts';
import { PLAIN_KIND } from './plain-kind.ts';

/** Longest texts, in characters (core validation `validateV1EventSeries`, `ValidateEventCreate`). */
const MAX_NOTE = 1024;
const MAX_WORD = 128;

/** events.k8s.io/v1 Event: the events of core/v1 in other words. */
export const regardingEventKind: KindDefinition<EventsEvent> = {
  ...PLAIN_KIND,
  resource: regardingEvents,
  storedWith: events,
  fromStored: (stored) => toRegarding(stored),
  toStored: (event) => toInvolved(event),
  schema: 'io.k8s.api.events.v1.Event',
  validate: (event) =>
    isDeprecatedForm(event) ? eventKind.validate(toCore(event)) : [...validateName(toCore(event)), ...validateNewForm(event)],
  selectableFields: Object.fromEntries(
    Object.entries(eventKind.selectableFields).map(([name, read]) => [
      name.replace('involvedObject.', 'regarding.').replace('reportingComponent', 'reportingController'),
      (event: EventsEvent) => read(toCore(event)),
    ]),
  ),
  columns: eventKind.columns.map((column): TableColumn<EventsEvent> => ({
    ...column,
    value: (event, nowMs) => column.value(toCore(event), nowMs),
  })),
};

type Words = readonly (readonly [inCore: string, here: string])[];

const WORDS: Words = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['source', 'deprecatedSource'],
  ['reportingComponent', 'reportingController'],
];
const HERE = new Map(WORDS);
const IN_CORE = new Map(WORDS.map(([inCore, here]) => [here, inCore]));

function renamed<T extends object>(event: object, names: ReadonlyMap<string, string>, type: { readonly apiVersion: string }): T {
  const entries = Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]);
  // why trusted: the two kinds have the same fields under other names
  return trusted<T>({ ...Object.fromEntries(entries), ...type, kind: 'Event' });
}

function toCore(event: EventsEvent): Event {
  const core = renamed<Event>(event, IN_CORE, { apiVersion: 'v1' });
  return core.involvedObject === undefined ? { ...core, involvedObject: {} } : core;
}

/** What is stored: the form of core/v1. */
function toInvolved(event: EventsEvent): EventsEvent {
  return trusted<EventsEvent>(toCore(event));
}

function toRegarding(stored: EventsEvent): EventsEvent {
  if (stored.apiVersion !== 'v1') return stored;
  return renamed<EventsEvent>(stored, HERE, { apiVersion: 'events.k8s.io/v1' });
}

/** An event that came by core/v1 has no eventTime, and may stay as it is. */
function isDeprecatedForm({
  eventTime,
  deprecatedFirstTimestamp,
  deprecatedLastTimestamp,
  deprecatedCount,
}: Partial<EventsEvent>): boolean {
  return (
    eventTime === undefined && [deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount].some((value) => value !== undefined)
  );
}

/** Of the rules of core/v1 that on the name alone: an event of this form may stand in another namespace than what it regards. */
function validateName(event: Event): readonly FieldError[] {
  return eventKind.validate(event).filter(({ field }) => field.startsWith('metadata'));
}

function validateNewForm(event: Partial<EventsEvent>): readonly FieldError[] {
  const { eventTime, type = '', note = '', reportingController = '' } = event;
  return [
    ...(eventTime === undefined ? [required('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', type, `has invalid value: ${type}`)]),
    ...(reportingController === ''
      ? [required('reportingController')]
      : qualifiedName(reportingController).map((fault) => invalid('reportingController', reportingController, fault))),
    ...(note.length > MAX_NOTE ? [invalid('note', '', `can have at most ${MAX_NOTE} characters`)] : []),
    ...(['reportingInstance', 'action', 'reason'] as const).flatMap((name) => validateWord(event[name] ?? '', name)),
  ];
}

function validateWord(text: string, field: string): readonly FieldError[] {
  if (text === '') return [required(field)];
  return text.length > MAX_WORD ? [invalid(field, '', `can have at most ${MAX_WORD} characters`)] : [];
}
