import { type ConfigSchema, parsers } from '#kit/config.ts';

/** Settings of populators. */
export const populatorFlags = {
  populatorImage: {
    flag: 'populator-image',
    env: 'STOWAGE_POPULATOR_IMAGE',
    default: undefined,
    defaultText: 'the one that is built in',
    placeholder: 'IMAGE',
    doc: 'the image of the pods that fill volumes',
    parse: parsers.text,
  },
  archiveHosts: {
    flag: 'archive-hosts',
    env: 'STOWAGE_ARCHIVE_HOSTS',
    default: '',
    placeholder: 'HOST,HOST:PORT',
    doc: 'hosts that archives may be fetched from although they are this machine; all others may be that are elsewhere',
    parse: parsers.text,
  },
} as const satisfies ConfigSchema;
