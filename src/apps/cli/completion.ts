import { defineCommand } from './define-command.ts';
import { CommandRefused } from './run-command.ts';

/** Scripts that ask `stowage complete -- WORDS` for the words that may stand where the cursor is. */
const SCRIPTS = {
  bash: `_stowage() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(stowage complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # a type that waits for a name, and a flag that waits for its value, are not done yet
  if [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == */ ]]; then compopt -o nospace; fi
}
COMP_WORDBREAKS=\${COMP_WORDBREAKS//:}
complete -o default -F _stowage stowage`,
  zsh: `#compdef stowage
_stowage() {
  local -a found
  found=("\${(@f)$(stowage complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _stowage stowage`,
  fish: `complete -c stowage -f -a '(stowage complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
} as const;

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `stowage completion`. */
export const completion = defineCommand({
  usage: 'bash | zsh | fish',
  about:
    'Prints what makes a shell complete verbs, flags, and names of claims, pods, plugins and projects. stowage must be on the PATH under this name.',
  examples: [
    ['source <(stowage completion bash)', 'in this shell; in every one from ~/.bashrc'],
    ['stowage completion zsh > ~/.zfunc/_stowage', 'with that folder in fpath'],
    ['stowage completion fish > ~/.config/fish/completions/stowage.fish', 'in every fish'],
  ],
  flags: {},
  words: { min: 1, max: 1, takes: `takes ${SHELLS.join(', ')}`, choices: SHELLS },
  run: async ({ print }, { words: [word = ''] }) => {
    const shell = SHELLS.find((name) => name === word);
    if (shell === undefined) throw new CommandRefused(`stowage completion takes ${SHELLS.join(', ')}, not ${JSON.stringify(word)}`);
    print(SCRIPTS[shell]);
  },
});
