import { expect, it } from 'vitest';
import { StopSteps } from './stop-steps.ts';

it('stops in reverse order, all of it, and says what failed first', async () => {
  const stopped: string[] = [];
  const steps = new StopSteps();
  steps.add((pods) => void stopped.push(`store, ${pods}`));
  steps.add(() => Promise.reject(new Error('second')));
  steps.add(() => {
    throw new Error('first');
  });
  steps.add(async () => void stopped.push('port'));
  await expect(steps.run('keep')).rejects.toThrow('first');
  expect(stopped).toEqual(['port', 'store, keep']);
  await steps.run('keep');
  expect(stopped).toHaveLength(2);
});
