namespace ModelGarden.Artifacts.Conversion;

/// <summary>The key that statements are signed with; one row, made by whichever replica starts first.</summary>
internal sealed class StatementKey
{
    public required int Id { get; init; }

    /// <summary>ECDSA on P-256, as PKCS #8.</summary>
    public required byte[] PrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
