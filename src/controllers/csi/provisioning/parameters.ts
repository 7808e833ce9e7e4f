import type { PersistentVolumeClaim, SecretReference, StorageClass } from '#api/generated/kubernetes.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { fail, ok, type Result } from '#kit/errors.ts';

/** Prefix of the class parameters that are meant for the provisioner, not for the driver (external-provisioner pkg/controller). */
const RESERVED = 'csi.storage.k8s.io/';
const FS_TYPE = `${RESERVED}fstype`;
/** The older key of {@link FS_TYPE}. */
const FS_TYPE_OLD = 'fstype';

/** For what a driver may want a secret; the value is the key's part between the reserved prefix and `secret-name`. */
const SECRET_USES = {
  provisioner: 'provisioner-',
  controllerPublish: 'controller-publish-',
  nodeStage: 'node-stage-',
  nodePublish: 'node-publish-',
  controllerExpand: 'controller-expand-',
  nodeExpand: 'node-expand-',
  controllerModify: 'controller-modify-',
} as const;

/** What a secret is for. */
export type SecretUse = keyof typeof SECRET_USES;

/** The secrets that a class names, with the templates filled in. */
export type SecretReferences = Readonly<Partial<Record<SecretUse, SecretReference>>>;

/** A class's parameters, sorted by whom they are for. */
export interface ClassParameters {
  /** For the driver, as they are. */
  readonly forDriver: Readonly<Record<string, string>>;
  /** `''` leaves the choice to the driver. */
  readonly fsType: string;
  readonly secrets: SecretReferences;
}

/** Sorts the parameters of `storageClass` for `claim`. The error names the parameter and what would be right. Pure. */
export function sortParameters(storageClass: StorageClass, claim: PersistentVolumeClaim): Result<ClassParameters> {
  const parameters = storageClass.parameters ?? {};
  if (Object.hasOwn(parameters, FS_TYPE) && Object.hasOwn(parameters, FS_TYPE_OLD))
    return fail(
      `fstype specified in parameters with both ${JSON.stringify(FS_TYPE_OLD)} and ${JSON.stringify(FS_TYPE)} keys: keep the latter`,
    );
  const forDriver: [string, string][] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (key === FS_TYPE || key === FS_TYPE_OLD || KNOWN_SECRET_KEYS.has(key)) continue;
    if (key.startsWith(RESERVED))
      return fail(`found unknown parameter key ${JSON.stringify(key)} with reserved namespace ${RESERVED}: take it out of the class`);
    forDriver.push([key, value]);
  }
  const secrets = resolveSecrets(parameters, claim);
  if (!secrets.ok) return secrets;
  return ok({
    forDriver: Object.fromEntries(forDriver),
    fsType: parameters[FS_TYPE] ?? parameters[FS_TYPE_OLD] ?? '',
    secrets: secrets.value,
  });
}

const DEFAULT_SECRET = '';
const KNOWN_SECRET_KEYS: ReadonlySet<string> = new Set(
  [...Object.values(SECRET_USES), DEFAULT_SECRET].flatMap((infix) => [nameKey(infix), namespaceKey(infix)]),
);

function nameKey(infix: string): string {
  return `${RESERVED}${infix}secret-name`;
}

function namespaceKey(infix: string): string {
  return `${RESERVED}${infix}secret-namespace`;
}

function resolveSecrets(parameters: Readonly<Record<string, string>>, claim: PersistentVolumeClaim): Result<SecretReferences> {
  const references: Partial<Record<SecretUse, SecretReference>> = {};
  for (const use of SECRET_USE_NAMES) {
    const own = SECRET_USES[use];
    const infix = Object.hasOwn(parameters, nameKey(own)) || Object.hasOwn(parameters, namespaceKey(own)) ? own : DEFAULT_SECRET;
    const [name, namespace] = [parameters[nameKey(infix)], parameters[namespaceKey(infix)]];
    if (name === undefined && namespace === undefined) continue;
    if (name === undefined || namespace === undefined)
      return fail(
        `a secret needs both parameters ${JSON.stringify(nameKey(infix))} and ${JSON.stringify(namespaceKey(infix))}: add the missing one to the class`,
      );
    const filledName = fill(name, claim);
    if (!filledName.ok) return filledName;
    const filledNamespace = fill(namespace, claim);
    if (!filledNamespace.ok) return filledNamespace;
    references[use] = { name: filledName.value, namespace: filledNamespace.value };
  }
  return ok(references);
}

const SECRET_USE_NAMES: readonly SecretUse[] = [
  'provisioner',
  'controllerPublish',
  'nodeStage',
  'nodePublish',
  'controllerExpand',
  'nodeExpand',
  'controllerModify',
];

const PLACEHOLDER = /\$\{([^}]*)\}/g;
const ANNOTATION = /^pvc\.annotations\['(.+)'\]$/;

/** Fills `${pv.name}`, `${pvc.name}`, `${pvc.namespace}` and `${pvc.annotations['key']}`. */
function fill(template: string, claim: PersistentVolumeClaim): Result<string> {
  const values: Readonly<Record<string, string | undefined>> = {
    'pv.name': provisionedNameOf(claim.metadata.uid),
    'pvc.name': claim.metadata.name,
    'pvc.namespace': claim.metadata.namespace,
  };
  let unknown: string | undefined;
  const text = template.replaceAll(PLACEHOLDER, (whole: string, token: string) => {
    const annotation = ANNOTATION.exec(token)?.[1];
    const value = annotation === undefined ? values[token] : claim.metadata.annotations?.[annotation];
    if (value === undefined) unknown ??= whole;
    return value ?? whole;
  });
  if (unknown === undefined) return ok(text);
  return fail(
    `the template ${JSON.stringify(template)} has no value for ${unknown}: use \${pv.name}, \${pvc.name}, \${pvc.namespace} or an annotation that the claim has`,
  );
}
