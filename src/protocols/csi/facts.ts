import { trusted } from '#kit/json.ts';
import type { ProtoFacts } from '../protobuf/proto-facts.ts';
import table from './facts/csi.json' with { type: 'json' };

/** The wire contract of CSI 1.13 (container-storage-interface/spec csi.proto); its shape is fixed by the importer that wrote it. */
export const CSI_FACTS: ProtoFacts = trusted<ProtoFacts>(table);
