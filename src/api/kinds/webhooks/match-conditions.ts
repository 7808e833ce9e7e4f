import type { MatchCondition } from '../../generated/kubernetes.ts';
import { duplicate, invalid, required, tooMany } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { qualifiedName } from '../../meta/validate-name.ts';

const MAX_CONDITIONS = 64;

/** Faults of conditions in CEL beside those of the expressions, which the server compiles (admissionregistration validation `validateMatchConditions`). */
export function validateMatchConditions(conditions: readonly Partial<MatchCondition>[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  const faults: FieldError[] = conditions.length > MAX_CONDITIONS ? [tooMany(field, conditions.length, MAX_CONDITIONS)] : [];
  // why only those: a list that is too long is told once, not item by item
  for (const [index, { name = '', expression = '' }] of conditions.slice(0, MAX_CONDITIONS).entries()) {
    const at = `${field}[${index}]`;
    if (name === '') faults.push(required(`${at}.name`));
    else faults.push(...qualifiedName(name).map((fault) => invalid(`${at}.name`, name, fault)));
    if (expression.trim() === '') faults.push(required(`${at}.expression`));
    if (name !== '' && names.has(name)) faults.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  return faults;
}
