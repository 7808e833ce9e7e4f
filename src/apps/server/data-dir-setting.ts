import { homedir } from 'node:os';
import path from 'node:path';

/** Where everything of a platform lies: a flag of nearly every verb. */
export const dataDirSetting = {
  flag: 'data-dir',
  env: 'STOWAGE_DATA_DIR',
  default: defaultDataDir(),
  defaultText: "the user's data directory",
  placeholder: 'DIR',
  doc: 'holds everything: the API objects, the volumes, the keys, DIR/kubeconfig',
  parse: (text: string): string => path.resolve(text),
} as const;

/** The user's data directory (XDG base directory specification). */
function defaultDataDir(): string {
  return path.join(process.env['XDG_DATA_HOME'] ?? path.join(homedir(), '.local', 'share'), 'stowage');
}
