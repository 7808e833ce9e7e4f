import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, statefulSets } from '#api/resources.ts';
import { setOrdinalOf } from '#api/stateful-set-claims.ts';
import { type ConfigOf, type ConfigSchema, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { followJob } from '../follow-job.ts';
import { type ApiOfVerb, connectApi, objectConfig } from '../object-config.ts';
import { requirePlugin } from '../plugin/require-plugin.ts';
import { CommandRefused } from '../run-command.ts';
import { readSubject, type SubjectType, subjectWords } from '../subject.ts';
import type { CliContext } from '../verb.ts';
import { FOLLOWED_ROLLBACKS } from './follow.ts';
import { preview } from './preview.ts';
import { claimsAsOf } from './stateful-set.ts';

const SUBJECTS: readonly SubjectType[] = [
  {
    type: 'pvc',
    aliases: ['persistentvolumeclaim', 'persistentvolumeclaims'],
    load: async () => ({ resource: persistentVolumeClaims }),
  },
  {
    type: 'statefulset',
    aliases: ['sts', 'statefulsets'],
    load: async () => ({ resource: statefulSets }),
  },
];

const [isSwitch, parse] = [true, parsers.boolean] as const;
const text = (value: string): string | undefined => value;
const none = { default: undefined, defaultText: 'none', parse: text } as const;

const flags = {
  ...objectConfig,
  to: {
    flag: 'to',
    env: 'STOWAGE_ROLLBACK_TO',
    placeholder: 'SNAPSHOT',
    doc: 'the snapshot that the claim goes back to; for a StatefulSet the group snapshot, or the time',
    ...none,
  },
  group: {
    flag: 'group',
    env: 'STOWAGE_ROLLBACK_GROUP',
    placeholder: 'GROUP',
    doc: 'instead of a claim: all members of this group snapshot, as one',
    ...none,
  },
  confirm: { flag: 'confirm', env: 'STOWAGE_CONFIRM', default: false, doc: 'give the old volumes up', parse, isSwitch },
  undo: { flag: 'undo', env: 'STOWAGE_UNDO', default: false, doc: 'take the old volumes back, and give the new ones up', parse, isSwitch },
  dryRun: { flag: 'dry-run', env: 'STOWAGE_DRY_RUN', default: false, doc: 'say what would be done, and do nothing', parse, isSwitch },
} as const satisfies ConfigSchema;

/** What goes back. */
type Subject =
  | { readonly type: 'claim'; readonly name: string }
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'set'; readonly name: string };

/** `stowage rollback`. */
export const rollback = defineCommand({
  usage: 'pvc/NAME | statefulset/NAME | --group GROUP',
  about: `Takes a claim, all claims of a StatefulSet, or all members of a group snapshot, back to a point in time, and waits until it is done: a new volume is made from the snapshot while all goes on;
then who uses the claim is stopped, the claim gets the new volume, and who was stopped is started again. The old volume is kept until --confirm; --undo brings it back
until then. It goes on in the platform when this command is ended, and after a crash. A VolumeRollback does the same (docs/en/volumes.md).`,
  examples: [
    ['stowage rollback pvc/data --to monday --dry-run', 'say what would be done'],
    ['stowage rollback pvc/data --to monday', 'take the claim data back to its snapshot monday'],
    ['stowage rollback pvc/data --undo', 'bring back what was there before'],
    ['stowage rollback pvc/data --confirm', 'give up what was there before'],
    [
      'stowage rollback statefulset/db --to 2026-01-31T03:00:00Z',
      'take each claim of a StatefulSet back to its newest snapshot of before then',
    ],
    ['stowage rollback --group before-upgrade', 'take all claims of a group snapshot back, as one'],
  ],
  flags,
  words: { ...subjectWords(SUBJECTS), min: 0 },
  run: async (context, { config, words }) => {
    const subject = readWhat(words, config);
    const api = await connectApi(config);
    try {
      await requirePlugin(api.client, 'snapshot');
      if (config.confirm || config.undo) await decide(context, api, { subject, decision: config.undo ? 'Undo' : 'Confirm' });
      else await begin(context, api, { subject, config });
    } finally {
      api.client.close();
    }
  },
});

function readWhat(words: readonly string[], { group, to, confirm, undo }: ConfigOf<typeof flags>): Subject {
  const isDecision = confirm || undo;
  if (confirm && undo) throw new CommandRefused('--confirm and --undo: only one of them can be meant');
  if (isDecision && to !== undefined) throw new CommandRefused('--to: what is confirmed or undone has its snapshot already; leave it out');
  const subject = readSubjectOf(words, group);
  if (subject.type === 'group') {
    if (to !== undefined) throw new CommandRefused('--group says to what its members go back: leave --to out');
  } else if (to === undefined && !isDecision) throw new CommandRefused(`stowage rollback ${wordsOf(subject)} needs ${whatToOf(subject)}`);
  return subject;
}

function readSubjectOf(words: readonly string[], group: string | undefined): Subject {
  if (group !== undefined) {
    if (words.length > 0) throw new CommandRefused('--group says which claims go back: leave pvc/NAME out');
    return { type: 'group', name: group };
  }
  if (words.length === 0)
    throw new CommandRefused('stowage rollback takes pvc/NAME or statefulset/NAME with --to SNAPSHOT, or --group GROUP');
  const { type, name } = readSubject('rollback', words, SUBJECTS);
  return { type: type.type === 'pvc' ? 'claim' : 'set', name };
}

function whatToOf({ type }: Subject): string {
  return type === 'claim'
    ? '--to SNAPSHOT (or --confirm, or --undo): kubectl get volumesnapshots lists them'
    : '--to GROUP-SNAPSHOT or --to TIME (or --confirm, or --undo): kubectl get volumegroupsnapshots lists them';
}

interface Begun {
  readonly subject: Subject;
  readonly config: ConfigOf<typeof flags>;
}

async function begin({ print, signal }: CliContext, { client, namespace }: ApiOfVerb, { subject, config }: Begun): Promise<void> {
  const spec = await specOf(client, { namespace, subject, to: config.to ?? '' });
  const draft = { metadata: { generateName: `${subject.name}-`.slice(-MAX_PREFIX), namespace }, spec };
  if (config.dryRun) {
    await client.create(volumeRollbacks, draft, { isDryRun: true });
    for (const line of await preview(client, { namespace, spec })) print(`would be: ${line}`);
    return;
  }
  const made = await client.create(volumeRollbacks, draft);
  print(`volumerollback ${made.metadata.name} is begun`);
  const { status = {} } = await followJob({ client, signal, print }, FOLLOWED_ROLLBACKS, { job: made, ends: ['Swapped'] });
  for (const { claimName, volumeSnapshotName, oldVolume } of status.claims ?? [])
    print(`claim ${claimName} is back at snapshot ${volumeSnapshotName}; its volume before, ${oldVolume.name}, is kept`);
  print(`stowage rollback ${wordsOf(subject)} -n ${namespace} --confirm gives up what was there before, --undo brings it back`);
}

async function specOf(
  client: Pick<Client, 'get' | 'list'>,
  { namespace, subject: { type, name }, to }: { readonly namespace: string; readonly subject: Subject; readonly to: string },
): Promise<VolumeRollback['spec']> {
  switch (type) {
    case 'claim':
      return { claims: [{ claimName: name, volumeSnapshotName: to }] };
    case 'group':
      return { volumeGroupSnapshotName: name };
    case 'set':
      return { claims: await claimsAsOf(client, { set: await client.get(statefulSets, { namespace, name }), to }) };
  }
}

/** As it is written on the command line. */
function wordsOf({ type, name }: Subject): string {
  return { claim: `pvc/${name}`, group: `--group ${name}`, set: `statefulset/${name}` }[type];
}

/** Kubernetes' own bound for prefixes of names that are made. */
const MAX_PREFIX = 58;

async function decide(
  { print, signal }: CliContext,
  { client, namespace }: ApiOfVerb,
  { subject, decision }: { readonly subject: Subject; readonly decision: 'Confirm' | 'Undo' },
): Promise<void> {
  const { items } = await client.list(volumeRollbacks, { namespace });
  const set = subject.type === 'set' ? await client.get(statefulSets, { namespace, name: subject.name }) : undefined;
  const isOwn = (claimName: string): boolean =>
    set === undefined ? claimName === subject.name : setOrdinalOf(set, claimName) !== undefined;
  const open = items.find((item) => isOpen(item) && isOf(item, subject, isOwn));
  if (open === undefined) {
    const what = `${{ claim: 'claim', group: 'group', set: 'StatefulSet' }[subject.type]} ${JSON.stringify(subject.name)}`;
    const message = `there is no rollback of ${what} in namespace ${namespace} that could be confirmed or undone: kubectl get volumerollbacks -n ${namespace}`;
    throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
  }
  const body = { spec: { decision } };
  const changed = await client.patch(volumeRollbacks, { key: keyOf(open), patch: { type: 'merge', body } });
  const ends = [decision === 'Undo' ? 'Undone' : 'Confirmed'];
  const { status = {} } = await followJob({ client, signal, print }, FOLLOWED_ROLLBACKS, { job: changed, ends });
  for (const { claimName, oldVolume, newVolume } of status.claims ?? [])
    print(
      decision === 'Undo'
        ? `claim ${claimName} has its volume ${oldVolume.name} again`
        : `claim ${claimName} keeps its volume ${newVolume?.name ?? ''}; ${oldVolume.name} is given up`,
    );
}

function isOpen({ status }: VolumeRollback): boolean {
  return !['Confirmed', 'Undone', 'Refused'].includes(status?.phase ?? '');
}

function isOf({ spec, status }: VolumeRollback, { type, name }: Subject, isOwn: (claimName: string) => boolean): boolean {
  if (type === 'group') return spec.volumeGroupSnapshotName === name;
  return [...(spec.claims ?? []), ...(status?.claims ?? [])].some(({ claimName }) => isOwn(claimName));
}
