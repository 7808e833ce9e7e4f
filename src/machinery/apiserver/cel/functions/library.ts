import { ADDRESSES } from './addresses.ts';
import { AUTHORIZATION } from './authorization.ts';
import { COLLECTIONS } from './collections.ts';
import { STANDARD } from './conversions.ts';
import type { Overload } from './declare.ts';
import { NAMED_FORMATS } from './formats.ts';
import { OPERATORS } from './operators.ts';
import { OPTIONALS } from './optionals.ts';
import { QUANTITIES } from './quantities.ts';
import { STRINGS } from './strings.ts';
import { URLS } from './urls.ts';
import { VERSIONS } from './versions.ts';

/** Functions by name, each with its forms. */
export type Library = ReadonlyMap<string, readonly Overload[]>;

/** What expressions of Kubernetes 1.36 may call (apiserver pkg/cel/environment/base.go). */
export const LIBRARY: Library = Map.groupBy(
  [
    ...OPERATORS,
    ...STANDARD,
    ...OPTIONALS,
    ...STRINGS,
    ...COLLECTIONS,
    ...ADDRESSES,
    ...URLS,
    ...QUANTITIES,
    ...VERSIONS,
    ...NAMED_FORMATS,
    ...AUTHORIZATION,
  ],
  ({ name }) => name,
);
