using ModelGarden.Cli.Transfers;

namespace ModelGarden.Cli.Output;

/// <summary>Chooses how transfers are shown: bars on a terminal, a line for each file elsewhere, nothing in JSON.</summary>
internal static class TransferViews
{
    public static Task RunAsync(Session session, Func<ITransferView, Task> transfer) => session.Terminal.IsErrorTerminal
        ? BarView.RunAsync(session.Terminal, transfer)
        : transfer(new LineView(session.Out));
}

/// <summary>A line for each file when it is there.</summary>
internal sealed class LineView(Printer printer) : ITransferView
{
    private readonly Lock _gate = new();

    public ITransferItem Begin(string name, long size) => new Item(this, name, size);

    private void Say(string line)
    {
        lock (_gate)
        {
            printer.Note(line);
        }
    }

    private sealed class Item(LineView view, string name, long size) : ITransferItem
    {
        public void Advance(long bytes)
        {
        }

        public void Restart()
        {
        }

        public void Done(string verb) => view.Say($"{verb} {name} ({Plain.Size(size)})");

        public void Dispose()
        {
        }
    }
}
