import type { Resource } from '#api/meta/resource.ts';
import type { Clock } from '#kit/clock.ts';
import { quotaAdmission } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import { QuotaLedger } from '#machinery/apiserver/admission/quota/quota-ledger.ts';
import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import type { Store } from '#machinery/store/store.ts';
import type { Module } from '../modules/manifest.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';
import type { QuotaRule } from '../modules/module.ts';
import { whileAtWork } from './while-at-work.ts';

/** A ledger for each kind of quota that the modules bring. */
export class QuotaLedgers {
  readonly #ledgers: readonly (QuotaRule & { readonly module: Module; readonly ledger: QuotaLedger })[];

  constructor({ modules, store, clock }: { readonly modules: readonly Module[]; readonly store: Store; readonly clock: Clock }) {
    const rules = modules.flatMap((module) => (module.quotas ?? []).map((rule) => ({ ...rule, module })));
    this.#ledgers = rules.map((rule) => ({ ...rule, ledger: new QuotaLedger({ store, clock, kind: rule.kind }) }));
  }

  /** What refuses writes that a quota has no room for. */
  admission(atWork: ModulesAtWork): readonly AdmissionPlugin[] {
    return this.#ledgers.map(({ ledger, words, module }) => whileAtWork(quotaAdmission(ledger, words), { atWork, module }));
  }

  /** The ledger of the quotas of a kind. */
  of(resource: Resource): QuotaLedger | undefined {
    return this.#ledgers.find(({ kind }) => kind.resource === resource)?.ledger;
  }

  close(): void {
    for (const { ledger } of this.#ledgers) ledger.close();
  }
}
