import { expect, it } from 'vitest';
import { whyUnwritable } from './volume-condition.ts';

it.each([
  { name: 'a file system that takes no writes any more, whatever its mount says', isReadOnly: false, refusesWrites: true, isIll: true },
  { name: 'one that is mounted read-only', isReadOnly: true, refusesWrites: true, isIll: false },
  { name: 'one that is well', isReadOnly: false, refusesWrites: false, isIll: false },
])('a volume is ill: $name', ({ isIll, ...mount }) => {
  const ill = { abnormal: true, message: expect.stringContaining('takes no writes any more') };
  if (isIll) expect(whyUnwritable(mount)).toMatchObject(ill);
  else expect(whyUnwritable(mount)).toBeUndefined();
});
