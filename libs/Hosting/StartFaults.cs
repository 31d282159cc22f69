using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting;

/// <summary>Why a service could not start, in lines for people; bugs keep their stack trace.</summary>
internal static class StartFaults
{
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    public static bool IsExpected(Exception exception) => exception switch
    {
        AggregateException many => many.InnerExceptions.All(IsExpected),
        OptionsValidationException or ErrorException or IOException or UnauthorizedAccessException or SocketException or DbException => true,
        // A setting that is not of its type: the message names it, with its value.
        InvalidOperationException { Source: Binder } => true,
        _ => false,
    };

    public static IEnumerable<string> Lines(Exception exception) => exception switch
    {
        AggregateException many => many.InnerExceptions.SelectMany(Lines),
        OptionsValidationException options => options.Failures,
        ErrorException { Error: var error } => [error.Message],
        DbException { Source: "Npgsql" } => [$"the database cannot be used: {Line(exception)}: is it there, and is Garden:Database right? (environment: Garden__Database)"],
        DbException => [$"the database cannot be used: {Line(exception)}"],
        _ => [Line(exception)],
    };

    private static string Line(Exception exception) => exception.Message.ReplaceLineEndings(" ");
}
