import { wordsText } from '#api/explanation.ts';
import type { Waiting, WaitingGroup } from '#controllers/stowage/explain/waiting-objects.ts';
import { askWhatWaits } from './ask-platform.ts';
import { defineCommand } from './define-command.ts';
import { connectApi, objectConfig } from './object-config.ts';
import { formatJson, outputConfig } from './output-config.ts';
import { readDeletedSeen } from './undelete/read-deleted.ts';
import { NO_WORDS } from './verb.ts';

/** Objects of a group that are named; the others are counted. */
const NAMED = 10;

const namespace = { ...objectConfig.namespace, defaultText: 'all', doc: 'only what waits in that namespace' };

/** `stowage status`. */
export const status = defineCommand({
  about: 'Shows all claims and pods that wait, by what they wait for, and what helps: of one namespace with -n, else of all.',
  examples: [
    ['stowage status', 'everything that waits'],
    ['stowage status -n shop -o json', 'of one namespace, for programs'],
  ],
  flags: { ...objectConfig, namespace, ...outputConfig },
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const { client } = await connectApi(config);
    try {
      const waiting = await askWhatWaits(client, config.namespace ?? '');
      const deleted = await readDeletedSeen(client, config.namespace ?? '');
      const lines =
        config.output === 'json'
          ? [formatJson({ ...forPrograms(waiting), deletedClaims: deleted })]
          : [...format(waiting), ...formatDeleted(deleted)];
      for (const line of lines) print(line);
    } finally {
      client.close();
    }
  },
});

/** What can be brought back is no fault, and still takes room. */
function formatDeleted(deleted: readonly { readonly claimName: string; readonly namespace: string }[]): readonly string[] {
  if (deleted.length === 0) return [];
  const names = deleted.slice(0, NAMED).map(({ claimName, namespace: of }) => `  pvc/${claimName} -n ${of}`);
  const more = deleted.length > NAMED ? [`  and ${deleted.length - NAMED} more`] : [];
  return [`${deleted.length}  deleted, and can be brought back (stowage undelete --list)`, ...names, ...more];
}

function forPrograms({ groups, unlooked }: Waiting): object {
  return {
    groups: groups.map(({ state, cause, objects, remedies }) => ({
      state,
      code: cause.code,
      cause: wordsText(cause, 'en'),
      objects,
      remedies: remedies.map((remedy) => wordsText(remedy, 'en')),
    })),
    unlooked,
  };
}

function format({ groups, unlooked }: Waiting): readonly string[] {
  const rest = unlooked === 0 ? [] : [`and ${unlooked} more that were not looked at`];
  return groups.length === 0 && unlooked === 0 ? ['nothing waits'] : [...groups.flatMap(formatGroup), ...rest];
}

function formatGroup({ state, cause, objects, remedies }: WaitingGroup): readonly string[] {
  const waits = state === 'busy' ? 'passes by itself' : 'needs somebody';
  const more = objects.length > NAMED ? [`  and ${objects.length - NAMED} more`] : [];
  return [
    `${objects.length}  ${wordsText(cause, 'en')} (${waits})`,
    ...remedies.map((remedy) => `  What helps: ${wordsText(remedy, 'en')}`),
    ...objects.slice(0, NAMED).map((name) => `  ${name}`),
    ...more,
  ];
}
