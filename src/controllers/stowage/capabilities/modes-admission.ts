import { whyDoubtful, whyModeRefused } from '#api/capabilities/claim-modes.ts';
import { capabilitiesOf, type ClassCapabilities } from '#api/capabilities/resolve.ts';
import type { ConfigMap, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { configMaps, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { descriptionsOf, type OwnDriver } from './own-drivers.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly object?: KubeObject;
  readonly warn: (text: string) => void;
}

/** The part of the stored state that the rule looks at. */
interface View {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
  list<K extends KubeObject>(resource: Resource<K>, namespace?: string): KubeList<K>;
}

/** A claim asks for an access mode that its class does not allow. */
export class AccessModeRefused extends PlatformError {
  constructor(name: string, why: string) {
    const message = `persistentvolumeclaims ${JSON.stringify(name)} is forbidden: ${why}`;
    super({ code: 'PermissionDenied', reason: 'AccessModeRefused', message, details: { field: 'spec.accessModes' } });
  }
}

/** What classes can do, worked out once for each state of a class and of the descriptions: every claim asks, and they seldom change. */
class ClassesKnown {
  readonly #own: readonly OwnDriver[];
  #described: readonly ConfigMap[] = [];
  #capabilities = new WeakMap<StorageClass, ClassCapabilities>();

  constructor(own: readonly OwnDriver[]) {
    this.#own = own;
  }

  capabilitiesOf(storageClass: StorageClass, described: readonly ConfigMap[]): ClassCapabilities {
    const isSame = described.length === this.#described.length && described.every((one, index) => one === this.#described[index]);
    if (!isSame) [this.#described, this.#capabilities] = [described, new WeakMap()];
    const known = this.#capabilities.get(storageClass);
    if (known !== undefined) return known;
    const capabilities = capabilitiesOf(storageClass, descriptionsOf(storageClass, { own: this.#own, configMaps: described }));
    this.#capabilities.set(storageClass, capabilities);
    return capabilities;
  }
}

/** CLASS-11, CAP-2: refuses a new claim an access mode that its class does not allow, and warns of what its driver is said not to do. Has the shape of the API server's AdmissionPlugin. */
export function modesAdmission(own: readonly OwnDriver[]) {
  const classes = new ClassesKnown(own);
  return {
    name: 'ClassCapabilities',
    validate({ verb, kind, subresource, object, warn }: Request, view: View): void {
      if (verb !== 'create' || subresource !== '' || kind.resource !== persistentVolumeClaims || object === undefined) return;
      // why trusted: the server has checked the object against the schema of the resource that was just compared
      const claim = trusted<PersistentVolumeClaim>(object);
      const storageClass = view.get(storageClasses, { namespace: '', name: classOfClaim(claim) });
      if (storageClass === undefined) return;
      const refusal = whyModeRefused(claim, storageClass);
      if (refusal !== undefined) throw new AccessModeRefused(claim.metadata.name, refusal);
      const described = view.list(configMaps, DESCRIPTIONS.namespace).items;
      const doubt = whyDoubtful(claim, classes.capabilitiesOf(storageClass, described));
      if (doubt !== undefined) warn(doubt);
    },
  };
}
