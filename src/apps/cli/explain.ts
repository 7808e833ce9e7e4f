import path from 'node:path';
import { parseKey } from '#api/meta/object.ts';
import { formatFlags, parseConfig } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { explainClaim } from '#controllers/explain/explain-claim.ts';
import { explainPod } from '#controllers/explain/explain-pod.ts';
import { formatExplanation } from '#controllers/explain/explanation.ts';
import { readCluster } from '#controllers/explain/read-cluster.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { objectConfig } from './object-config.ts';
import type { Verb } from './verb.ts';

const HELP = `usage: stowage explain pvc/NAME [FLAGS]
       stowage explain pod/NAME [FLAGS]

Says why a claim or pod is in the state that it is in: each volume, class, driver and node that might serve it, with the reason against it, and what helps.

${formatFlags(objectConfig)}`;

const EXPLAINERS = {
  pvc: explainClaim,
  persistentvolumeclaim: explainClaim,
  persistentvolumeclaims: explainClaim,
  pod: explainPod,
  pods: explainPod,
  po: explainPod,
} as const;

/** `stowage explain`. */
export const explain: Verb = {
  name: 'explain',
  summary: 'say why a claim or pod waits, and what helps',
  help: HELP,
  run: async ({ argv, env, print }) => {
    const [subject = '', ...flags] = argv;
    const { namespace: kind, name } = parseKey(subject);
    const explainer = new Map<string, typeof explainClaim>(Object.entries(EXPLAINERS)).get(kind);
    if (explainer === undefined || name === '')
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'UnknownVerb',
        message: `stowage explain takes pvc/NAME or pod/NAME, not ${JSON.stringify(subject)}`,
      });
    const config = parseConfig(objectConfig, { argv: flags.map((word) => (word === '-n' ? '--namespace' : word)), env });
    const kubeconfig = config.kubeconfig ?? path.join(config.dataDir, 'kubeconfig');
    const client = createHttpClient({ config: await loadKubeconfig(kubeconfig), clock: new SystemClock() });
    try {
      const cluster = await readCluster(client, config.namespace);
      for (const line of formatExplanation(explainer({ namespace: config.namespace, name }, cluster))) print(line);
    } finally {
      client.close();
    }
  },
};
