using System.Runtime.InteropServices;
using ModelGarden.Cli;
using ModelGarden.Cli.Output;

using var interrupted = new CancellationTokenSource();
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    // The first Ctrl-C ends the command in good order; the second one ends it as it is.
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
});
return await new App(Terminal.OfProcess()).RunAsync(args, interrupted.Token);
