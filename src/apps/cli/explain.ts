import { type Explanation, tell } from '#api/explanation.ts';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import { formatExplanation } from '#controllers/stowage/explain/explanation.ts';
import { PlatformError } from '#kit/errors.ts';
import { askWhy } from './ask-platform.ts';
import { defineCommand } from './define-command.ts';
import { connectApi, objectConfig } from './object-config.ts';
import { formatJson, outputConfig } from './output-config.ts';
import { readSubject, subjectWords } from './subject.ts';
import type { AnyCommand } from './verb.ts';

/** `stowage explain`, of objects of these kinds. */
export function explainAmong(kinds: readonly ExplainedKind[]): AnyCommand {
  return defineCommand({
    usage: kinds.map(({ type }) => `${type}/NAME`).join(' | '),
    about:
      'Says why a claim, pod, volume, class, node, namespace or plugin is in the state that it is in, and what helps; then each volume, class, driver, node and quota that was looked at, with the reason against it.',
    examples: [
      ['stowage explain pvc/data -n shop', 'why the claim data waits'],
      ['stowage explain pod web-0 -n shop -o json', 'the same for programs'],
      ['stowage explain plugin/snapshot', 'why a plugin is not at work, or does not go'],
      ['stowage explain sc/fast', 'whether the class fast can make volumes, and who waits for it'],
    ],
    flags: { ...objectConfig, ...outputConfig },
    words: subjectWords(kinds),
    run: async ({ print }, { config, words }) => {
      const { type: kind, name } = readSubject('explain', words, kinds);
      const { client, namespace } = await connectApi(config);
      try {
        const explanation = await askWhy(client, { kind, key: { namespace, name } });
        const lines = linesOf(explanation, config.output);
        if (explanation.summary.code === 'notThere')
          throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: lines.join('\n') });
        for (const line of lines) print(line);
      } finally {
        client.close();
      }
    },
  });
}

function linesOf(explanation: Explanation, output: string): readonly string[] {
  const told = tell(explanation, 'en');
  return output === 'json' ? [formatJson(told)] : formatExplanation(told);
}
