import type { KindDefinition } from '#api/meta/kind.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { writeYaml } from '#kit/write-yaml.ts';
import { asObject } from '../objects/json-object.ts';
import type { ListPage } from '../contract/answers.ts';
import { metadataOnly } from './metadata-only.ts';
import type { Representation } from './negotiate.ts';
import { type IncludeObject, tableOf } from './table.ts';

/** How an answer about objects of one kind is put. */
export interface RenderOptions {
  readonly kind: KindDefinition;
  readonly representation: Representation;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** One object as bytes; `bytes` is its stored form where there is one. */
export function renderObject(options: RenderOptions, object: KubeObject, bytes?: Buffer): Buffer {
  const { as, format, version } = options.representation;
  switch (as) {
    case 'Object':
      return format === 'json' && bytes !== undefined ? bytes : encode(format, object);
    case 'PartialObjectMetadata':
      return encode(format, metadataOnly(object, version));
    case 'Table':
      return encode(format, tableOf({ ...options, version }, [object], { metadata: { resourceVersion: object.metadata.resourceVersion } }));
  }
}

/** A page of a list as bytes. Plain JSON is joined from the stored forms, without reading them. */
export function renderList(options: RenderOptions, page: ListPage): Buffer {
  const { as, format, version } = options.representation;
  const { resource } = options.kind;
  const metadata = listMetadata(page);
  const objects = (): KubeObject[] => page.entries.map((entry) => asObject(entry.object));
  switch (as) {
    case 'Object': {
      const head = { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata };
      return format === 'json' ? joinList(head, page) : encode(format, { ...head, items: objects() });
    }
    case 'PartialObjectMetadata': {
      const items = objects().map((object) => metadataOnly(object, version));
      return encode(format, { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata, items });
    }
    case 'Table':
      return encode(format, tableOf({ ...options, version }, objects(), { metadata }));
  }
}

/** JSON or YAML bytes of `value`. */
export function encode(format: Representation['format'], value: unknown): Buffer {
  return Buffer.from(format === 'json' ? JSON.stringify(value) : writeYaml(value));
}

function listMetadata(page: ListPage): object {
  return {
    resourceVersion: String(page.revision),
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

const COMMA = Buffer.from(',');

function joinList(head: object, page: ListPage): Buffer {
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  page.entries.forEach((entry, index) => {
    if (index > 0) parts.push(COMMA);
    parts.push(entry.bytes);
  });
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}
