import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';

/** An object of a file. */
export interface ObjectDocument {
  readonly source: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** Where objects of a kind are made. */
export interface Place {
  /** `/api/v1/namespaces/default/pods`. */
  readonly collection: string;
  readonly isNamespaced: boolean;
}

/** The namespace in which everything is made. */
export const NAMESPACE = 'default';
const FILE = /\.(ya?ml|json)$/;

/** Every object of the files, and of those in the folders; files that can't be read as YAML are left out. */
export function readDocuments(sources: readonly string[]): readonly ObjectDocument[] {
  return sources.flatMap((source) => {
    const isFolder = statSync(source).isDirectory();
    const files = isFolder ? readdirSync(source, { recursive: true, encoding: 'utf8' }).map((name) => path.join(source, name)) : [source];
    return files.filter((file) => FILE.test(file) && statSync(file).isFile()).flatMap(readFile);
  });
}

function readFile(file: string): readonly ObjectDocument[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: false });
  const values: unknown[] = Array.isArray(documents) ? documents.filter(({ errors }) => errors.length === 0).map((one) => one.toJS()) : [];
  const objects = values.flatMap((value) => (isRecord(value) && Array.isArray(value['items']) ? value['items'] : [value]));
  return objects.filter(isRecord).flatMap((object) => (typeof object['kind'] === 'string' ? [{ source: file, object }] : []));
}

/** Where objects like this one are made; undefined for a kind that is not built in. */
export function placeOf(object: Readonly<Record<string, unknown>>): Place | undefined {
  const { apiVersion, kind } = object;
  const resource = BUILT_IN_RESOURCES.find((each) => {
    const own = each.group === '' ? each.version : `${each.group}/${each.version}`;
    return each.kind === kind && own === apiVersion;
  });
  if (resource === undefined) return undefined;
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const { isNamespaced, plural } = resource;
  return { collection: isNamespaced ? `${root}/namespaces/${NAMESPACE}/${plural}` : `${root}/${plural}`, isNamespaced };
}

/** The object as it is made: in our namespace, and without what only a server may say. */
export function asNew(object: Readonly<Record<string, unknown>>, { isNamespaced }: Place): Record<string, unknown> {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const { namespace: _, ...rest } = metadata;
  return { ...object, metadata: isNamespaced ? { ...rest, namespace: NAMESPACE } : rest };
}
