import { type FieldRequirement, findUnsupportedField, matchesFields, parseFieldSelector } from '#api/meta/field-selector.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import { type LabelRequirement, matchesLabels, parseLabelSelector } from '#api/meta/selector.ts';
import type { Entry } from '../../store/store.ts';
import { asObject } from '../objects/json-object.ts';
import { badRequest } from '../contract/status-error.ts';

/** Which objects of a kind a list or watch is about. */
export interface Selection {
  /** True where no selector was given: every object matches. */
  readonly isEverything: boolean;
  /** The only name that can match, where the selector says so. */
  readonly name?: string;
  matches(entry: Entry): boolean;
}

/** What is checked between the text of selectors and the fields that they name. */
type Between = () => void;

/** Reads both selectors in their text form. @throws ApiError `InvalidArgument` where one can't be understood or names a field that the kind does not offer */
export function parseSelection(
  kind: KindDefinition,
  selectors: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
  checkOthers: Between = () => {},
): Selection {
  const labels = parseLabels(selectors.labelSelector ?? '');
  const fields = parseFields(selectors.fieldSelector ?? '');
  checkOthers();
  const unsupported = findUnsupportedField(fields, kind);
  if (unsupported !== undefined) throw badRequest(unsupported);
  const byName = fields.find((requirement) => requirement.field === 'metadata.name' && requirement.isEqual);
  return {
    isEverything: labels.length === 0 && fields.length === 0,
    ...(byName === undefined ? {} : { name: byName.value }),
    matches: (entry) => {
      const object = asObject(entry.object);
      return matchesLabels(labels, object.metadata.labels) && matchesFields(fields, kind, object);
    },
  };
}

function parseLabels(text: string): readonly LabelRequirement[] {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw badRequest(`labelSelector ${JSON.stringify(text)}: ${parsed.error}`);
  return parsed.value;
}

function parseFields(text: string): readonly FieldRequirement[] {
  const parsed = parseFieldSelector(text);
  if (!parsed.ok) throw badRequest(`invalid field selector ${JSON.stringify(text)}: ${parsed.error}`);
  return parsed.value;
}
