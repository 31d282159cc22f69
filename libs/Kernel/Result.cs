namespace ModelGarden.Kernel;

/// <summary>A value, or the expected reason there is none. Bugs and broken I/O still throw.</summary>
public sealed class Result<T>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, Error? error) => (_value, Error) = (value, error);

    public Error? Error { get; }

    public T Value => Error is null ? _value! : throw new InvalidOperationException($"no value: {Error.Reason}");

    public T OrThrow() => Error is null ? _value! : throw new ErrorException(Error);

#pragma warning disable CA2225 // the conversions are the way to make one; named alternates would be a second way
    public static implicit operator Result<T>(T value) => new(value ?? throw new ArgumentNullException(nameof(value)), null);

    // A null error must not become a success without a value.
    public static implicit operator Result<T>(Error error) => new(default, error ?? throw new ArgumentNullException(nameof(error)));
#pragma warning restore CA2225
}
