import type { ObjectKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { explain, type Explainable } from '#controllers/stowage/explain/explain.ts';
import { formatExplanation } from '#controllers/stowage/explain/explanation.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from './define-command.ts';
import { connectApi, objectConfig } from './object-config.ts';
import { formatJson, outputConfig } from './output-config.ts';
import { readSubject, subjectWords } from './subject.ts';

const TYPES = ['pvc', 'pod'] as const;
const KINDS: Readonly<Record<(typeof TYPES)[number], Explainable>> = { pvc: 'claim', pod: 'pod' };

/** `stowage explain`. */
export const explainVerb = defineCommand({
  usage: 'pvc/NAME | pod/NAME',
  about:
    'Says why a claim or pod is in the state that it is in: each volume, class, driver, node and quota that might serve it, with the reason against it, and what helps.',
  examples: [
    ['stowage explain pvc/data -n shop', 'why the claim data waits'],
    ['stowage explain pod web-0 -n shop -o json', 'the same for programs'],
  ],
  flags: { ...objectConfig, ...outputConfig },
  words: subjectWords(...TYPES),
  run: async ({ print }, { config, words }) => {
    const { type, name } = readSubject('explain', words, TYPES);
    const { client, namespace } = await connectApi(config);
    try {
      const key = { namespace, name };
      const explanation = await explain(client, KINDS[type], key);
      const lines = config.output === 'json' ? [formatJson(explanation)] : formatExplanation(explanation);
      if (!(await isThere(client, KINDS[type], key)))
        throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: lines.join('\n') });
      for (const line of lines) print(line);
    } finally {
      client.close();
    }
  },
});

async function isThere(client: Client, kind: Explainable, key: ObjectKey): Promise<boolean> {
  try {
    await (kind === 'claim' ? client.get(persistentVolumeClaims, key) : client.get(pods, key));
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}
