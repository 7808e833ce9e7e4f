import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { invalid } from '../../contract/status-error.ts';
import type { AdmissionPlugin } from '../../contract/admission.ts';
import { compileCondition } from './match-conditions.ts';

const CONFIGURATIONS: ReadonlySet<string> = new Set([mutatingWebhookConfigurations, validatingWebhookConfigurations].map(groupResourceOf));

/** Refuses configurations with conditions that can't be compiled; what was stored before is not looked at again. */
export const webhookConditions: AdmissionPlugin = {
  name: 'WebhookConditions',
  validate({ kind, object, previous, key }) {
    if (object === undefined || !CONFIGURATIONS.has(groupResourceOf(kind.resource))) return;
    // why trusted: it is of one of these kinds, and its validation passed
    const { webhooks = [] } = trusted<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>(object);
    const before = trusted<MutatingWebhookConfiguration | undefined>(previous);
    const faults = webhooks.flatMap(({ matchConditions = [] }, index) => {
      if (deepEqual(matchConditions, before?.webhooks?.[index]?.matchConditions)) return [];
      return matchConditions.flatMap(({ expression: given }, at) => {
        const expression = given.trim();
        const compiled = compileCondition(expression);
        return compiled.ok ? [] : [invalidField(`webhooks[${index}].matchConditions[${at}].expression`, expression, compiled.error)];
      });
    });
    if (faults.length > 0) throw invalid(kind.resource, key.name, faults);
  },
};
