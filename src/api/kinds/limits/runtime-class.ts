import type { RuntimeClass } from '../../generated/kubernetes.ts';
import { invalid, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateLabels } from '../../meta/validate-labels.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Label, dns1123Subdomain } from '../../meta/validate-name.ts';
import { runtimeClasses } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { validateAmount } from '../container-validation.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { validateToleration } from '../pod-validation.ts';

/** node.k8s.io/v1 RuntimeClass. */
export const runtimeClassKind: KindDefinition<RuntimeClass> = {
  ...PLAIN_KIND,
  resource: runtimeClasses,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  needsVersionForUpdate: true,
  validate: (runtimeClass) => [
    ...validateMetadata(runtimeClass.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateHandler(runtimeClass),
    ...Object.entries(runtimeClass.overhead?.podFixed ?? {}).flatMap(([name, amount]) =>
      validateAmount(name, amount, `overhead.podFixed[${name}]`),
    ),
    ...validateLabels(runtimeClass.scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...(runtimeClass.scheduling?.tolerations ?? []).flatMap((toleration, index) =>
      validateToleration(toleration, `scheduling.tolerations[${index}]`),
    ),
  ],
  validateUpdate: (next, previous) => immutableField(next.handler, previous.handler, 'handler'),
  columns: [nameColumn(), column({ name: 'Handler', description: 'What runs its pods on a node.' }, ({ handler }) => handler), ageColumn()],
};

function validateHandler({ handler = '' }: Partial<RuntimeClass>): readonly FieldError[] {
  if (handler === '') return [required('handler')];
  return dns1123Label(handler).map((fault) => invalid('handler', handler, fault));
}
