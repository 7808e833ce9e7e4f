/** One row of a message: name, number, type, label (`repeated` or empty) and, where there is one, its oneof. */
export type FieldRow = readonly [name: string, number: number, type: string, label: string, oneof?: string];

/** The wire contract of one protobuf package as a table. */
export interface ProtoFacts {
  readonly package: string;
  readonly messages: Readonly<Record<string, readonly FieldRow[]>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, readonly [request: string, response: string]>>>>;
}

/** Stands before the name of a response that comes as a stream of messages. */
export const STREAM = 'stream ';

/** `volume_id` → `volumeId`, as the generated types name fields. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `CreateVolume` → `createVolume`, as the generated services name methods. */
export function methodName(rpc: string): string {
  return `${rpc.charAt(0).toLowerCase()}${rpc.slice(1)}`;
}
