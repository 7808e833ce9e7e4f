import path from 'node:path';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { serverConfig } from '../server/config.ts';

/** Flags of verbs that are about one object of an API. */
export const objectConfig = {
  namespace: {
    flag: 'namespace',
    short: 'n',
    env: 'STOWAGE_NAMESPACE',
    default: 'default',
    placeholder: 'NS',
    doc: 'namespace of the object',
    parse: parsers.text,
  },
  kubeconfig: {
    flag: 'kubeconfig',
    env: 'KUBECONFIG',
    default: undefined,
    defaultText: 'that of the data directory',
    placeholder: 'FILE',
    doc: 'whom to ask',
    parse: (text: string): string | undefined => path.resolve(text),
  },
  dataDir: serverConfig.dataDir,
} as const satisfies ConfigSchema;
