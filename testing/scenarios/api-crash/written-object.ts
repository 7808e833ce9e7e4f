import { expect } from 'vitest';
import { isRecord } from '#kit/json.ts';

/** Everything that the writers write lies here. */
export const NAMESPACE = 'crash';
/** Of the same. */
export const COLLECTION = `/api/v1/namespaces/${NAMESPACE}/secrets`;

/** What one write makes of an object. */
export interface Content {
  readonly name: string;
  /** Tells this write from all others. */
  readonly operation: string;
  readonly shade: 'light' | 'dark';
  readonly sizeBytes: number;
}

/** An object as it was seen. */
export interface Seen {
  readonly name: string;
  readonly revision: number;
  readonly operation: string;
  readonly shade: string;
}

/** The object that a write sends. */
export function objectOf({ name, operation, shade, sizeBytes }: Content, resourceVersion?: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { crash: 'yes', shade },
      annotations: { operation },
      ...(resourceVersion === undefined ? {} : { resourceVersion: String(resourceVersion) }),
    },
    type: 'Opaque',
    data: dataOf({ shade, operation, sizeBytes }),
  };
}

/** Reads an object, and finds each of its parts to be of one and the same write: it is whole. */
export function readSeen(object: unknown): Seen {
  const metadata = part(object, 'metadata');
  const labels = part(metadata, 'labels');
  const data = part(object, 'data');
  const operation = String(part(metadata, 'annotations')['operation']);
  const sizeBytes = Number(Buffer.from(String(data['size']), 'base64').toString());
  expect(data).toEqual(dataOf({ shade: String(labels['shade']), operation, sizeBytes }));
  return {
    name: String(metadata['name']),
    revision: Number(metadata['resourceVersion']),
    operation,
    shade: String(labels['shade']),
  };
}

/** A part of an object that has to be there. */
export function part(object: unknown, field: string): Readonly<Record<string, unknown>> {
  const value = isRecord(object) ? object[field] : undefined;
  if (!isRecord(value)) throw new TypeError(`no ${field} in ${JSON.stringify(object)?.slice(0, 300)}`);
  return value;
}

function dataOf({
  shade,
  operation,
  sizeBytes,
}: {
  readonly shade: string;
  readonly operation: string;
  readonly sizeBytes: number;
}): object {
  const payload = `${operation} `.repeat(Math.ceil(sizeBytes / (operation.length + 1)));
  return { shade: base64(shade), size: base64(String(sizeBytes)), payload: base64(payload) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
