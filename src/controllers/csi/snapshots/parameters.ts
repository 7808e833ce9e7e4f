import type { SecretReference } from '#api/generated/kubernetes.ts';
import { fail, ok, type Result } from '#kit/errors.ts';

/** Prefix of the parameters that are meant for us, not for the driver (external-snapshotter pkg/utils). */
const RESERVED = 'csi.storage.k8s.io/';
/** What a secret is for: to take and delete a snapshot, or to look for it. */
type SecretUse = 'take' | 'list';
/** What classes of snapshots, and of groups of them, call secrets, and the objects that templates speak of. */
const WORDS = {
  volumesnapshot: { take: 'snapshotter', list: 'snapshotter-list' },
  volumegroupsnapshot: { take: 'group-snapshotter', list: 'group-snapshotter-get' },
} as const satisfies Readonly<Record<string, Readonly<Record<SecretUse, string>>>>;

type Kind = keyof typeof WORDS;

/** Whom a snapshot is for: what templates of secrets are filled with. */
export interface SnapshotNames {
  readonly kind: Kind;
  readonly content: string;
  readonly namespace: string;
  readonly name: string;
}

/** A class's parameters, sorted by whom they are for. */
export interface SnapshotParameters {
  /** For the driver, as they are. */
  readonly forDriver: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Partial<Record<SecretUse, SecretReference>>>;
}

/** Sorts the parameters of `snapshotClass`; none where there is none. The error names the parameter and what would be right. Pure. */
export function sortSnapshotParameters(
  snapshotClass: { readonly parameters?: Readonly<Record<string, string>> | undefined } | undefined,
  names: SnapshotNames,
): Result<SnapshotParameters> {
  const parameters = snapshotClass?.parameters ?? {};
  const known = new Set([...keysOf(names.kind, 'take'), ...keysOf(names.kind, 'list')]);
  for (const key of Object.keys(parameters))
    if (key.startsWith(RESERVED) && !known.has(key))
      return fail(`found unknown parameter key ${JSON.stringify(key)} with reserved namespace ${RESERVED}: take it out of the class`);
  const secrets: Partial<Record<SecretUse, SecretReference>> = {};
  for (const use of ['take', 'list'] as const) {
    const secret = secretOf(parameters, use, names);
    if (!secret.ok) return secret;
    if (secret.value !== undefined) secrets[use] = secret.value;
  }
  return ok({ forDriver: Object.fromEntries(Object.entries(parameters).filter(([key]) => !key.startsWith(RESERVED))), secrets });
}

function secretOf(parameters: Readonly<Record<string, string>>, use: SecretUse, names: SnapshotNames): Result<SecretReference | undefined> {
  const { kind } = names;
  const [nameKey, namespaceKey] = keysOf(kind, use);
  const [name = '', namespace = ''] = [parameters[nameKey], parameters[namespaceKey]];
  if (parameters[nameKey] === undefined && parameters[namespaceKey] === undefined) return ok(undefined);
  if (name === '' || namespace === '')
    return fail(
      `a secret needs both parameters ${JSON.stringify(nameKey)} and ${JSON.stringify(namespaceKey)}: complete them in the class`,
    );
  const ofContent = { [`${kind}content.name`]: names.content };
  // why fewer when it is looked for: it is asked for where nothing but the content is at hand
  const forNamespace = use === 'list' ? ofContent : { ...ofContent, [`${kind}.namespace`]: names.namespace };
  const forName = use === 'list' ? ofContent : { ...forNamespace, [`${kind}.name`]: names.name };
  const [filledName, filledNamespace] = [fill(name, forName), fill(namespace, forNamespace)];
  if (!filledName.ok) return filledName;
  return filledNamespace.ok ? ok({ name: filledName.value, namespace: filledNamespace.value }) : filledNamespace;
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;

function fill(template: string, values: Readonly<Record<string, string>>): Result<string> {
  let unknown: string | undefined;
  const text = template.replaceAll(PLACEHOLDER, (whole: string, token: string) => {
    const value = Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) unknown ??= whole;
    return value ?? whole;
  });
  if (unknown === undefined) return ok(text);
  const known = Object.keys(values).map((token) => `\${${token}}`);
  return fail(`the template ${JSON.stringify(template)} has no value for ${unknown}: use ${known.join(', ')}`);
}

function keysOf(kind: Kind, use: SecretUse): readonly [name: string, namespace: string] {
  const word = WORDS[kind][use];
  return [`${RESERVED}${word}-secret-name`, `${RESERVED}${word}-secret-namespace`];
}
