import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { formatFieldError } from '#api/meta/field-error.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';

/** Fields of an object beside its kind. */
export type Fields = Readonly<Record<string, unknown>>;
/** An object whose fields a test looks into. */
export type LooseObject = KubeObject & { readonly [field: string]: unknown };

const META = { name: 'n', uid: 'u-1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
/** Half a minute after the objects of {@link made} were created. */
export const NOW_MS = Date.parse('2026-01-01T00:00:30Z');

/** The definition of a built-in kind. @throws TypeError where there is none */
export function kindNamed(name: string): KindDefinition {
  const kind = BUILT_IN_KINDS.find(({ resource }) => resource.kind === name);
  if (kind === undefined) throw new TypeError(`no kind ${name}`);
  return kind;
}

/** A new object of a kind, defaulted and prepared as the server does it. */
export function made(name: string, fields: Fields): LooseObject {
  const kind = kindNamed(name);
  const metadata = { ...META, ...(kind.resource.isNamespaced ? { namespace: 'ns' } : {}), ...Object(fields['metadata']) };
  return trusted<LooseObject>(kind.prepareForCreate(kind.applyDefaults(trusted<KubeObject>({ ...fields, metadata }))));
}

/** The faults of an object as messages. */
export function faultsOf(name: string, object: KubeObject): readonly string[] {
  return kindNamed(name).validate(object).map(formatFieldError);
}

/** The row of an object in the table of its kind. */
export function rowOf(name: string, object: KubeObject): readonly unknown[] {
  return kindNamed(name).columns.map((column) => column.value(object, NOW_MS));
}
