using ModelGarden.Kernel;

namespace ModelGarden.Serving.Forwarding;

/// <summary>Reads bodies that must not be larger than a limit.</summary>
internal static class BoundedBody
{
    public static async Task<Result<byte[]>> ReadAsync(Stream body, long? declared, int limit, CancellationToken cancellationToken)
    {
        if (declared > limit)
        {
            return TooLarge(limit);
        }

        using var read = new MemoryStream((int)(declared ?? 4096));
        var buffer = new byte[16 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (read.Length + count > limit)
            {
                return TooLarge(limit);
            }

            read.Write(buffer, 0, count);
        }

        return read.ToArray();
    }

    private static Error TooLarge(int limit) => Error.Invalid("BODY_TOO_LARGE", $"the body is larger than {limit} bytes");
}
