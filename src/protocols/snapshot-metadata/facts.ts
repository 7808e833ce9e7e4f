import { trusted } from '#kit/json.ts';
import type { ProtoFacts } from '../protobuf/proto-facts.ts';
import table from './facts/snapshot-metadata.json' with { type: 'json' };

/** The wire contract of Kubernetes' SnapshotMetadata service (KEP-3314); its shape is that of the table of CSI. */
export const SNAPSHOT_METADATA_FACTS: ProtoFacts = trusted<ProtoFacts>(table);
