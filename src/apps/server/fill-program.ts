import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILT_IN_FILL_IMAGE } from '#api/populators/fill-order.ts';
import type { OwnProgram } from '#node/images/program-image.ts';

const ENTRY = fileURLToPath(new URL('../../movers/main.ts', import.meta.url));
const ROOT = path.join(path.dirname(ENTRY), '..', '..');

/** The program of populators, and what of the sources it reads. */
export const FILL_PROGRAM: OwnProgram = {
  image: BUILT_IN_FILL_IMAGE,
  entry: ENTRY,
  files: ['package.json', 'src/movers', 'src/kit', 'src/api/populators'].map((file) => path.join(ROOT, file)),
};
