import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
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
import { FOLLOWED_ROLLBACKS } from './follow.ts';
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
const none = { default: undefined, defaultText: 'none', parse: text } as const;

const flags = {
  ...objectConfig,
  to: { flag: 'to', env: 'STOWAGE_ROLLBACK_TO', placeholder: 'SNAPSHOT', doc: 'the snapshot that the claim goes back to', ...none },
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
type Subject = { readonly claimName: string; readonly group?: undefined } | { readonly group: string; readonly claimName?: undefined };

/** `stowage rollback`. */
export const rollback = defineCommand({
  usage: 'pvc/NAME | --group GROUP',
  about: `Takes a claim, or all members of a group snapshot, back to a point in time, and waits until it is done: a new volume is made from the snapshot while all goes on;
then who uses the claim is stopped, the claim gets the new volume, and who was stopped is started again. The old volume is kept until --confirm; --undo brings it back
until then. It goes on in the platform when this command is ended, and after a crash. A VolumeRollback does the same (docs/en/volumes.md).`,
  examples: [
    ['stowage rollback pvc/data --to monday --dry-run', 'say what would be done'],
    ['stowage rollback pvc/data --to monday', 'take the claim data back to its snapshot monday'],
    ['stowage rollback pvc/data --undo', 'bring back what was there before'],
    ['stowage rollback pvc/data --confirm', 'give up what was there before'],
    ['stowage rollback --group before-upgrade', 'take all claims of a group snapshot back, as one'],
  ],
  flags,
  words: { ...subjectWords(CLAIMS), min: 0 },
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
  if (group !== undefined) {
    if (words.length > 0 || to !== undefined)
      throw new CommandRefused('--group says which claims go back, and to what: leave pvc/NAME and --to out');
    return { group };
  }
  if (words.length === 0) throw new CommandRefused('stowage rollback takes pvc/NAME with --to SNAPSHOT, or --group GROUP');
  const { name: claimName } = readSubject('rollback', words, CLAIMS);
  if (to === undefined && !isDecision)
    throw new CommandRefused(
      `stowage rollback pvc/${claimName} needs --to SNAPSHOT (or --confirm, or --undo): kubectl get volumesnapshots lists them`,
    );
  return { claimName };
}

interface Begun {
  readonly subject: Subject;
  readonly config: ConfigOf<typeof flags>;
}

async function begin({ print, signal }: CliContext, { client, namespace }: ApiOfVerb, { subject, config }: Begun): Promise<void> {
  const spec: VolumeRollback['spec'] =
    subject.group === undefined
      ? { claims: [{ claimName: subject.claimName, volumeSnapshotName: config.to ?? '' }] }
      : { volumeGroupSnapshotName: subject.group };
  const draft = { metadata: { generateName: `${subject.group ?? subject.claimName}-`.slice(-MAX_PREFIX), namespace }, spec };
  if (config.dryRun) {
    await client.create(volumeRollbacks, draft, { isDryRun: true });
    for (const line of await preview(client, { namespace, spec })) print(`would be: ${line}`);
    return;
  }
  const made = await client.create(volumeRollbacks, draft);
  print(`volumerollback ${made.metadata.name} is begun`);
  const { status = {} } = await followJob({ client, signal, print }, FOLLOWED_ROLLBACKS, { job: made, ends: ['Swapped'] });
  const what = subject.group === undefined ? `pvc/${subject.claimName}` : `--group ${subject.group}`;
  for (const { claimName, volumeSnapshotName, oldVolume } of status.claims ?? [])
    print(`claim ${claimName} is back at snapshot ${volumeSnapshotName}; its volume before, ${oldVolume.name}, is kept`);
  print(`stowage rollback ${what} -n ${namespace} --confirm gives up what was there before, --undo brings it back`);
}

/** Kubernetes' own bound for prefixes of names that are made. */
const MAX_PREFIX = 58;

async function decide(
  { print, signal }: CliContext,
  { client, namespace }: ApiOfVerb,
  { subject, decision }: { readonly subject: Subject; readonly decision: 'Confirm' | 'Undo' },
): Promise<void> {
  const { items } = await client.list(volumeRollbacks, { namespace });
  const open = items.find((item) => isOpenFor(item, subject));
  if (open === undefined) {
    const what = subject.group === undefined ? `claim ${JSON.stringify(subject.claimName)}` : `group ${JSON.stringify(subject.group)}`;
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

function isOpenFor({ spec, status }: VolumeRollback, subject: Subject): boolean {
  if (['Confirmed', 'Undone', 'Refused'].includes(status?.phase ?? '')) return false;
  if (subject.group !== undefined) return spec.volumeGroupSnapshotName === subject.group;
  return [...(spec.claims ?? []), ...(status?.claims ?? [])].some(({ claimName }) => claimName === subject.claimName);
}
