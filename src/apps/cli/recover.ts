import { wordsText } from '#api/explanation.ts';
import { giveUpGrowth } from '#controllers/csi/expansion/give-up-growth.ts';
import { SystemClock } from '#kit/clock.ts';
import { explainedClaims } from '../server/modules/kubernetes/explained-kinds.ts';
import { defineCommand } from './define-command.ts';
import { connectApi, objectConfig } from './object-config.ts';
import { readSubject, subjectWords } from './subject.ts';

/** `stowage recover`. */
export const recover = defineCommand({
  usage: 'pvc/NAME',
  about: `Gives up a growth that failed: takes the claim back to the size that it has, and loses nothing. Its pods must be stopped. The volume is kept (Retain), the claim deleted,
the volume reserved, the claim made again, and the reclaim policy put back. Interrupted, it is finished by calling it again. (To any size above status.capacity
kubectl patch is enough, and no pod has to stop.)`,
  examples: [['stowage recover pvc/data -n shop', 'take the claim data back to the size that it has']],
  flags: objectConfig,
  words: subjectWords([explainedClaims]),
  run: async ({ print, signal }, { config, words }) => {
    const { name } = readSubject('recover', words, [explainedClaims]);
    const { client, namespace } = await connectApi(config);
    try {
      await giveUpGrowth({ client, clock: new SystemClock(), signal, tell: (step) => print(wordsText(step, 'en')) }, { namespace, name });
    } finally {
      client.close();
    }
  },
});
