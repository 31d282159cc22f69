using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Conversion;

/// <summary>
/// Converts what waits, or was broken off: at start, whenever it is woken, and every few minutes for what failed before. One file at a time: uploads and
/// examinations come first.
/// </summary>
internal sealed partial class ConversionWorker(Conversions conversions, Converter converter, ConversionQueue queue, TimeProvider clock, ILogger<ConversionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (conversions.Policy is ConversionPolicy.Off)
        {
            return;
        }

        using var timer = clock.CreateTimer(_ => queue.Wake(), null, TimeSpan.Zero, Pause);
        while (!stoppingToken.IsCancellationRequested)
        {
            await queue.WokenAsync(stoppingToken);
            await ConvertAllAsync(stoppingToken);
        }
    }

    private async Task ConvertAllAsync(CancellationToken cancellationToken)
    {
        var last = "";
        try
        {
            while (await conversions.NextAsync(last, cancellationToken) is { } row)
            {
                last = row.Source;
                await TryConvertAsync(row, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopped(exception, Pause);
        }
    }

    private async Task TryConvertAsync(ConversionRow row, CancellationToken cancellationToken)
    {
        try
        {
            await ConvertAsync(row, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever is wrong with one file keeps no other waiting. Tried again at the next round.
            LogFailed(exception, row.Source);
        }
    }

    private async Task ConvertAsync(ConversionRow row, CancellationToken cancellationToken)
    {
        if (await conversions.HolderOfAsync(row.Source, cancellationToken) is not { } tenant)
        {
            return;
        }

        LogBegun(row.Source);
        await conversions.BeginAsync(row, cancellationToken);
        var converted = await converter.ConvertAsync(Sha256Digest.Create(row.Source).OrThrow(), tenant, cancellationToken);
        if (converted.Error is { } error)
        {
            LogImpossible(row.Source, error.Reason, error.Message);
            await conversions.RefuseAsync(row, error, cancellationToken);
            return;
        }

        await conversions.FinishAsync(row, converted.Value, cancellationToken);
        LogConverted(row.Source, converted.Value.Digest.Hex, converted.Value.Size);
    }

    [LoggerMessage(510, LogLevel.Information, "converting file {Source}")]
    private partial void LogBegun(string source);

    [LoggerMessage(511, LogLevel.Information, "converted file {Source} to {Target} of {Size} bytes")]
    private partial void LogConverted(string source, string target, long size);

    [LoggerMessage(512, LogLevel.Information, "file {Source} cannot be converted: {Reason}, {Message}")]
    private partial void LogImpossible(string source, string reason, string message);

    [LoggerMessage(513, LogLevel.Error, "file {Source} could not be converted now")]
    private partial void LogFailed(Exception exception, string source);

    [LoggerMessage(514, LogLevel.Error, "conversion stopped, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);
}
