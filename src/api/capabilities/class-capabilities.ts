import type { KubeObject } from '../meta/object.ts';
import type { Resource } from '../meta/resource.ts';
import type { ClassCapabilities } from './resolve.ts';

/** What a class can do, as the console's gateway sends it: the name and the uid are the class's. */
export interface ResolvedClass extends KubeObject {
  readonly capabilities: ClassCapabilities;
}

/** Where the gateway has what classes can do: drivers say a part of it, of which the browser knows nothing. */
export const classCapabilities: Resource<ResolvedClass> = {
  group: 'console.stowage.dev',
  version: 'v1',
  kind: 'ClassCapabilities',
  listKind: 'ClassCapabilitiesList',
  plural: 'classcapabilities',
  singular: 'classcapabilities',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};
