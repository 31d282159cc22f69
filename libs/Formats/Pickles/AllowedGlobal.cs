namespace ModelGarden.Formats.Pickles;

/// <summary>What a call of an allowed global makes: it decides what may be done to the result.</summary>
internal enum Product
{
    /// <summary>Nothing that may be touched.</summary>
    Opaque,
    Dictionary,
    List,
    Set,
    Size,
    Tensor,
    Array,
    DataType,
    Bytes,

    /// <summary>Joblib's placeholder: the bytes of an array follow its state in the stream.</summary>
    JoblibArray,
}

/// <summary>A global that a pickle of tensors may use.</summary>
/// <param name="Makes">What calling it gives.</param>
/// <param name="Check">Says why these arguments are not harmless, null when they are; without it the global may be named but not called.</param>
internal sealed record AllowedGlobal(Product Makes = Product.Opaque, Func<PickleValue[], string?>? Check = null)
{
    /// <summary>For torch's functions that rebuild tensors: reads the arguments.</summary>
    public Func<PickleValue[], Torch.Rebuilt>? Rebuild { get; init; }

    /// <summary>Made with NEWOBJ by its own pickler.</summary>
    public bool IsNew { get; init; }
}

/// <summary>What is known of a global.</summary>
/// <param name="Allowed">Set when it is harmless.</param>
/// <param name="Danger">Set when it is known to do harm: what it can do.</param>
/// <param name="Oddity">Set when the name itself is a trick: what is odd.</param>
internal sealed record GlobalVerdict(AllowedGlobal? Allowed, string? Danger, string? Oddity);
