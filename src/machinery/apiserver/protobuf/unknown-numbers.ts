import protobuf from 'protobufjs';
import { jsonNameOf } from './message-types.ts';

/** Most unknown fields that are told. */
const MAX_TOLD = 20;
/** The wire type of what has a length: texts, bytes and messages. */
const DELIMITED = 2;

/** Field numbers of a body that decodes but that the facts do not know, each as a path that ends in `field N`: decoders pass over them in silence. */
export function unknownNumbers(type: protobuf.Type, bytes: Uint8Array): readonly string[] {
  const told: string[] = [];
  collect({ type, path: '', told }, bytes);
  return told;
}

interface Place {
  readonly type: protobuf.Type;
  readonly path: string;
  readonly told: string[];
}

function collect(place: Place, bytes: Uint8Array): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len && place.told.length < MAX_TOLD) {
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    const field = place.type.fieldsById[number];
    const below = wireType === DELIMITED && field !== undefined ? messageIn(place, field) : undefined;
    if (field === undefined) place.told.push(join(place.path, `field ${number}`));
    if (below === undefined) reader.skipType(wireType);
    else collect(below, reader.bytes());
  }
}

/** The message that a field holds; undefined for scalars, and for maps, whose entries have no more than a key and a value. */
function messageIn({ path, told }: Place, field: protobuf.Field): Place | undefined {
  const type = field.resolve().resolvedType;
  return type instanceof protobuf.Type && !field.map ? { type, path: join(path, jsonNameOf(field)), told } : undefined;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
