import { whyDoubtful, whyModeRefused } from '#api/capabilities/claim-modes.ts';
import { whyModesNotTold, whyModesUnrestorable } from '#api/capabilities/restore-modes.ts';
import { capabilitiesOf, type ClassCapabilities } from '#api/capabilities/resolve.ts';
import type { ConfigMap, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { configMaps, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { descriptionsOf, type OwnDriver } from './own-drivers.ts';

/** A claim asks for an access mode that its class does not allow. */
export class AccessModeRefused extends PlatformError {
  constructor(name: string, why: string) {
    const message = `persistentvolumeclaims ${JSON.stringify(name)} is forbidden: ${why}`;
    super({ code: 'PermissionDenied', reason: 'AccessModeRefused', message, details: { field: 'spec.accessModes' } });
  }
}

/** What classes can do, worked out once for each state of a class and of the descriptions: every claim asks, and they seldom change. */
class ClassesKnown {
  readonly #own: () => readonly OwnDriver[];
  #describers: readonly OwnDriver[] = [];
  #described: readonly ConfigMap[] = [];
  #capabilities = new WeakMap<StorageClass, ClassCapabilities>();

  constructor(own: () => readonly OwnDriver[]) {
    this.#own = own;
  }

  capabilitiesOf(storageClass: StorageClass, described: readonly ConfigMap[]): ClassCapabilities {
    const own = this.#own();
    const isSame = areSame(own, this.#describers) && areSame(described, this.#described);
    if (!isSame) [this.#describers, this.#described, this.#capabilities] = [own, described, new WeakMap()];
    const known = this.#capabilities.get(storageClass);
    if (known !== undefined) return known;
    const capabilities = capabilitiesOf(storageClass, descriptionsOf(storageClass, { own, configMaps: described }));
    this.#capabilities.set(storageClass, capabilities);
    return capabilities;
  }
}

/** True where both have the very same items. */
function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** CLASS-11, CAP-2, SNAP-4: refuses a new claim an access mode that its class does not allow, or that no volume from a snapshot of its driver has, and warns of what its driver is said not to do. */
export function modesAdmission(own: () => readonly OwnDriver[]) {
  const classes = new ClassesKnown(own);
  return {
    name: 'ClassCapabilities',
    validate({ verb, kind, subresource, object, warn }: Omit<RuleRequest, 'key'>, view: RuleView): void {
      if (verb !== 'create' || subresource !== '' || kind.resource !== persistentVolumeClaims || object === undefined) return;
      // why trusted: the server has checked the object against the schema of the resource that was just compared
      const claim = trusted<PersistentVolumeClaim>(object);
      const storageClass = view.get(storageClasses, { namespace: '', name: classOfClaim(claim) });
      if (storageClass === undefined) return;
      const refusal = whyModeRefused(claim, storageClass);
      if (refusal !== undefined) throw new AccessModeRefused(claim.metadata.name, refusal);
      const described = view.list(configMaps, DESCRIPTIONS.namespace).items;
      const capabilities = classes.capabilitiesOf(storageClass, described);
      const { provisioner } = storageClass;
      const unrestorable = whyModesUnrestorable(claim, provisioner) ?? whyModesNotTold(claim, capabilities, provisioner);
      if (unrestorable !== undefined) throw new AccessModeRefused(claim.metadata.name, unrestorable);
      const doubt = whyDoubtful(claim, capabilities);
      if (doubt !== undefined) warn(doubt);
    },
  };
}
