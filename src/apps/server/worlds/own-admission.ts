import { escalationCheck } from '#machinery/apiserver/access/rbac/escalation.ts';
import type { RbacAuthorizer } from '#machinery/apiserver/access/rbac/rbac-authorizer.ts';
import { accountAdmission } from '#machinery/apiserver/access/service-accounts/account-admission.ts';
import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import type { Attributes } from '#machinery/apiserver/contract/authorizer.ts';
import { defaultTolerationSeconds } from '#machinery/apiserver/admission/default-toleration-seconds.ts';
import { limitRanger } from '#machinery/apiserver/admission/limit-ranger.ts';
import { nodeRestriction } from '#machinery/apiserver/admission/node-restriction/node-restriction.ts';
import { podPriority } from '#machinery/apiserver/admission/pod-priority.ts';
import { podSecurity } from '#machinery/apiserver/admission/pod-security/pod-security.ts';
import { podRuntimeClass } from '#machinery/apiserver/admission/runtime-class.ts';
import type { ServiceAddresses } from '#machinery/apiserver/admission/service-addresses.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { Metrics } from '#kit/metrics.ts';
import { driversOf } from '../modules/drivers-of.ts';
import type { Module } from '../modules/manifest.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';
import type { QuotaLedgers } from './quota-ledgers.ts';
import { whileAtWork } from './while-at-work.ts';

/** What looks at writes works with. */
export interface OwnAdmissionOptions {
  readonly modules: readonly Module[];
  readonly atWork: ModulesAtWork;
  readonly rbac: RbacAuthorizer;
  readonly serviceAddresses: ServiceAddresses;
  readonly quotas: QuotaLedgers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly mayDo: (attributes: Attributes) => boolean;
}

/** Everything that looks at writes to an API of our own, in order. */
export function ownAdmission(options: OwnAdmissionOptions): readonly AdmissionPlugin[] {
  const { modules, atWork, rbac, serviceAddresses, quotas } = options;
  const deps = { ownDrivers: () => driversOf(modules, atWork), plugins: atWork.plugins, mayDo: options.mayDo };
  return [
    ...modules.flatMap((module) => (module.admission?.(deps) ?? []).map((plugin) => whileAtWork(plugin, { atWork, module }))),
    limitRanger,
    podPriority,
    podRuntimeClass,
    defaultTolerationSeconds,
    serviceAddresses,
    escalationCheck(rbac),
    nodeRestriction,
    accountAdmission(options),
    podSecurity(options),
    ...quotas.admission(atWork),
  ];
}
