namespace ModelGarden.Hosting;

/// <summary>What browsers may do with an answer (<c>Content-Security-Policy</c>).</summary>
public static class ContentPolicies
{
    /// <summary>It is no page: it runs nothing, loads nothing, and stands in no frame.</summary>
    public const string NoPage = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox";
}
