// shmkit completion: scripts that complete commands, options and names in shells.
import type { Command } from 'commander';
import { usage } from '../failure.js';
import { act, declare, type Shell } from '../shell.js';

export function addCompletion(program: Command): void {
  declare(program, 'completion <shell>', 'print a script that completes commands in bash, zsh or fish')
    .addHelpText('after', '\nbash: source <(shmkit completion bash)    zsh: source <(shmkit completion zsh)\nfish: shmkit completion fish | source')
    .action(act((shell: Shell, _: object, name: string) => completion(shell, program, name)));
}

async function completion(shell: Shell, program: Command, name: string): Promise<void> {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    summary: command.description(),
    options: command.options.map(({ long }) => long ?? ''),
    takesName: command.registeredArguments[0]?.name().startsWith('name') ?? false,
  }));
  const script = SCRIPTS.get(name);
  if (!script) throw usage(`"${name}" is no shell with completion: bash, zsh or fish`);
  await shell.out.write(script(commands));
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
  readonly takesName: boolean;
}

type Script = (commands: readonly Completed[]) => string;

const NAMES = 'shmkit ls --no-headings 2>/dev/null | cut -f 2';

const bash: Script = (commands) => `_shmkit() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} help'
  else
    case "\${COMP_WORDS[1]}" in
${commands.map(({ name, options, takesName }) => `      ${name}) words='${options.join(' ')}'${takesName ? `; case "$current" in -*) ;; *) words=$(${NAMES}) ;; esac` : ''} ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _shmkit shmkit
`;

const zsh: Script = (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;

const fish: Script = (commands) =>
  [
    'complete -c shmkit -f',
    ...commands.map(({ name, summary }) => `complete -c shmkit -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", String.raw`\'`)}'`),
    ...commands.flatMap(({ name, options }) => options.map((option) => `complete -c shmkit -n '__fish_seen_subcommand_from ${name}' -l ${option.replace(/^--/, '')}`)),
    ...commands.filter(({ takesName }) => takesName).map(({ name }) => `complete -c shmkit -n '__fish_seen_subcommand_from ${name}' -a '(${NAMES})'`),
    '',
  ].join('\n');

const SCRIPTS: ReadonlyMap<string, Script> = new Map([['bash', bash], ['zsh', zsh], ['fish', fish]]);
