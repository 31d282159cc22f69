namespace ModelGarden.Deployment.Licenses;

/// <summary>The newest <see cref="LicenseBook"/>, for all who go by it.</summary>
internal sealed class Withdrawals
{
    private volatile LicenseBook? _book;

    /// <summary>There is a newer book.</summary>
    public event Action? Changed;

    /// <summary>Null: Entitlement has not told yet, since this process started.</summary>
    public LicenseBook? Book => _book;

    public void Set(LicenseBook book)
    {
        _book = book;
        Changed?.Invoke();
    }
}
