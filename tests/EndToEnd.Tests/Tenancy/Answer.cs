using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using ModelGarden.Hosting.Errors;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>All that an attempt was told.</summary>
/// <param name="Outcome">gRPC's reason, empty where it was answered; HTTP's status.</param>
/// <param name="Text">For people and for comparing: status, words, headers.</param>
/// <param name="Bytes">The same as it came, a character a byte: so nothing hides in another form.</param>
internal sealed partial record Answer(string Outcome, string Text, string Bytes)
{
    // Of each answer its own: when, which request, how much longer.
    private static readonly HashSet<string> OfTheMoment = new(StringComparer.OrdinalIgnoreCase) { "Date", "X-Request-Id", "Content-Length", "Transfer-Encoding", "Retry-After" };

    public static Answer Of(IReadOnlyCollection<IMessage> messages) => new(
        "", string.Join('\n', messages.Select(message => message.ToString())), string.Concat(messages.Select(message => Encoding.Latin1.GetString(message.ToByteArray()))));

    public static Answer Of(RpcException exception, string service)
    {
        var text = $"{exception.StatusCode} {exception.Status.Detail} {string.Join(' ', exception.Trailers.Where(one => !OfTheMoment.Contains(one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"))}";
        return new(exception.ToError(service).Reason, text, text);
    }

    public static async Task<Answer> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).Where(header => !OfTheMoment.Contains(header.Key))
            .OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
        var head = $"{(int)response.StatusCode}\n{string.Join('\n', headers)}\n\n";
        return new($"{(int)response.StatusCode}", head + Encoding.UTF8.GetString(body), head + Encoding.Latin1.GetString(body));
    }

    /// <summary>Without what differs between any two answers: moments, random ids, signatures.</summary>
    public static string Settle(string text) => Random.Replace(Moment.Replace(text, "TIME"), "RANDOM");

    /// <summary>Without when something was last used, until when an answer is good, and what a tenant's own jobs have begun to send: none of it is a change of what there is.</summary>
    public static string WithoutUse(string text) => Use.Replace(text, "");

    [GeneratedRegex("\"(lastUsedAt|lastSeenAt|lastCallAt|validUntil|announcedBytes)\": \"[^\"]*\",? ?")]
    private static partial Regex Use { get; }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?|expires=\d+|\b1[78]\d{8,11}\b")]
    private static partial Regex Moment { get; }

    [GeneratedRegex("[A-Za-z0-9+/_-]{22,}=*")]
    private static partial Regex Random { get; }
}
