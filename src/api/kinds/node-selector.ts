import type { NodeSelector, NodeSelectorRequirement } from '../generated/kubernetes.ts';
import { forbidden, invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { labelValue, qualifiedName } from '../meta/validate-name.ts';

/** Faults of a node selector at `field` (core validation `ValidateNodeSelector`). */
export function validateNodeSelector(selector: NodeSelector, field: string): readonly FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => [
    ...validateRequirements(term.matchExpressions ?? [], `${field}.nodeSelectorTerms[${index}].matchExpressions`),
    ...validateLabelValues(term.matchExpressions ?? [], `${field}.nodeSelectorTerms[${index}].matchExpressions`),
    ...validateFieldRequirements(term.matchFields ?? [], `${field}.nodeSelectorTerms[${index}].matchFields`),
  ]);
}

/** Values that no label can have: no node would ever be found by them. */
function validateLabelValues(requirements: readonly NodeSelectorRequirement[], field: string): readonly FieldError[] {
  return requirements.flatMap(({ values = [] }, index) =>
    values.flatMap((value, place) => labelValue(value).map((fault) => invalid(`${field}[${index}].values[${place}]`, value, fault))),
  );
}

/** Faults of what one term asks of labels. */
export function validateRequirements(requirements: readonly NodeSelectorRequirement[], field: string): readonly FieldError[] {
  return requirements.flatMap((requirement, index) => {
    const at = `${field}[${index}]`;
    return [
      ...validateValues(requirement, at),
      ...qualifiedName(requirement.key ?? '').map((fault) => invalid(`${at}.key`, requirement.key, fault)),
    ];
  });
}

function validateValues({ operator, values = [] }: NodeSelectorRequirement, at: string): readonly FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? [] : [forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return values.length === 1 ? [] : [required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator')];
  }
}

function validateFieldRequirements(requirements: readonly NodeSelectorRequirement[], field: string): readonly FieldError[] {
  return requirements.flatMap(({ key, operator, values = [] }, index) => {
    const at = `${field}[${index}]`;
    const faults: FieldError[] = [];
    if (operator !== 'In' && operator !== 'NotIn') faults.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
    else if (values.length !== 1)
      faults.push(required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
    if (key !== 'metadata.name') faults.push(invalid(`${at}.key`, key ?? '', 'not a valid field selector key'));
    return faults;
  });
}
