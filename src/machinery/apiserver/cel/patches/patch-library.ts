import { declare } from '../functions/declare.ts';
import { LIBRARY, type Library } from '../functions/library.ts';

/** What mutations may call beside {@link LIBRARY} (apiserver pkg/cel/library/jsonpatch.go). */
export const PATCH_LIBRARY: Library = new Map([
  ...LIBRARY,
  [
    'jsonpatch.escapeKey',
    [
      declare('jsonpatch.escapeKey(string) -> string', 'string_jsonpatch_escapeKey_string', (text: string) =>
        text.replaceAll('~', '~0').replaceAll('/', '~1'),
      ),
    ],
  ],
]);
