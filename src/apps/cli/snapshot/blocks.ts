import { volumeSnapshots } from '#api/generated/definitions.ts';
import { type ConfigSchema } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { HttpClient } from '#machinery/client/http-client.ts';
import { type BlockRange, type BlocksPage, isBlocksPage, pagePath, type PageQuestion } from '../../server/modules/snapshots/blocks-page.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { requirePlugin } from '../plugin/require-plugin.ts';
import { formatTable } from '../table.ts';

const flags = {
  ...objectConfig,
  ...outputConfig,
  since: {
    flag: 'since',
    env: 'STOWAGE_SINCE',
    default: undefined,
    defaultText: 'all that holds data',
    placeholder: 'SNAPSHOT',
    doc: 'only what has changed since this snapshot of the same claim',
    parse: (text: string): string | undefined => text,
  },
} as const satisfies ConfigSchema;

/** `stowage snapshot blocks`. */
export const blocks = defineCommand({
  usage: 'NAME',
  about: `Shows which blocks of a snapshot hold data, or, with --since, which have changed since an earlier snapshot of the same claim: what an incremental backup has to copy.
Backup programs are told the same by gRPC (docs/en/volumes.md). A snapshot of a volume of type directory has no blocks.`,
  examples: [
    ['stowage snapshot blocks tuesday', 'which blocks hold data'],
    ['stowage snapshot blocks tuesday --since monday', 'which have changed since the snapshot monday'],
    ['stowage snapshot blocks tuesday --since monday -o json', 'the same for programs'],
  ],
  flags,
  words: {
    min: 1,
    max: 1,
    takes: 'takes the NAME of a VolumeSnapshot',
    findNames: async (client) => (await client.list(volumeSnapshots)).items.map(({ metadata }) => metadata.name),
  },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client, namespace } = await connectApi(config);
    try {
      await requirePlugin(client, 'snapshot');
      const { volumeSizeBytes, blocks: found } = await readAll(client, { namespace, name, since: config.since, offset: 0 }, signal);
      const changedBytes = found.reduce((sum, { size }) => sum + size, 0);
      if (config.output === 'json') return print(formatJson({ volumeSizeBytes, changedBytes, blocks: found }));
      for (const line of formatTable([['OFFSET', 'SIZE'], ...found.map(({ offset, size }) => [String(offset), String(size)])])) print(line);
      const what = config.since === undefined ? 'hold data' : `have changed since ${config.since}`;
      print(`${formatBytes(BigInt(changedBytes))} of ${formatBytes(BigInt(volumeSizeBytes))} ${what}, in ${found.length} pieces`);
    } finally {
      client.close();
    }
  },
});

async function readAll(client: HttpClient, question: PageQuestion, signal: AbortSignal): Promise<BlocksPage> {
  const all: BlockRange[] = [];
  for (let offset = question.offset; ;) {
    signal.throwIfAborted();
    const page = await readPage(client, { ...question, offset });
    all.push(...page.blocks);
    if (page.next === undefined) return { volumeSizeBytes: page.volumeSizeBytes, blocks: all };
    offset = page.next;
  }
}

/** @throws PlatformError what the platform says, or that it is no Stowage */
async function readPage(client: HttpClient, question: PageQuestion): Promise<BlocksPage> {
  const answer = await client.read(pagePath(question));
  if (isBlocksPage(answer)) return answer;
  const message =
    'the API server does not tell of blocks: ask the Stowage that has the snapshot, or use the client of external-snapshot-metadata on a cluster';
  throw new PlatformError({ code: 'Unimplemented', reason: 'BlocksNotServed', message });
}
