import type { Pod } from '#api/generated/kubernetes.ts';
import type { Amounts } from '#api/pod-resources.ts';
import { limitsClaims } from '#api/quota/claim-quotas.ts';
import { missingRequests } from '#api/quota/missing-requests.ts';
import { DELETED_CLAIMS } from '#api/quota/usage.ts';
import { trusted } from '#kit/json.ts';
import { formatQuantity } from '#kit/quantity.ts';
import { storedResourceOf } from '../../contract/request.ts';
import { forbidden } from '../../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../contract/admission.ts';
import type { Excess } from './scope-quotas.ts';
import type { QuotaLedger } from './quota-ledger.ts';

/** What refuses, in words. */
export interface QuotaWords {
  /** Of the plugin. */
  readonly name: string;
  /** What stands before the name of a quota in a refusal. */
  readonly quota: string;
}

/** core/v1 ResourceQuota, in kube-apiserver's words. */
export const RESOURCE_QUOTA_WORDS: QuotaWords = { name: 'ResourceQuota', quota: 'quota:' };

/** The admission plugin `ResourceQuota`, or one like it: refuses what a quota has no room for. Has to be the last, because what passes it counts. */
export function quotaAdmission(ledger: QuotaLedger, words: QuotaWords): AdmissionPlugin {
  return {
    name: words.name,
    isLast: true,
    validate: ({ verb, kind, subresource, key, object, isDryRun }: AdmissionRequest) => {
      if (verb === 'delete' || subresource !== '' || object === undefined || key.namespace === '') return;
      const resource = storedResourceOf(kind);
      const claim = { resource, key: { namespace: key.namespace, name: object.metadata.name }, object };
      for (const { name, hard } of resource === 'pods' && verb === 'create' ? ledger.quotasFor(claim) : []) {
        const missing = missingRequests(trusted<Pod>(object), Object.keys(hard));
        if (missing !== '') throw forbidden(kind.resource, object.metadata.name, `failed ${words.quota} ${name}: must specify ${missing}`);
      }
      const excess = ledger.reserve(claim, isDryRun);
      if (excess === undefined) return;
      const kept = keptText(excess, key.namespace, ledger);
      throw forbidden(kind.resource, object.metadata.name, describeExcess(excess, words) + kept);
    },
  };
}

/** Said where it may be what takes the room: nobody sees it among the claims. */
function keptText({ names }: Excess, namespace: string, ledger: QuotaLedger): string {
  if (!names.some(limitsClaims)) return '';
  const count = ledger.countOf(DELETED_CLAIMS, namespace);
  if (count === 0) return '';
  const them = count === 1 ? 'one deleted claim that waits counts' : `${count} deleted claims that wait count`;
  return `; ${them} in it: stowage undelete --list -n ${namespace}`;
}

function describeExcess({ quota, requested, names }: Excess, words: QuotaWords): string {
  const list = (amounts: Amounts): string =>
    names
      .map((name) => {
        const amount = amounts[name];
        return `${name}=${amount === undefined ? '0' : formatQuantity(amount)}`;
      })
      .join(',');
  return `exceeded ${words.quota} ${quota.name}, requested: ${list(requested)}, used: ${list(quota.used)}, limited: ${list(quota.hard)}`;
}
