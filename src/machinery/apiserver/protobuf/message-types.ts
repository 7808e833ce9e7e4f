import protobuf from 'protobufjs';
import facts from '../facts/protobuf.json' with { type: 'json' };
import { trusted } from '#kit/json.ts';
import { ADDED_NUMBERS } from './added-numbers.ts';
import type { FieldFacts } from './field-facts.ts';

interface PackageFacts {
  readonly messages: Readonly<Record<string, readonly FieldFacts[]>>;
}

const PACKAGES = new Map(
  Object.entries(trusted<Record<string, PackageFacts>>(facts)).map(([name, known]) => [name, withAdded(known, ADDED_NUMBERS[name] ?? {})]),
);
const MAP = /^map<string,(.+)>$/;

/** Package of the messages that every group knows, for example DeleteOptions. */
export const META_PACKAGE = 'k8s.io.apimachinery.pkg.apis.meta.v1';
/** Package of the frame. */
export const RUNTIME_PACKAGE = 'k8s.io.apimachinery.pkg.runtime';

/** Message types of the Kubernetes API by package and name; a package is built when it is first asked for, with the packages that it refers to. */
export class MessageTypes {
  readonly #root = new protobuf.Root();
  readonly #built = new Set<string>();

  /** The message type; undefined where the facts have none of that name. */
  find(packageName: string, message: string): protobuf.Type | undefined {
    const known = PACKAGES.get(packageName);
    if (known === undefined || !Object.hasOwn(known.messages, message)) return undefined;
    this.#build(packageName);
    return this.#root.lookupType(`${packageName}.${message}`);
  }

  #build(packageName: string): void {
    const pending = [packageName];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const known = PACKAGES.get(next);
      if (known === undefined || this.#built.has(next)) continue;
      this.#built.add(next);
      this.#root.define(next, Object.fromEntries(Object.entries(known.messages).map(([name, fields]) => [name, describeMessage(fields)])));
      pending.push(...referredPackages(known));
    }
  }
}

/** Fields that the facts have already stay as they are there. */
function withAdded({ messages }: PackageFacts, added: PackageFacts['messages']): PackageFacts {
  const widened = Object.entries(added).map(([name, fields]) => {
    const known = messages[name] ?? [];
    return [name, [...known, ...fields.filter(([field]) => known.every(([other]) => other !== field))]] as const;
  });
  return { messages: { ...messages, ...Object.fromEntries(widened) } };
}

function describeMessage(fields: readonly FieldFacts[]): protobuf.IType {
  return { fields: Object.fromEntries(fields.map((field) => [safeName(field[0]), describe(field)])) };
}

// why: protobufjs keeps names that begin with $ for itself ($ref, $schema)
const DOLLAR = 'dollar_';

function safeName(name: string): string {
  return name.replace(/^\$/, DOLLAR);
}

/** The name of a field in JSON. */
export function jsonNameOf({ name }: protobuf.Field): string {
  return name.startsWith(DOLLAR) ? `$${name.slice(DOLLAR.length)}` : name;
}

function describe([, id, type, label, letters]: FieldFacts): protobuf.IField | protobuf.IMapField {
  const value = MAP.exec(type)?.[1];
  const options = { [LETTERS]: letters };
  if (value !== undefined) return { id, keyType: 'string', type: value, options };
  return label === 'repeated' ? { id, type, rule: 'repeated', options } : { id, type, options };
}

const LETTERS = '(go)';

/** True where Go's field is what `letter` of the facts says. */
export function isMarked(field: protobuf.Field, letter: 'p' | 'v' | 'i' | 'r'): boolean {
  return String(field.options?.[LETTERS] ?? '').includes(letter);
}

function referredPackages({ messages }: PackageFacts): string[] {
  const types = Object.values(messages).flatMap((fields) => fields.map(([, , type]) => MAP.exec(type)?.[1] ?? type));
  const full = types.filter((type) => type.startsWith('.'));
  return [...new Set(full.map((type) => type.slice(1, type.lastIndexOf('.'))))];
}
