import { type Resource } from '#api/meta/resource.ts';
import { MAKER, aPackage } from '#testing/builders/plugin-package.ts';

const GROUP = 'tapes.example.com';

const kind = (plural: string, versions: readonly string[]): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { kind: plural, plural, singular: plural.slice(0, -1) },
    versions: versions.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
});
const role = (name: string, verbs: readonly string[]): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: `stowage:tape:${name}` },
  rules: [{ apiGroups: [GROUP], resources: ['tapes'], verbs }],
});
const configMap = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', labels: { 'tape.example.com/of': 'package' } },
});

/** Writes into each tape which version has seen it. */
const code = (version: string): string => `export default { load: ({ part, done }) => ({ controllers: ({ informers }) => {
  const tapes = { group: '${GROUP}', version: 'v1', kind: 'tapes', listKind: 'tapesList', plural: 'tapes', singular: 'tape', shortNames: [], categories: [], isNamespaced: true };
  const reconcile = async ({ client }, { metadata: { namespace, name, annotations = {} } }) => {
    if (annotations['tape.example.com/seen-by'] === '${version}') return done;
    const body = { metadata: { annotations: { 'tape.example.com/seen-by': '${version}' } } };
    await client.patch(tapes, { key: { namespace, name }, patch: { type: 'merge', body } });
    return done;
  };
  return { always: [part('stowage-tape', { name: 'tapes', resource: tapes, informer: informers.for(tapes), triggers: [], concurrency: 1, reconcile })] };
} }) };`;

/** The kind that every version of the package has. */
export const tapes: Resource = {
  group: GROUP,
  version: 'v1',
  kind: 'tapes',
  listKind: 'tapesList',
  plural: 'tapes',
  singular: 'tape',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};
/** Everything that any version brings. */
export const ANY_TAPE = {
  definitions: [`tapes.${GROUP}`, `robots.${GROUP}`],
  roles: ['stowage:tape:view', 'stowage:tape:edit'],
  objects: ['tape-kept', 'tape-even', 'tape-odd'],
} as const;

/** The version after so many others. */
export function tapeVersion(count: number): string {
  return `1.0.${count}`;
}

/** The package of that version: each brings what the one before has not, and has not what that one brought. */
export async function tapePackage(count: number): Promise<{ readonly name: string; readonly archive: string }> {
  const version = tapeVersion(count);
  const isOdd = count % 2 === 1;
  const files = {
    'definitions/tapes.json': kind('tapes', isOdd ? ['v1', 'v2'] : ['v1']),
    ...(isOdd ? {} : { 'definitions/robots.json': kind('robots', ['v1']) }),
    'roles/view.json': role('view', isOdd ? ['get', 'list'] : ['get', 'watch']),
    ...(isOdd ? { 'roles/edit.json': role('edit', ['update']) } : {}),
    'objects/kept.json': configMap('tape-kept'),
    'objects/own.json': configMap(isOdd ? 'tape-odd' : 'tape-even'),
    'code/plugin.mjs': code(version),
  };
  const archive = await aPackage({ fields: { name: 'tape', version }, files });
  return { name: `tape-${version}`, archive: archive.toString('base64') };
}

/** Whom the platform has to trust for it. */
export const TAPE_MAKER = MAKER.publicKey.pem;
