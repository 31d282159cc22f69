using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Cli.Settings;

namespace ModelGarden.Cli;

/// <summary>One command's run: where it writes, and the garden it talks to. Its parts come to be when they are asked for.</summary>
internal sealed class Session : IDisposable
{
    private readonly string? _garden;
    private readonly Lazy<SettingsFile> _settings;
    private readonly Lazy<GardenAddress> _address;
    private readonly Lazy<Transport> _transport;

    public Session(Terminal terminal, string? garden, bool json)
        : this(terminal, garden, json, "GARDEN_TOKEN")
    {
    }

    private Session(Terminal terminal, string? garden, bool json, string tokenVariable)
    {
        (Terminal, _garden, Out) = (terminal, garden, new(terminal, json));
        _settings = new(() => SettingsFile.Load(terminal).OrThrow());
        _address = new(FindAddress);
        _transport = new(() => Connect(Address, terminal.Variable(tokenVariable) ?? Settings.TokenOf(Address)));
    }

    public Terminal Terminal { get; }

    public Printer Out { get; }

    public SettingsFile Settings => _settings.Value;

    public GardenAddress Address => _address.Value;

    public Transport Transport => _transport.Value;

    public GardenClient Garden => field ??= new(Transport);

    public HubClient Hub => field ??= new(Transport);

    public UploadClient Uploads => field ??= new(Transport);

    public ChatClient Chat => field ??= new(Transport);

    /// <summary>A session with another garden that models are taken from, never with this one's token: GARDEN_SOURCE_TOKEN, else the one kept for that garden, else none.</summary>
    public Session From(GardenAddress other) => new(Terminal, other.ToString(), Out.IsJson, "GARDEN_SOURCE_TOKEN");

    /// <summary>A way to a garden as someone in particular.</summary>
    public Transport Connect(GardenAddress address, string? token) => new(Terminal, address, token);

    /// <summary>Asks a yes or no; where nobody can answer, <c>--yes</c> must have.</summary>
    public async Task ConfirmAsync(string question, bool yes, CancellationToken cancellationToken)
    {
        if (yes)
        {
            return;
        }

        if (!Terminal.IsInputTerminal)
        {
            throw new UsageException($"{question} Nobody is here to answer: pass --yes");
        }

        await Terminal.Err.WriteAsync($"{question} [y/N] ");
        var answer = await Terminal.ReadLineAsync(cancellationToken);
        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new ErrorException(Error.Conflict("NOT_CONFIRMED", "nothing was done"));
        }
    }

    public void Dispose()
    {
        if (_transport.IsValueCreated)
        {
            _transport.Value.Dispose();
        }
    }

    private GardenAddress FindAddress() =>
        GardenAddress.Create(_garden ?? Terminal.Variable("GARDEN_URL") ?? Settings.Current ?? GardenAddress.Default) switch
        {
            { Error: { } error } => throw new UsageException(error.Message),
            var address => address.Value,
        };
}
