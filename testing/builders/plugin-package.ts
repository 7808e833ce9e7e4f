import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { buildPackage } from '#controllers/stowage/plugins/packages/build-package.ts';
import { makeKeyPair, readPrivateKey } from '#controllers/stowage/plugins/packages/signature.ts';
import { aDefinition } from './definition.ts';

/** A key that signs packages of tests. */
export const MAKER = readPrivateKey(makeKeyPair().privateKey);

/** What of a package a test chooses. */
export interface PackageOverrides {
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly key?: typeof MAKER;
}

const FILES = {
  'definitions/disks.json': { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', ...aDefinition() },
  'roles/view.json': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'stowage:disk:view' },
    rules: [{ apiGroups: ['shop.example.com'], resources: ['disks'], verbs: ['get', 'list'] }],
  },
  'objects/sample.json': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sample', namespace: 'default' } },
};

/** An archive of the plugin `disk` 1.0.0, which brings the kind Disk. A file that is a text stands as it is. */
export async function aPackage({ fields = {}, files = FILES, key = MAKER }: PackageOverrides = {}): Promise<Buffer> {
  const bytes = Object.entries(files).map(
    ([path, content]) => [path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))] as const,
  );
  const all = { name: 'disk', version: '1.0.0', stowage: '>=0.0.0', ...fields };
  return Buffer.from((await buildPackage({ fields: all, files: new Map(bytes) }, key)).archive);
}

/** What {@link aPackage} has beside its manifest. */
export const PACKAGE_CONTENT: Readonly<Record<string, unknown>> = FILES;

/** Any archive. */
export async function anArchive(entries: Parameters<typeof packTar>[0]): Promise<Buffer> {
  return gzipSync(await packTar(entries));
}
