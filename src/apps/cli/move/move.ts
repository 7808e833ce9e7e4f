import { type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { type ConfigOf, type ConfigSchema, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { followJob } from '../follow-job.ts';
import { type ApiOfVerb, connectApi, objectConfig } from '../object-config.ts';
import { requirePlugin } from '../plugin/require-plugin.ts';
import { CommandRefused } from '../run-command.ts';
import { readSubject, type SubjectType, subjectWords } from '../subject.ts';
import type { CliContext } from '../verb.ts';
import { FOLLOWED_MOVES } from './follow.ts';
import { preview } from './preview.ts';

const CLAIMS: readonly SubjectType[] = [
  {
    type: 'pvc',
    aliases: ['persistentvolumeclaim', 'persistentvolumeclaims'],
    load: async () => ({ resource: persistentVolumeClaims }),
  },
];

const [isSwitch, parse] = [true, parsers.boolean] as const;
const text = (value: string): string | undefined => value;
const none = { default: undefined, defaultText: 'as it is', parse: text } as const;

const flags = {
  ...objectConfig,
  class: { flag: 'class', env: 'STOWAGE_MOVE_CLASS', placeholder: 'CLASS', doc: 'the class that its volume is to be of', ...none },
  size: {
    flag: 'size',
    env: 'STOWAGE_MOVE_SIZE',
    placeholder: 'SIZE',
    doc: 'the size that it is to have; a smaller one only where the data fits',
    ...none,
  },
  node: { flag: 'node', env: 'STOWAGE_MOVE_NODE', placeholder: 'NODE', doc: 'the node on which its volume is to lie', ...none },
  toNamespace: {
    flag: 'to-namespace',
    env: 'STOWAGE_MOVE_NAMESPACE',
    placeholder: 'NAMESPACE',
    doc: 'the namespace that it is to be in, which has to grant it',
    ...none,
  },
  confirm: { flag: 'confirm', env: 'STOWAGE_CONFIRM', default: false, doc: 'give the old volume up', parse, isSwitch },
  undo: { flag: 'undo', env: 'STOWAGE_UNDO', default: false, doc: 'take the old volume back, and give the new one up', parse, isSwitch },
  dryRun: { flag: 'dry-run', env: 'STOWAGE_DRY_RUN', default: false, doc: 'say what would be done, and do nothing', parse, isSwitch },
} as const satisfies ConfigSchema;

type MoveConfig = ConfigOf<typeof flags>;

/** `stowage move`. */
export const move = defineCommand({
  usage: 'pvc/NAME',
  about: `Moves a claim to another class, size, node or namespace under its name, and waits until it is done: its data is copied while it is used; then who uses it is stopped,
what has changed is copied, the claim gets the new volume, and who was stopped is started again. The old volume is kept until --confirm; --undo brings it back until then,
without what was written since. It goes on in the platform when this command is ended, and after a crash. A VolumeMove does the same (docs/en/volumes.md).`,
  examples: [
    ['stowage move pvc/data --class fast --dry-run', 'say what would be done'],
    ['stowage move pvc/data --class fast --size 5Gi', 'to another class, and to a size in which the data fits'],
    ['stowage move pvc/data --to-namespace shop', 'to another namespace: nothing is copied'],
    ['stowage move pvc/data --undo', 'bring back what was there before'],
    ['stowage move pvc/data --confirm', 'give up what was there before'],
  ],
  flags,
  words: { ...subjectWords(CLAIMS), min: 1 },
  run: async (context, { config, words }) => {
    const { name: claimName } = readSubject('move', words, CLAIMS);
    const wishes = readWishes(claimName, config);
    const api = await connectApi(config);
    try {
      await requirePlugin(api.client, 'snapshot');
      if (wishes === undefined) await decide(context, api, { claimName, decision: config.undo ? 'Undo' : 'Confirm' });
      else await begin(context, api, { spec: { claimName, ...wishes }, isDryRun: config.dryRun });
    } finally {
      api.client.close();
    }
  },
});

type Wishes = Omit<VolumeMove['spec'], 'claimName'>;

/** Where it is to go; undefined where an earlier move is decided. */
function readWishes(claimName: string, config: MoveConfig): Wishes | undefined {
  const wishes = wishesOf(config);
  const given = Object.keys(wishes).length > 0;
  if (config.confirm && config.undo) throw new CommandRefused('--confirm and --undo: only one of them can be meant');
  if (config.confirm || config.undo) {
    if (given)
      throw new CommandRefused('what is confirmed or undone has its place already: leave --class, --size, --node and --to-namespace out');
    return undefined;
  }
  if (given) return wishes;
  throw new CommandRefused(`stowage move pvc/${claimName} needs --class, --size, --node or --to-namespace (or --confirm, or --undo)`);
}

function wishesOf({ class: className, size, node, toNamespace }: MoveConfig): Wishes {
  return {
    ...(className === undefined ? {} : { storageClassName: className }),
    ...(size === undefined ? {} : { size }),
    ...(node === undefined ? {} : { nodeName: node }),
    ...(toNamespace === undefined ? {} : { targetNamespace: toNamespace }),
  };
}

/** Kubernetes' own bound for prefixes of names that are made. */
const MAX_PREFIX = 58;

async function begin(
  { print, signal }: CliContext,
  { client, namespace }: ApiOfVerb,
  { spec, isDryRun }: { readonly spec: VolumeMove['spec']; readonly isDryRun: boolean },
): Promise<void> {
  const { claimName, targetNamespace } = spec;
  const draft = { metadata: { generateName: `${claimName}-`.slice(-MAX_PREFIX), namespace }, spec };
  if (isDryRun) {
    await client.create(volumeMoves, draft, { isDryRun: true });
    for (const line of await preview(client, { namespace, spec })) print(`would be: ${line}`);
    return;
  }
  const made = await client.create(volumeMoves, draft);
  print(`volumemove ${made.metadata.name} is begun`);
  const { status = {} } = await followJob({ client, signal, print }, FOLLOWED_MOVES, { job: made, ends: ['Swapped'] });
  const { oldVolume, newVolume } = status;
  const isSame = oldVolume?.name === newVolume?.name;
  const kept = isSame ? 'it has kept its volume' : `its volume before, ${oldVolume?.name ?? ''}, is kept`;
  print(`claim ${claimName} has moved${targetNamespace === undefined ? '' : ` to namespace ${targetNamespace}`}; ${kept}`);
  if (status.message !== undefined) print(status.message);
  print(`stowage move pvc/${claimName} -n ${namespace} --confirm gives up what was there before, --undo brings it back`);
}

async function decide(
  { print, signal }: CliContext,
  { client, namespace }: ApiOfVerb,
  { claimName, decision }: { readonly claimName: string; readonly decision: 'Confirm' | 'Undo' },
): Promise<void> {
  const { items } = await client.list(volumeMoves, { namespace });
  const open = items.find(
    ({ spec, status }) => spec.claimName === claimName && !['Confirmed', 'Undone', 'Refused'].includes(status?.phase ?? ''),
  );
  if (open === undefined) {
    const message = `there is no move of claim ${JSON.stringify(claimName)} in namespace ${namespace} that could be confirmed or undone: kubectl get volumemoves -n ${namespace}`;
    throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
  }
  const body = { spec: { decision } };
  const changed = await client.patch(volumeMoves, { key: keyOf(open), patch: { type: 'merge', body } });
  const ends = [decision === 'Undo' ? 'Undone' : 'Confirmed'];
  const { status = {} } = await followJob({ client, signal, print }, FOLLOWED_MOVES, { job: changed, ends });
  const [old, fresh] = [status.oldVolume?.name ?? '', status.newVolume?.name ?? ''];
  if (decision === 'Undo') print(`claim ${claimName} has its volume ${old} again`);
  else print(old === fresh ? `claim ${claimName} stays where it is` : `claim ${claimName} keeps its volume ${fresh}; ${old} is given up`);
}
