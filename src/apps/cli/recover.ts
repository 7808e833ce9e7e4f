import path from 'node:path';
import { parseKey } from '#api/meta/object.ts';
import { SystemClock } from '#kit/clock.ts';
import { formatFlags, parseConfig } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { giveUpGrowth } from '#controllers/expansion/give-up-growth.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { objectConfig } from './object-config.ts';
import type { Verb } from './verb.ts';

const HELP = `usage: stowage recover pvc/NAME [FLAGS]

Gives up a growth that failed: takes the claim back to the size that it has, and loses nothing. Its pods must be stopped. The volume is kept (Retain), the claim deleted,
the volume reserved, the claim made again, and the reclaim policy put back. Interrupted, it is finished by calling it again. (To any size above status.capacity
kubectl patch is enough, and no pod has to stop.)

${formatFlags(objectConfig)}`;

/** `stowage recover`. */
export const recover: Verb = {
  name: 'recover',
  summary: 'take a claim whose growth failed back to the size that it has',
  help: HELP,
  run: async ({ argv, env, print, signal }) => {
    const [subject = '', ...flags] = argv;
    const { namespace: kind, name } = parseKey(subject);
    if ((kind !== 'pvc' && kind !== 'persistentvolumeclaim') || name === '')
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'UnknownVerb',
        message: `stowage recover takes pvc/NAME, not ${JSON.stringify(subject)}`,
      });
    const config = parseConfig(objectConfig, { argv: flags, env });
    const clock = new SystemClock();
    const client = createHttpClient({ config: await loadKubeconfig(config.kubeconfig ?? path.join(config.dataDir, 'kubeconfig')), clock });
    try {
      await giveUpGrowth({ client, clock, signal, tell: print }, { namespace: config.namespace, name });
    } finally {
      client.close();
    }
  },
};
