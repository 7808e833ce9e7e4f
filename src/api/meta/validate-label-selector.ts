import type { LabelSelector, LabelSelectorRequirement } from '../generated/kubernetes.ts';
import { forbidden, invalid, required } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { validateLabels } from './validate-labels.ts';
import { labelValue, qualifiedName } from './validate-name.ts';

/** Faults of a `LabelSelector` object at `field` (apimachinery meta/v1/validation). */
export function validateLabelSelector(selector: LabelSelector, field: string): readonly FieldError[] {
  return [
    ...validateLabels(selector.matchLabels, `${field}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((requirement, index) =>
      validateRequirement(requirement, `${field}.matchExpressions[${index}]`),
    ),
  ];
}

function validateRequirement({ key, operator, values = [] }: LabelSelectorRequirement, field: string): readonly FieldError[] {
  return [
    ...validateOperator(operator, values, field),
    ...qualifiedName(key ?? '').map((fault) => invalid(`${field}.key`, key ?? '', fault)),
    ...values.flatMap((value, index) => labelValue(value).map((fault) => invalid(`${field}.values[${index}]`, value, fault))),
  ];
}

function validateOperator(operator: string | undefined, values: readonly string[], field: string): readonly FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator')];
  }
}
