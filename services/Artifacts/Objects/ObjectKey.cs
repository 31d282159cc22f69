namespace ModelGarden.Artifacts.Objects;

/// <summary>
/// The name of an object: <c>xorbs/ab/{nonce}</c> for xorbs, <c>parts/{session}/{number}-{nonce}</c> for parts of uploads under way. Made here only, so every
/// key is safe as a path and as a URL. No name is used twice: nothing is ever overwritten.
/// </summary>
internal readonly record struct ObjectKey
{
    private readonly string? _value;

    private ObjectKey(string value) => _value = value;

    public const string Parts = "parts";

    public const string Xorbs = "xorbs";

    public string Value => _value ?? throw new InvalidOperationException("default object key");

    /// <summary>A key for a xorb, new at each call: its hash is known when all of it is written.</summary>
    public static ObjectKey OfXorb() => Guid.NewGuid().ToString("n") is var nonce ? new($"{Xorbs}/{nonce[..2]}/{nonce}") : default;

    /// <summary>A key for a part of an upload, new at each call: a part that is sent again never overwrites one that is being read.</summary>
    public static ObjectKey OfPart(string session, int number) => new($"{Parts}/{session}/{number}-{Guid.NewGuid():n}");

    /// <summary>A key as a store or a row has it.</summary>
    public static ObjectKey FromStored(string value) => IsKey(value)
        ? new(value)
        : throw new ArgumentException($"'{value}' is no object key", nameof(value));

    public static bool IsKey(string value) => value.Split('/').All(IsSegment);

    public override string ToString() => _value ?? "";

    private static bool IsSegment(string segment) => segment.Length > 0 && segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');
}
