using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelGarden.Cli.Garden;

/// <summary>Calls of the protocols that answer in text, or JSON of their own.</summary>
internal static class JsonCalls
{
    extension(Transport transport)
    {
        /// <summary>The answer, null where it is JSON's null, and what was said beside it.</summary>
        public async Task<(JsonNode? Answer, HttpResponseHeaders Headers)> SendJsonAsync(Func<HttpRequestMessage> make, Sending sending, CancellationToken cancellationToken)
        {
            var (text, headers) = await transport.SendTextAsync(make, sending, cancellationToken);
            try
            {
                return (JsonNode.Parse(text), headers);
            }
            catch (JsonException exception)
            {
                throw Bad(exception.Message);
            }
        }

        /// <summary>The answer as it is, and what was said beside it.</summary>
        public async Task<(string Answer, HttpResponseHeaders Headers)> SendTextAsync(Func<HttpRequestMessage> make, Sending sending, CancellationToken cancellationToken)
        {
            using var response = await transport.SendAsync(make, sending, cancellationToken).OrThrowAsync(cancellationToken);
            try
            {
                await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                return (await BoundedText.ReadAsync(stream, BoundedText.MaximumAnswer, cancellationToken) ?? throw Bad("it is too large"), response.Headers);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                throw transport.NotReachable(exception);
            }
        }
    }

    public static ByteArrayContent Body(byte[] bytes, string type = "application/json") => new(bytes) { Headers = { ContentType = new(type) } };

    public static ErrorException Bad(string fault) => new(Error.Unavailable("BAD_ANSWER", $"the garden's answer cannot be used: {Text.Shorten(fault, 200)}"));
}
