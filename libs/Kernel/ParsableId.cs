using System.Diagnostics.CodeAnalysis;

namespace ModelGarden.Kernel;

/// <summary>
/// Makes an id parse at every edge in the same way: an id type states its rule once in <see cref="Create"/>, and routes, JSON and
/// gRPC get <see cref="IParsable{TSelf}"/> from it.
/// </summary>
public interface IParsableId<TSelf> : IParsable<TSelf>
    where TSelf : struct, IParsableId<TSelf>
{
    /// <summary>The id, or why the text is not one.</summary>
    static abstract Result<TSelf> Create(string? text);

    static TSelf IParsable<TSelf>.Parse(string s, IFormatProvider? provider) => TSelf.Create(s).OrThrow();

    static bool IParsable<TSelf>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out TSelf result)
    {
        var created = TSelf.Create(s);
        result = created.Error is null ? created.Value : default;
        return created.Error is null;
    }
}
