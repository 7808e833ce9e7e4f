import type { Entry } from '../../store/store.ts';
import { type AnyObject, asObject } from '../objects/json-object.ts';

/** What a write answers with. */
export interface Written {
  readonly object: AnyObject;
  /** The serialised form where the object was stored; absent for a dry run. */
  readonly bytes?: Buffer;
}

/** A stored entry as an answer. */
export function writtenEntry(entry: Entry): Written {
  return { object: asObject(entry.object), bytes: entry.bytes };
}

/** The name of what was written, for the audit log. */
export function nameOfWritten(written: Written): string {
  return written.object.metadata.name;
}
