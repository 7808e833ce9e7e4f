import path from 'node:path';
import { type ObjectKey, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { formatFlags, parseConfig } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { explain, type Explainable } from '#controllers/explain/explain.ts';
import { formatExplanation } from '#controllers/explain/explanation.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { objectConfig } from './object-config.ts';
import { formatJson, outputConfig } from './output-config.ts';
import type { Verb } from './verb.ts';

const explainConfig = { ...objectConfig, ...outputConfig };

const HELP = `usage: stowage explain pvc/NAME [FLAGS]
       stowage explain pod/NAME [FLAGS]

Says why a claim or pod is in the state that it is in: each volume, class, driver, node and quota that might serve it, with the reason against it, and what helps.

${formatFlags(explainConfig)}`;

const KINDS: ReadonlyMap<string, Explainable> = new Map([
  ['pvc', 'claim'],
  ['persistentvolumeclaim', 'claim'],
  ['persistentvolumeclaims', 'claim'],
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
]);

/** `stowage explain`. */
export const explainVerb: Verb = {
  name: 'explain',
  summary: 'say why a claim or pod waits, and what helps',
  help: HELP,
  run: async ({ argv, env, print }) => {
    const [subject = '', ...flags] = argv;
    const { namespace: word, name } = parseKey(subject);
    const kind = KINDS.get(word);
    if (kind === undefined || name === '')
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'UnknownVerb',
        message: `stowage explain takes pvc/NAME or pod/NAME, not ${JSON.stringify(subject)}`,
      });
    const config = parseConfig(explainConfig, { argv: flags, env });
    const kubeconfig = config.kubeconfig ?? path.join(config.dataDir, 'kubeconfig');
    const client = createHttpClient({ config: await loadKubeconfig(kubeconfig), clock: new SystemClock() });
    try {
      const key = { namespace: config.namespace, name };
      const explanation = await explain(client, kind, key);
      const lines = config.output === 'json' ? [formatJson(explanation)] : formatExplanation(explanation);
      if (!(await isThere(client, kind, key))) throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: lines.join('\n') });
      for (const line of lines) print(line);
    } finally {
      client.close();
    }
  },
};

async function isThere(client: Client, kind: Explainable, key: ObjectKey): Promise<boolean> {
  try {
    await (kind === 'claim' ? client.get(persistentVolumeClaims, key) : client.get(pods, key));
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}
