namespace ModelGarden.Cli.Transfers;

/// <summary>Shows how files go to and fro.</summary>
internal interface ITransferView
{
    ITransferItem Begin(string name, long size);
}

/// <summary>One file on its way. Called from several threads.</summary>
internal interface ITransferItem : IDisposable
{
    /// <summary>By so many bytes; less than nothing when an attempt came to nothing.</summary>
    void Advance(long bytes);

    void Restart();

    /// <param name="verb">What has been done: uploaded, downloaded.</param>
    void Done(string verb);
}
