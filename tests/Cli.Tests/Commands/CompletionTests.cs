using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelGarden.Cli.Tests.Doubles;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class CompletionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("garden models se", "1 search")]
    [InlineData("garden models search --sort li", "1 likes")]
    [InlineData("garden models search --sort ", "7 created downloads likes name relevance trending updated")]
    [InlineData("garden licences acc", "2 accept acceptances")]
    [InlineData("garden --garden ", "0 ")]
    public async Task Bash_AtTab_OffersWhatTheProgramSays(string line, string offered)
    {
        // An empty last word is an element of its own, as bash has it.
        var words = string.Join(' ', line.Split(' ').Select(word => $"'{word}'"));

        var said = await InShellAsync("bash", $$"""
            source <(garden completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{words}}) COMP_CWORD={{line.Count(c => c is ' ')}}
            _garden_complete
            printf '%s' "${#COMPREPLY[@]} ${COMPREPLY[*]}"
            """);

        Assert.Equal(offered, said);
    }

    [Theory]
    [InlineData("source <(garden completion zsh)", "garden models se", "garden models search ")]
    [InlineData("source <(garden completion zsh)", "garden models search --sort li", "garden models search --sort likes ")]
    [InlineData("source <(garden completion zsh)", "garden models publish fol", "garden models publish folder/")]
    [InlineData("garden completion zsh > functions/_garden; fpath=($PWD/functions $fpath); compinit -u -D", "garden models se", "garden models search ")]
    public async Task Zsh_AtTab_CompletesTheLine(string load, string line, string completed)
    {
        // A shell of its own on a terminal of its own, where keys are pressed: Tab completes, ^X tells what the line is by then.
        var said = await InShellAsync("zsh", $$"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'autoload -Uz compinit; compinit -u -D; {{load}}'
            zpty -w shell 'tell() { print -r -- "LINE<$BUFFER>" }; zle -N tell; bindkey "^X" tell; print -r -- LOA""DED'
            zpty -r shell said '*LOADED*'
            zpty -w -n shell $'{{line}}\t\x18'
            zpty -r shell said '*LINE<*>*'
            zpty -d shell
            print -rn -- "${${said##*LINE<}%%>*}"
            """);

        Assert.Equal(completed, said);
    }

    [Theory]
    [InlineData("garden models se", "search")]
    [InlineData("garden models search --sort li", "likes")]
    [InlineData("garden models publish fol", "folder/")]
    public async Task Fish_AtTab_OffersWhatTheProgramSays(string line, string offered)
    {
        var said = await InShellAsync("fish", $"""
            garden completion fish | source
            complete -C '{line}'
            """);

        Assert.Equal(offered, said.Trim());
    }

    [Theory]
    [InlineData("", "models")]
    [InlineData("models search --sort ", "downloads")]
    [InlineData("completion ", "fish")]
    [InlineData("reports list --category ", "personal-data")]
    [InlineData("models rate acme/tiny ", "explicit")]
    public async Task Suggestions_AtACursor_HoldWhatMayStandThere(string line, string expected)
    {
        var suggestions = (await _machine.RunAsync($"[suggest:{line.Length}]", line)).Ok().Out.Split('\n');

        Assert.Contains(expected, suggestions);
        Assert.DoesNotContain("/?", suggestions);
    }

    [Theory]
    [InlineData]
    [InlineData("models")]
    [InlineData("modles")]
    [InlineData("whoami", "extra")]
    [InlineData("whoami", "--nonsense")]
    public async Task Line_ThatIsWrong_IsWrongUsage(params string[] arguments)
    {
        var ran = await _machine.RunAsync(arguments);

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Empty(ran.Out);
        Assert.NotEmpty(ran.Err);
    }

    [Fact]
    public async Task Help_IsOnTheOutput() => Assert.Contains("Usage:", (await _machine.RunAsync("models", "--help")).Ok().Out, StringComparison.Ordinal);

    /// <summary>What a real shell says to a script, in a folder with a <c>folder</c> in it and the real program on its PATH.</summary>
    private async Task<string> InShellAsync(string shell, string script)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!;
        Assert.SkipUnless(path.Split(':').Any(folder => File.Exists(Path.Combine(folder, shell))), $"{shell} is not installed: tests/run.sh installs it");
        _machine.Write("script", script);
        Directory.CreateDirectory(_machine.PathOf("folder"));
        Directory.CreateDirectory(_machine.PathOf("functions"));
        var start = new ProcessStartInfo(shell, Options(shell)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _machine.Home };
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{path}";
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        (start.Environment["HOME"], start.Environment["TERM"]) = (_machine.Home, "xterm");
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.Equal((0, ""), (process.ExitCode, await errors));
        return await output;
    }

    /// <summary>Nothing of this machine's own settings, then the script.</summary>
    private static string[] Options(string shell) => shell switch
    {
        "bash" => ["--norc", "script"],
        "zsh" => ["-f", "script"],
        _ => ["--no-config", "script"],
    };
}
