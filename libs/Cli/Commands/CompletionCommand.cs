using System.CommandLine;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary>
/// <c>garden completion SHELL</c>: scripts that ask the program itself, through System.CommandLine's directive <c>[suggest:POSITION]</c>, what
/// may stand where the cursor is. The line goes there without the program's name.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # garden: completion for bash. Load it with: source <(garden completion bash)
        _garden_complete() {
            local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} suggestion
            line=${line#*[[:space:]]}
            COMPREPLY=()
            while IFS= read -r suggestion; do
                case $suggestion in
                    '') ;;
                    "$word"*) COMPREPLY+=("$suggestion") ;;
                esac
            done < <(garden "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _garden_complete garden
        """;

    private const string Zsh = """
        #compdef garden
        # garden: completion for zsh. Load it with: source <(garden completion zsh)
        _garden() {
            local line=${BUFFER[1,CURSOR]}
            line=${line#*[[:space:]]}
            local -a suggestions
            suggestions=("${(@f)$(garden "[suggest:${#line}]" "$line" 2>/dev/null)}")
            suggestions=(${suggestions:#})
            if (( ${#suggestions} )); then
                compadd -- "${suggestions[@]}"
            else
                _files
            fi
        }
        # Read from a folder of $fpath this is the function's own body, the first time that it is called.
        if [[ ${funcstack[1]} == _garden ]]; then
            _garden "$@"
        else
            compdef _garden garden
        fi
        """;

    private const string Fish = """
        # garden: completion for fish. Load it with: garden completion fish | source
        function __garden_complete
            set -l line (commandline -cp | string replace -r '^\s*\S+\s?' '')
            set -l suggestions (garden "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -v '')
            if set -q suggestions[1]
                printf '%s\n' $suggestions
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c garden -f -a '(__garden_complete)'
        """;

    public static Command Build(Terminal terminal) => new("completion", "Scripts that complete commands in a shell")
    {
        Script(terminal, "bash", Bash),
        Script(terminal, "zsh", Zsh),
        Script(terminal, "fish", Fish),
    };

    private static Command Script(Terminal terminal, string shell, string text)
    {
        var command = new Command(shell, $"For {shell}");
        command.SetAction(_ => terminal.Out.WriteLine(text.ReplaceLineEndings("\n")));
        return command;
    }
}
