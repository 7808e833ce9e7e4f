import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import {
  configMaps,
  deployments,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  secrets,
  storageClasses,
} from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';

/** An object of a fixture. */
export interface FixtureObject {
  readonly resource: Resource;
  readonly draft: Draft<KubeObject>;
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'example.com/web:1' }] } };
const metadata = (name: string): { readonly name: string; readonly namespace: string } => ({ name, namespace: 'default' });
const object = (resource: Resource, draft: object): FixtureObject => ({ resource, draft: trusted<FixtureObject['draft']>(draft) });

/** Objects that lie in each fixture as they were made. */
export const KEPT: readonly FixtureObject[] = [
  object(namespaces, { metadata: { name: 'shop' }, spec: {} }),
  object(nodes, aNode({ name: 'a-node' })),
  object(storageClasses, aClass({ name: 'a-class' })),
  object(persistentVolumes, aVolume({ name: 'a-volume' })),
  object(persistentVolumeClaims, aClaim({ name: 'a-claim' })),
  object(pods, aPod({ name: 'a-pod' })),
  object(secrets, { metadata: metadata('a-secret'), type: 'Opaque', data: { password: 'czNjcmV0' } }),
  object(deployments, { metadata: metadata('web'), spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } }),
];

/** An object of the definition that {@link aDefinition} makes. */
export const OWN: FixtureObject = object(resourceOf(aDefinition()), { metadata: metadata('one'), spec: { size: 3 } });

/** Objects that were deleted, made again, and changed to this data: what the log holds of their past is superseded. */
export const REPLACED: readonly (FixtureObject & { readonly data: Readonly<Record<string, string>> })[] = [
  { ...object(configMaps, { metadata: metadata('settings'), data: { color: 'grey' } }), data: { color: 'red' } },
];

/** Where an object lies. */
export function keyOf({ metadata: { name, namespace } }: FixtureObject['draft']): { readonly namespace: string; readonly name: string } {
  return { namespace: namespace ?? '', name: name ?? '' };
}
