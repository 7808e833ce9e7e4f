import { PlatformError } from '#kit/errors.ts';
import { nodeConfig } from '../server/nodes/node-settings.ts';
import { NodeOrders } from '../server/nodes/node-orders.ts';
import { OrderedNode } from '../server/nodes/ordered-node.ts';
import { runNode } from '../server/nodes/run-node.ts';
import { defineCommand } from './define-command.ts';
import { NO_WORDS } from './verb.ts';
import { STOWAGE_VERSION } from './version.ts';

/** `stowage node`: what `stowage up` runs for each node beside the first. */
export const nodeVerb = defineCommand({
  about: `Runs one further node of a platform on this machine. stowage up --nodes N starts these by itself and ends them with itself;
nobody else needs to. Ends when its standard input ends, leaving its pods running.`,
  examples: [],
  flags: nodeConfig,
  words: NO_WORDS,
  run: async ({ print, signal }, { config }) => {
    if (config.name === '')
      throw new PlatformError({ code: 'InvalidArgument', reason: 'ConfigInvalid', message: '--name NAME is needed: the name of the node' });
    const orders = new OrderedNode(new NodeOrders(process.stdin), (answer) => print(JSON.stringify(answer)));
    const abandoned = orders.ended;
    try {
      const node = await runNode(config, { version: STOWAGE_VERSION, orders });
      print('ready');
      await eitherAborts(signal, abandoned);
      await node.stop(config.keepPods || abandoned.aborted ? 'keep' : 'pause');
    } finally {
      // why: an input that may still speak would hold the process, and a node that failed is started again only when it has ended
      process.stdin.destroy();
    }
  },
});

function eitherAborts(...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  return new Promise((resolve) => {
    if (either.aborted) resolve();
    either.addEventListener('abort', () => resolve(), { once: true });
  });
}
