import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { placeOf, schemaOf } from '#api/kinds/definition-version-validation.ts';
import { formatFieldError } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { AdmissionPlugin } from '../../contract/admission.ts';
import { invalid } from '../../contract/status-error.ts';
import { compileRules } from './rule-tree.ts';

/** Refuses definitions with rules (`x-kubernetes-validations`) that can't be compiled; what was stored before is not looked at again. */
export const definitionRules: AdmissionPlugin = {
  name: 'CustomResourceRules',
  validate({ kind, object, previous, key }) {
    if (object === undefined || groupResourceOf(kind.resource) !== groupResourceOf(customResourceDefinitions)) return;
    // why: it is of this kind, and its validation passed
    const { spec } = trusted<CustomResourceDefinition>(object);
    const before = previous === undefined ? undefined : trusted<CustomResourceDefinition>(previous).spec;
    if (deepEqual(spec.versions, before?.versions)) return;
    const known = new Set(before === undefined ? [] : faultsOf(before).map(formatFieldError));
    const faults = faultsOf(spec).filter((fault) => !known.has(formatFieldError(fault)));
    if (faults.length > 0) throw invalid(kind.resource, key.name, faults);
  },
};

function faultsOf({ versions }: CustomResourceDefinition['spec']): readonly FieldError[] {
  return versions.flatMap((version, index) => {
    const schema = schemaOf(version);
    const place = placeOf(versions, index, 'schema');
    return schema === undefined || place === undefined ? [] : compileRules(schema, `${place}.openAPIV3Schema`).faults;
  });
}
