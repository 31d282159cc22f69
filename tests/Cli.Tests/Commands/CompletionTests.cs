using System.Diagnostics;
using ModelGarden.Cli.Tests.Doubles;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class CompletionTests : IDisposable
{
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Bash_Script_IsBash()
    {
        var script = (await _machine.RunAsync("completion", "bash")).Ok().Out;

        Assert.Equal((0, ""), await BashAsync("-n", script));
    }

    [Fact]
    public async Task Bash_Script_OffersWhatTheProgramSays()
    {
        var script = (await _machine.RunAsync("completion", "bash")).Ok().Out;
        var suggestions = (await _machine.RunAsync("[suggest:9]", "models se")).Ok().Out;

        // The program itself is stood in for by its own answer.
        var (code, output) = await BashAsync("-s", $$"""
            garden() { [ "$1" = "[suggest:9]" ] && [ "$2" = "models se" ] && printf '%s' '{{suggestions}}'; }
            {{script}}
            COMP_LINE='garden models se' COMP_POINT=16 COMP_WORDS=(garden models se) COMP_CWORD=2
            _garden_complete
            printf '%s\n' "${COMPREPLY[@]}"
            """);

        Assert.Equal((0, "search\n"), (code, output));
    }

    [Theory]
    [InlineData("zsh", "compdef _garden garden")]
    [InlineData("fish", "complete -c garden")]
    public async Task Script_OfOtherShells_CallsBack(string shell, string registration)
    {
        var script = (await _machine.RunAsync("completion", shell)).Ok().Out;

        Assert.Contains(registration, script, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "models")]
    [InlineData("models search --sort ", "downloads")]
    [InlineData("completion ", "fish")]
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

    private static async Task<(int Code, string Output)> BashAsync(string option, string script)
    {
        var start = new ProcessStartInfo("bash", [option]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (bash.ExitCode, await output + await errors);
    }
}
