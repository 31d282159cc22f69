using System.Collections.Frozen;

namespace ModelGarden.Formats.Known;

/// <summary>A licence that the Hub knows.</summary>
/// <param name="Id">What stands in <c>license</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Spdx">The id in the SPDX licence list, if it is one licence and listed there.</param>
public sealed record KnownLicense(string Id, string Name, string? Spdx);

/// <summary>The licence ids that a card may name.</summary>
public static class KnownLicenses
{
    private static readonly FrozenDictionary<string, KnownLicense> ById;

    static KnownLicenses() => ById = All.ToFrozenDictionary(license => license.Id, StringComparer.Ordinal);

    public static IReadOnlyList<KnownLicense> All { get; } =
    [
        new("apache-2.0", "Apache License 2.0", "Apache-2.0"),
        new("mit", "MIT License", "MIT"),
        new("openrail", "OpenRAIL family", null),
        new("bigscience-openrail-m", "BigScience OpenRAIL-M", null),
        new("creativeml-openrail-m", "CreativeML OpenRAIL-M", null),
        new("bigscience-bloom-rail-1.0", "BigScience BLOOM RAIL 1.0", null),
        new("bigcode-openrail-m", "BigCode OpenRAIL-M v1", null),
        new("openrail++", "OpenRAIL++-M", null),
        new("afl-3.0", "Academic Free License 3.0", "AFL-3.0"),
        new("artistic-2.0", "Artistic License 2.0", "Artistic-2.0"),
        new("bsl-1.0", "Boost Software License 1.0", "BSL-1.0"),
        new("bsd", "BSD family", null),
        new("bsd-2-clause", "BSD 2-Clause", "BSD-2-Clause"),
        new("bsd-3-clause", "BSD 3-Clause", "BSD-3-Clause"),
        new("bsd-3-clause-clear", "BSD 3-Clause Clear", "BSD-3-Clause-Clear"),
        new("c-uda", "Computational Use of Data Agreement", "C-UDA-1.0"),
        new("cc", "Creative Commons family", null),
        new("cc0-1.0", "Creative Commons Zero 1.0", "CC0-1.0"),
        new("cc-by-2.0", "Creative Commons Attribution 2.0", "CC-BY-2.0"),
        new("cc-by-2.5", "Creative Commons Attribution 2.5", "CC-BY-2.5"),
        new("cc-by-3.0", "Creative Commons Attribution 3.0", "CC-BY-3.0"),
        new("cc-by-4.0", "Creative Commons Attribution 4.0", "CC-BY-4.0"),
        new("cc-by-sa-3.0", "Creative Commons Attribution ShareAlike 3.0", "CC-BY-SA-3.0"),
        new("cc-by-sa-4.0", "Creative Commons Attribution ShareAlike 4.0", "CC-BY-SA-4.0"),
        new("cc-by-nc-2.0", "Creative Commons Attribution NonCommercial 2.0", "CC-BY-NC-2.0"),
        new("cc-by-nc-3.0", "Creative Commons Attribution NonCommercial 3.0", "CC-BY-NC-3.0"),
        new("cc-by-nc-4.0", "Creative Commons Attribution NonCommercial 4.0", "CC-BY-NC-4.0"),
        new("cc-by-nd-4.0", "Creative Commons Attribution NoDerivatives 4.0", "CC-BY-ND-4.0"),
        new("cc-by-nc-nd-3.0", "Creative Commons Attribution NonCommercial NoDerivatives 3.0", "CC-BY-NC-ND-3.0"),
        new("cc-by-nc-nd-4.0", "Creative Commons Attribution NonCommercial NoDerivatives 4.0", "CC-BY-NC-ND-4.0"),
        new("cc-by-nc-sa-2.0", "Creative Commons Attribution NonCommercial ShareAlike 2.0", "CC-BY-NC-SA-2.0"),
        new("cc-by-nc-sa-3.0", "Creative Commons Attribution NonCommercial ShareAlike 3.0", "CC-BY-NC-SA-3.0"),
        new("cc-by-nc-sa-4.0", "Creative Commons Attribution NonCommercial ShareAlike 4.0", "CC-BY-NC-SA-4.0"),
        new("cdla-sharing-1.0", "Community Data License Agreement Sharing 1.0", "CDLA-Sharing-1.0"),
        new("cdla-permissive-1.0", "Community Data License Agreement Permissive 1.0", "CDLA-Permissive-1.0"),
        new("cdla-permissive-2.0", "Community Data License Agreement Permissive 2.0", "CDLA-Permissive-2.0"),
        new("wtfpl", "Do What The F*ck You Want To Public License", "WTFPL"),
        new("ecl-2.0", "Educational Community License 2.0", "ECL-2.0"),
        new("epl-1.0", "Eclipse Public License 1.0", "EPL-1.0"),
        new("epl-2.0", "Eclipse Public License 2.0", "EPL-2.0"),
        new("etalab-2.0", "Etalab Open License 2.0", "etalab-2.0"),
        new("eupl-1.1", "European Union Public License 1.1", "EUPL-1.1"),
        new("eupl-1.2", "European Union Public License 1.2", "EUPL-1.2"),
        new("agpl-3.0", "GNU Affero General Public License 3.0", "AGPL-3.0-only"),
        new("gfdl", "GNU Free Documentation License family", null),
        new("gpl", "GNU General Public License family", null),
        new("gpl-2.0", "GNU General Public License 2.0", "GPL-2.0-only"),
        new("gpl-3.0", "GNU General Public License 3.0", "GPL-3.0-only"),
        new("lgpl", "GNU Lesser General Public License family", null),
        new("lgpl-2.1", "GNU Lesser General Public License 2.1", "LGPL-2.1-only"),
        new("lgpl-3.0", "GNU Lesser General Public License 3.0", "LGPL-3.0-only"),
        new("lgpl-lr", "Lesser General Public License For Linguistic Resources", "LGPLLR"),
        new("isc", "ISC License", "ISC"),
        new("h-research", "H Research License", null),
        new("intel-research", "Intel Research Use License", null),
        new("lppl-1.3c", "LaTeX Project Public License 1.3c", "LPPL-1.3c"),
        new("ms-pl", "Microsoft Public License", "MS-PL"),
        new("apple-ascl", "Apple Sample Code License", null),
        new("apple-amlr", "Apple Model License for Research", null),
        new("mpl-2.0", "Mozilla Public License 2.0", "MPL-2.0"),
        new("odc-by", "Open Data Commons Attribution", "ODC-By-1.0"),
        new("odbl", "Open Database License", "ODbL-1.0"),
        new("pddl", "Open Data Commons Public Domain Dedication and License", "PDDL-1.0"),
        new("open-mdw", "OpenMDW Permissive License", null),
        new("osl-3.0", "Open Software License 3.0", "OSL-3.0"),
        new("postgresql", "PostgreSQL License", "PostgreSQL"),
        new("ofl-1.1", "SIL Open Font License 1.1", "OFL-1.1"),
        new("ncsa", "University of Illinois/NCSA Open Source License", "NCSA"),
        new("unlicense", "The Unlicense", "Unlicense"),
        new("zlib", "zlib License", "Zlib"),
        new("deepfloyd-if-license", "DeepFloyd IF Research License", null),
        new("fair-noncommercial-research-license", "FAIR Noncommercial Research License", null),
        new("llama2", "Llama 2 Community License", null),
        new("llama3", "Llama 3 Community License", null),
        new("llama3.1", "Llama 3.1 Community License", null),
        new("llama3.2", "Llama 3.2 Community License", null),
        new("llama3.3", "Llama 3.3 Community License", null),
        new("llama4", "Llama 4 Community License", null),
        new("grok2-community", "Grok 2 Community License", null),
        new("gemma", "Gemma Terms of Use", null),
        new("unknown", "Unknown", null),
        new("other", "Other", null),
    ];

    public static KnownLicense? Find(string id) => ById.GetValueOrDefault(id);
}
