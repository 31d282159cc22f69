using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ModelGarden.Cli.Garden;

/// <summary>The garden's own REST: any annotated RPC, by its descriptor.</summary>
internal sealed class GardenClient(Transport transport)
{
    /// <param name="method">Whose annotation says where.</param>
    /// <param name="request">The RPC's request.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="repeatable">The method is idempotent though its verb is not.</param>
    public async Task<T> CallAsync<T>(MethodDescriptor method, IMessage request, CancellationToken cancellationToken, bool repeatable = false)
        where T : IMessage<T>, new()
    {
        var binding = RestBinding.Of(method, request);
        var sending = repeatable || IsIdempotent(binding.Verb) ? Sending.Again : Sending.Once;
        using var response = await transport.SendAsync(() => ToMessage(binding), sending, cancellationToken).OrThrowAsync(cancellationToken);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return AnswerReader.Read<T>(await BoundedText.ReadAsync(stream, BoundedText.MaximumAnswer, cancellationToken)
                ?? throw new ErrorException(Error.Exhausted("ANSWER_TOO_LARGE", $"the garden's answer is larger than {BoundedText.MaximumAnswer >> 20} MiB")));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw transport.NotReachable(exception);
        }
    }

    /// <summary>A server's stream, as it comes.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(MethodDescriptor method, IMessage request, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IMessage<T>, new()
    {
        var binding = RestBinding.Of(method, request);

        // Nothing may come for a long time: that is what a stream is for.
        using var response = await transport.SendAsync(() => ToMessage(binding), new(true, null), cancellationToken).OrThrowAsync(cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var lines = BoundedText.ReadLinesAsync(stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(lines))
        {
            if (lines.Current.Length > 0)
            {
                yield return ReadLine<T>(lines.Current);
            }
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<string> lines)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw transport.NotReachable(exception);
        }
    }

    private static T ReadLine<T>(string line)
        where T : IMessage<T>, new() => line.StartsWith("{\"error\"", StringComparison.Ordinal) && Refusals.OfLine(ToNode(line)) is { } error
            ? throw new ErrorException(error)
            : AnswerReader.Read<T>(line);

    private static JsonNode? ToNode(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsIdempotent(HttpMethod verb) => verb == HttpMethod.Get || verb == HttpMethod.Put || verb == HttpMethod.Delete;

    private static HttpRequestMessage ToMessage(RestBinding binding) => new(binding.Verb, new Uri(binding.Path, UriKind.Relative))
    {
        Content = binding.Body is null ? null : new StringContent(binding.Body, Encoding.UTF8, "application/json"),
    };
}
