import { parseExactJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';
import { type LyingObject, readObjects } from '#machinery/store/read-objects.ts';
import { redactObject } from './redact-object.ts';
import type { Scrubber } from './scrubber.ts';

/** A file of the bundle. */
export interface BundleFile {
  readonly name: string;
  readonly content: string;
}

/** Objects of one file. */
const OBJECTS_PER_FILE = 500;

/** Tells `scrubber` every secret value that an object holds. @throws StoreDirectoryRefused, StoreDamaged, StoreFormatTooNew */
export function findSecrets(storeDirectory: string, scrubber: Scrubber): void {
  for (const { bytes } of readObjects(storeDirectory)) for (const value of redactObject(parse(bytes)).values) scrubber.hide(value);
}

/** Every object of the store, without the data of secrets: `objects/RESOURCE/NUMBER.json`, each a list that kubectl reads. */
export function* objectFiles(storeDirectory: string): Generator<BundleFile> {
  let page: { readonly resource: string; readonly number: number; readonly items: unknown[] } | undefined;
  for (const lying of readObjects(storeDirectory)) {
    const { resource } = lying.key;
    if (page !== undefined && (page.resource !== resource || page.items.length >= OBJECTS_PER_FILE)) yield fileOf(page);
    if (page?.resource !== resource) page = { resource, number: 1, items: [] };
    else if (page.items.length >= OBJECTS_PER_FILE) page = { resource, number: page.number + 1, items: [] };
    page.items.push(withoutOwners(lying));
  }
  if (page !== undefined) yield fileOf(page);
}

function fileOf(page: { readonly resource: string; readonly number: number; readonly items: readonly unknown[] }): BundleFile {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: page.items }, undefined, 1);
  return { name: `objects/${page.resource.slice(0, 120)}/${String(page.number).padStart(4, '0')}.json`, content: text };
}

/** Redacted, and without `managedFields`: they are half of the size and say nothing here. */
function withoutOwners({ bytes }: LyingObject): unknown {
  const { object } = redactObject(parse(bytes));
  if (!isRecord(object) || !isRecord(object['metadata'])) return object;
  const { managedFields: _, ...metadata } = object['metadata'];
  return { ...object, metadata };
}

function parse(bytes: Uint8Array): unknown {
  return parseExactJson(Buffer.from(bytes).toString('utf8'));
}
