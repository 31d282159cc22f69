using ModelGarden.Cli.Transfers;
using Spectre.Console;

namespace ModelGarden.Cli.Output;

/// <summary>A bar for each file on its way, drawn by Spectre beside the result.</summary>
internal sealed class BarView : ITransferView
{
    private readonly ProgressContext _progress;

    private BarView(ProgressContext progress) => _progress = progress;

    public static Task RunAsync(Terminal terminal, Func<ITransferView, Task> transfer) => SpectreTables.Console(terminal, terminal.Err).Progress()
        .AutoClear(true)
        .HideCompleted(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
        .StartAsync(progress => transfer(new BarView(progress)));

    public ITransferItem Begin(string name, long size) => new Item(_progress.AddTask(Markup.Escape(Kernel.Text.Shorten(name, 48)), maxValue: Math.Max(1, size)));

    private sealed class Item(ProgressTask task) : ITransferItem
    {
        public void Advance(long bytes) => task.Increment(bytes);

        public void Restart() => task.Value = 0;

        public void Done(string verb) => task.Value = task.MaxValue;

        public void Dispose() => task.StopTask();
    }
}
