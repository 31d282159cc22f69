namespace ModelGarden.Artifacts.Cas;

/// <summary>What a Xet token allows.</summary>
/// <param name="Tenant">The repository's owner, in lower case: what is uploaded is its own.</param>
/// <param name="Repository">namespace/name.</param>
/// <param name="Commit">Whose files may be read; empty: none.</param>
/// <param name="Write">Uploads too.</param>
/// <param name="AllowUnclean">Also files that were not found clean.</param>
/// <param name="ExpiresAt">In whole seconds.</param>
/// <param name="Bound">The one repository that the token is for with which this one was asked for; empty: it is for all of the tenant's.</param>
internal sealed record XetAccess(string Tenant, string Repository, string Commit, bool Write, bool AllowUnclean, DateTimeOffset ExpiresAt, string Bound = "");
