namespace ModelGarden.Cli.Output;

/// <summary>What a command meets of the machine it runs on, so that a test can be that machine.</summary>
internal sealed class Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Err { get; init; }

    public required Func<TextReader> In { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public required Func<HttpMessageHandler> Handler { get; init; }

    /// <summary>Reads a line that is not shown.</summary>
    public required Func<string> ReadSecret { get; init; }

    public bool IsInputTerminal { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    public Func<int> Width { get; init; } = () => 100;

    public string Folder { get; init; } = ".";

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = Task.Delay;

    public bool IsColourful => Variable("NO_COLOR") is null && Variable("TERM") is not "dumb";

    public static Terminal OfProcess() => new()
    {
        Out = Console.Out,
        Err = Console.Error,
        In = () => Console.In,
        Environment = System.Environment.GetEnvironmentVariable,
        Handler = () => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10), MaxConnectionsPerServer = 16, UseCookies = false },
        ReadSecret = ReadHidden,
        IsInputTerminal = !Console.IsInputRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        Width = () => Console.WindowWidth is > 20 and var width ? width : 80,
        Folder = Directory.GetCurrentDirectory(),
    };

    /// <summary>A variable of the environment; null also when it is empty.</summary>
    public string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>Null: no more. A line that is waited for does not hold up an interruption.</summary>
    public Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        Task.Run(() => In().ReadLine(), CancellationToken.None).WaitAsync(cancellationToken);

    public Task<string> ReadSecretAsync(CancellationToken cancellationToken) =>
        Task.Run(ReadSecret, CancellationToken.None).WaitAsync(cancellationToken);

    private static string ReadHidden()
    {
        var secret = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key is not ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key is ConsoleKey.Backspace)
            {
                secret.Length = Math.Max(0, secret.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.Append(key.KeyChar);
            }
        }

        return secret.ToString();
    }
}
