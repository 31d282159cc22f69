using System.Threading.Channels;

namespace ModelGarden.Artifacts.Examination;

/// <summary>Wakes the worker. What is to be examined stands in the database: nothing is lost with the process, and nothing piles up in it.</summary>
internal sealed class ExaminationQueue
{
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wakes.Writer.TryWrite(true);

    public ValueTask<bool> WokenAsync(CancellationToken cancellationToken) => _wakes.Reader.ReadAsync(cancellationToken);
}
