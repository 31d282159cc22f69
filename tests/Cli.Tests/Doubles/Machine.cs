using System.Text.Json.Nodes;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Tests.Doubles;

/// <summary>A machine on which <c>garden</c> is typed: its home, its environment, its terminal. Pauses are not waited for but kept.</summary>
internal sealed class Machine : IDisposable
{
    private readonly Dictionary<string, string?> _environment = [];

    public Machine(GardenDouble? garden = null, string? token = "hf_garden_test")
    {
        Home = Directory.CreateTempSubdirectory("garden-cli-").FullName;
        _environment["HOME"] = Home;
        _environment["GARDEN_URL"] = garden?.Address;
        _environment["GARDEN_TOKEN"] = token;
    }

    public string Home { get; }

    public string Input { get; set; } = "";

    public string Secret { get; set; } = "";

    public bool IsTerminal { get; set; }

    /// <summary>A person at the keyboard, though what is said goes elsewhere.</summary>
    public bool IsInteractive { get; set; }

    public List<TimeSpan> Pauses { get; } = [];

    public TextWriter? Out { get; set; }

    public string? this[string variable]
    {
        set => _environment[variable] = value;
    }

    public string PathOf(string path) => Path.Combine(Home, path);

    public void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        // Whoever reads it meanwhile finds the old content or the new one, never a shorter one.
        File.WriteAllBytes(PathOf(path) + ".new", content);
        File.Move(PathOf(path) + ".new", PathOf(path), overwrite: true);
    }

    public void Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));

    public Task<Ran> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    public async Task<Ran> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var input = new StringReader(Input);
        var terminal = new Terminal
        {
            Out = Out ?? TextWriter.Synchronized(output),
            Err = TextWriter.Synchronized(errors),
            In = () => input,
            Environment = name => _environment.GetValueOrDefault(name),
            Handler = () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false },
            ReadSecret = () => Secret,
            IsInputTerminal = IsTerminal || IsInteractive,
            IsOutputTerminal = IsTerminal,
            IsErrorTerminal = IsTerminal,
            Folder = Home,
            Pause = (pause, cancel) =>
            {
                lock (Pauses)
                {
                    Pauses.Add(pause);
                }

                return Task.Delay(TimeSpan.Zero, cancel);
            },
        };
        var code = await new App(terminal).RunAsync(arguments, cancellationToken);
        return new(code, output.ToString(), errors.ToString());
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}

/// <summary>What a command did.</summary>
internal sealed record Ran(int Code, string Out, string Err)
{
    public JsonNode Json => JsonNode.Parse(Out)!;

    public Ran Ok()
    {
        Assert.True(Code is 0, $"exit code {Code}: {Err}");
        return this;
    }
}
