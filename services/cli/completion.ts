// Completion scripts for bash and zsh, generated from the rows: the next word of a command path, the options of a whole command, or the
// values of an option that has only some.
// The scripts are self-contained; completing never starts this program and never asks a server.
import { UsageError } from './cli-error.js';
import { loadAllRows } from './command-index.js';
import { longName, optionsOf } from './command-line.js';
import { globalOptions } from './global-options.js';

/** The script for a shell. Errors: UsageError for a shell that is neither bash nor zsh. */
export async function completionScript(shell: string | undefined): Promise<string> {
  if (shell !== 'bash' && shell !== 'zsh') {
    throw new UsageError('Completion is made for bash and zsh.', 'Use: source <(saggar complete bash)');
  }
  const body = await bashFunction();
  const head = '# Completion of saggar. Use: source <(saggar complete SHELL)\n';
  // zsh runs bash's completion functions through its own adapter.
  const start =
    shell === 'zsh' ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : '';
  return `${head.replace('SHELL', shell)}${start}${body}complete -F _saggar saggar\n`;
}

async function bashFunction(): Promise<string> {
  const rows = await loadAllRows();
  const next = new Map<string, Set<string>>([['', new Set(['complete', 'help'])]]);
  const options = new Map<string, readonly string[]>();
  for (const row of rows) {
    const words = row.path.split(' ');
    for (const [index, word] of words.entries()) {
      const prefix = words.slice(0, index).join(' ');
      next.set(prefix, (next.get(prefix) ?? new Set()).add(word));
    }
    options.set(row.path, [...optionsOf(row).map(({ flags }) => `--${longName(flags)}`), '--help']);
  }
  const choices = rows.flatMap((row) =>
    optionsOf(row).flatMap((option) =>
      option.choices === undefined ? [] : [choiceCase(row.path, option.flags, option.choices)],
    ),
  );
  const cases = [...new Set([...next.keys(), ...options.keys()])]
    .sort()
    .map((path) => {
      const words = [...(next.get(path) ?? [])].sort().join(' ');
      const flags = (options.get(path) ?? []).join(' ');
      return `    '${path}') words='${words}'; options='${flags}' ;;`;
    })
    .join('\n');
  const values = globalOptions.filter(({ value }) => value !== null).map(({ name }) => `--${name}`);
  const globals = globalOptions.map(({ name }) => `--${name}`).join(' ');
  return `_saggar() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} path='' words='' options='' index word
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case $word in
    ${values.join('|')}) ((index++)); continue ;;
    -*) continue ;;
    esac
    case "$path\${path:+ }$word" in
${knownPrefixes(rows.map(({ path }) => path))}
      path="$path\${path:+ }$word" ;;
    *) break ;;
    esac
  done
  case "$path" in
${cases}
  esac
  if [[ $current == -* ]]; then words="$options ${globals}"; fi
  case "$path $before" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
`;
}

/** After the option, in its long or its short form, come its values. */
function choiceCase(path: string, flags: string, choices: readonly string[]): string {
  const names = flags.split(/[ ,]+/).filter((word) => word.startsWith('-'));
  return `    ${names.map((name) => `'${path} ${name}'`).join('|')}) words='${choices.join(' ')}' ;;`;
}

function knownPrefixes(paths: readonly string[]): string {
  const prefixes = new Set<string>(['complete', 'help']);
  for (const path of paths) {
    const words = path.split(' ');
    for (let length = 1; length <= words.length; length += 1) prefixes.add(words.slice(0, length).join(' '));
  }
  return `    ${[...prefixes].map((prefix) => `'${prefix}'`).join('|')})`;
}
