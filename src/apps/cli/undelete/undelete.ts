import { deletedClaims } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { namespaces, persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { DELETED_CLAIM, DELETED_IN } from '#api/undelete/claim-record.ts';
import { type ConfigOf, type ConfigSchema, parsers } from '#kit/config.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { type ApiOfVerb, connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { CommandRefused } from '../run-command.ts';
import { readSubject, type SubjectType, subjectWords } from '../subject.ts';
import { formatTable } from '../table.ts';
import type { CliContext } from '../verb.ts';
import { awaitBound } from './await-bound.ts';
import { type Deleted, readDeleted } from './read-deleted.ts';

const CLAIMS: readonly SubjectType[] = [
  { type: 'pvc', aliases: ['persistentvolumeclaim', 'persistentvolumeclaims'], load: async () => ({ resource: persistentVolumeClaims }) },
];

const [isSwitch, parse] = [true, parsers.boolean] as const;
const text = (value: string): string | undefined => value;
const none = { default: undefined, defaultText: 'none', parse: text } as const;

const flags = {
  ...objectConfig,
  ...outputConfig,
  list: {
    flag: 'list',
    env: 'STOWAGE_UNDELETE_LIST',
    default: false,
    doc: 'list what can be brought back; so does no name at all',
    parse,
    isSwitch,
  },
  all: {
    flag: 'all-namespaces',
    short: 'A',
    env: 'STOWAGE_UNDELETE_ALL',
    default: false,
    doc: 'list that of all namespaces',
    parse,
    isSwitch,
  },
  volume: {
    flag: 'volume',
    env: 'STOWAGE_UNDELETE_VOLUME',
    placeholder: 'VOLUME',
    doc: 'which one, of several deleted claims of the name; else the one that was deleted last',
    ...none,
  },
  as: {
    flag: 'as',
    env: 'STOWAGE_UNDELETE_AS',
    placeholder: 'NAME',
    doc: 'the name that the claim is to have, where its own is taken',
    ...none,
  },
  now: { flag: 'now', env: 'STOWAGE_UNDELETE_NOW', default: false, doc: 'let the volume go at once, with its data', parse, isSwitch },
} as const satisfies ConfigSchema;

type Config = ConfigOf<typeof flags>;

/** `stowage undelete`. */
export const undelete = defineCommand({
  usage: '[pvc/NAME]',
  about: `Brings a deleted claim back, under its name and with its volume and data, as long as the grace of its class (annotation stowage.dev/deletion-grace) keeps that;
without a name it lists what can be brought back. What waits counts in the quotas of its namespace; --now lets it go before its time. An administrator also brings
back what went with a namespace, into the namespace that was made anew under its name (docs/en/volumes.md).`,
  examples: [
    ['stowage undelete -n shop', 'what of the namespace shop can be brought back, and until when'],
    ['stowage undelete pvc/data -n shop', 'bring back the claim data that was deleted last'],
    ['stowage undelete pvc/data --volume pvc-7d1 --as old-data', 'one of several, under another name'],
    ['stowage undelete pvc/data -n shop --now', 'let its volume go at once'],
  ],
  flags,
  words: {
    ...subjectWords(CLAIMS),
    min: 0,
    findNames: async (client, _index, namespace) => [
      ...new Set((await readDeleted(client, namespace)).map(({ claimName }) => `pvc/${claimName}`)),
    ],
  },
  run: async (context, { config, words }) => {
    check(words, config);
    const api = await connectApi(config);
    try {
      if (words.length === 0 || config.list) await list(context, api, config);
      else await act(context, api, { claimName: readSubject('undelete', words, CLAIMS).name, config });
    } finally {
      api.client.close();
    }
  },
});

function check(words: readonly string[], { list: isList, all, volume, as, now }: Config): void {
  if (now && as !== undefined) throw new CommandRefused('--as: what is let go has no name any more; leave it or --now out');
  const isChoice = volume !== undefined || as !== undefined || now;
  if ((words.length === 0 || isList) && isChoice)
    throw new CommandRefused('--volume, --as and --now are about one claim: name it, as pvc/NAME, without --list');
  if (words.length > 0 && all) throw new CommandRefused('--all-namespaces is for lists: a claim is of one namespace, -n names it');
}

async function list({ print }: CliContext, { client, namespace }: ApiOfVerb, { all, output }: Config): Promise<void> {
  const found = await readDeleted(client, all ? '' : namespace);
  if (output === 'json')
    return print(formatJson(found.map(({ claim: _claim, orphan, ...rest }) => ({ ...rest, isNamespaceGone: orphan !== undefined }))));
  if (found.length === 0) return print(`nothing that was deleted ${all ? '' : `in namespace ${namespace} `}can be brought back`);
  const header = ['NAMESPACE', 'CLAIM', 'SIZE', 'CLASS', 'DELETED', 'UNTIL', 'VOLUME'];
  const rows = found.map((each) => [
    each.orphan === undefined ? each.namespace : `${each.namespace} (gone)`,
    each.claimName,
    each.storage,
    each.storageClassName ?? '-',
    each.deletedAt,
    each.keptUntil,
    each.volumeName,
  ]);
  for (const line of formatTable([header, ...rows])) print(line);
}

interface Asked {
  readonly claimName: string;
  readonly config: Config;
}

async function act(context: CliContext, api: ApiOfVerb, asked: Asked): Promise<void> {
  const deleted = await choose(api, asked);
  await (asked.config.now ? letGo(context, api, deleted) : bringBack(context, api, { deleted, name: asked.config.as ?? asked.claimName }));
}

async function choose({ client, namespace }: ApiOfVerb, { claimName, config: { volume } }: Asked): Promise<Deleted> {
  const found = (await readDeleted(client, namespace)).filter((each) => each.claimName === claimName);
  const chosen = volume === undefined ? found[0] : found.find(({ volumeName }) => volumeName === volume);
  if (chosen !== undefined) return chosen;
  const which = volume === undefined ? '' : ` with volume ${JSON.stringify(volume)}`;
  const message = `no deleted claim ${JSON.stringify(claimName)}${which} of namespace ${namespace} can be brought back: stowage undelete --list -n ${namespace} shows what can`;
  throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
}

async function letGo({ print }: CliContext, { client }: ApiOfVerb, { namespace, claimName, volumeName, orphan }: Deleted): Promise<void> {
  if (orphan === undefined) await client.delete(deletedClaims, { namespace, name: volumeName });
  else await patchRecord(client, orphan, { [DELETED_CLAIM]: null, [DELETED_IN]: null });
  print(`volume ${volumeName} of the deleted claim ${claimName} is let go: it goes as its reclaim policy says`);
}

async function patchRecord(client: Pick<Client, 'patch'>, volume: NonNullable<Deleted['orphan']>, annotations: object): Promise<void> {
  const body = { metadata: { resourceVersion: volume.metadata.resourceVersion, annotations } };
  await client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

async function bringBack(
  { print, signal }: CliContext,
  { client }: ApiOfVerb,
  { deleted, name }: { readonly deleted: Deleted; readonly name: string },
): Promise<void> {
  const { namespace, volumeName, claim, orphan } = deleted;
  await refuseTaken(client, deleted, name);
  if (orphan !== undefined) {
    const { metadata } = await client.get(namespaces, { namespace: '', name: namespace });
    await patchRecord(client, orphan, { [DELETED_IN]: metadata.uid });
    print(`volume ${volumeName} is given to the namespace ${namespace} that is there now`);
  }
  const made = await client.create(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, name, namespace } });
  print(`claim ${name} is made; it gets its volume ${volumeName}`);
  await awaitBound({ client, signal }, made);
  print(`claim ${name} is back, with the data that it had when it was deleted at ${deleted.deletedAt}`);
}

async function refuseTaken(client: Pick<Client, 'get'>, { namespace, claimName, volumeName }: Deleted, name: string): Promise<void> {
  try {
    await client.get(persistentVolumeClaims, { namespace, name });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return;
    throw thrown;
  }
  const message = `there is a claim ${JSON.stringify(name)} in namespace ${namespace}: bring the deleted one back under another name (stowage undelete pvc/${claimName} -n ${namespace} --volume ${volumeName} --as OTHER), or delete the one that is there first`;
  throw new PlatformError({ code: 'AlreadyExists', reason: 'AlreadyExists', message });
}
