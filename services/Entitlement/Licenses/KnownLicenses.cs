using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Licenses;

/// <summary>What common texts ask for, by their SPDX ids in lower case: what a licence gets whose curator says nothing of it.</summary>
internal static class KnownLicenses
{
    private static readonly string[] Free = ["0bsd", "cc0-1.0", "unlicense", "wtfpl"];
    private static readonly string[] Permissive = ["afl-3.0", "apache-2.0", "artistic-2.0", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "bsl-1.0", "isc", "mit", "ncsa", "postgresql", "zlib", "cc-by-3.0", "cc-by-4.0", "odc-by-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0"];
    private static readonly string[] PerFile = ["cddl-1.0", "epl-1.0", "epl-2.0", "lgpl-2.1", "lgpl-2.1-only", "lgpl-2.1-or-later", "lgpl-3.0", "lgpl-3.0-only", "lgpl-3.0-or-later", "mpl-2.0", "ms-pl"];
    private static readonly string[] Whole = ["cc-by-sa-3.0", "cc-by-sa-4.0", "cdla-sharing-1.0", "eupl-1.1", "gfdl-1.3-only", "gpl-2.0", "gpl-2.0-only", "gpl-2.0-or-later", "gpl-3.0", "gpl-3.0-only", "gpl-3.0-or-later", "odbl-1.0"];
    private static readonly string[] Network = ["agpl-3.0", "agpl-3.0-only", "agpl-3.0-or-later", "eupl-1.2", "osl-3.0"];
    private static readonly IReadOnlyDictionary<string, Obligations> Known = Build();

    /// <summary>Null: the id is none of them.</summary>
    public static Obligations? Find(string id) => Known.GetValueOrDefault(id)?.Clone();

    private static Dictionary<string, Obligations> Build()
    {
        var known = new Dictionary<string, Obligations>();
        Add(Free, new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.None });
        Add(Permissive, new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.None, Attribution = true });
        Add(PerFile, new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.File, Attribution = true });
        Add(Whole, new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.Work, Attribution = true });
        Add(Network, new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.Network, Attribution = true });
        foreach (var version in new[] { "3.0", "4.0" })
        {
            Add([$"cc-by-nc-{version}"], new() { CommercialUse = Permission.Forbidden, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.None, Attribution = true });
            Add([$"cc-by-nc-sa-{version}"], new() { CommercialUse = Permission.Forbidden, Derivatives = Permission.Allowed, ShareAlike = ShareAlike.Work, Attribution = true });
            Add([$"cc-by-nd-{version}"], new() { CommercialUse = Permission.Allowed, Derivatives = Permission.Forbidden, Attribution = true });
            Add([$"cc-by-nc-nd-{version}"], new() { CommercialUse = Permission.Forbidden, Derivatives = Permission.Forbidden, Attribution = true });
        }

        return known;

        void Add(IEnumerable<string> ids, Obligations obligations)
        {
            foreach (var id in ids)
            {
                known.Add(id, obligations);
            }
        }
    }
}
