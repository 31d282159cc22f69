namespace ModelGarden.Kernel;

/// <summary>
/// The name of a person's or a program's account, unique in the garden: 2 to 64 characters under the rule of <see cref="Slug"/>. Kept as
/// written, compared without case.
/// </summary>
public readonly record struct AccountName : IParsableId<AccountName>
{
    private readonly string? _value;

    private AccountName(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("default account name");

    public static Result<AccountName> Create(string? text) => Slug.IsValid(text, 2, 64)
        ? new AccountName(text!)
        : Error.Invalid("BAD_ACCOUNT_NAME", $"'{Text.Shorten(text)}' is not an account name: {Slug.Rule(2, 64)}");

    public bool Equals(AccountName other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_value ?? "");

    public override string ToString() => _value ?? "";
}
