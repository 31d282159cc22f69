using ModelGarden.Formats.IO;
using ModelGarden.Formats.Torch;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Looks into a zip as every reader of it might: by its directory, by the headers before the members, and into what neither lists. A member is examined
/// as a file of its own, whatever its name, flags and checksum say.
/// </summary>
internal sealed class ZipExaminer(ByteReader reader, Findings findings, Walk walk)
{
    private const int MaximumListed = 256;

    public (FileFormat Format, FormatFacts? Facts) Examine()
    {
        var directory = new ZipDirectory(reader);
        directory.Read();
        var isTorch = directory.Members.Any(TorchZip.IsPickle);
        var format = isTorch ? FileFormat.TorchZip : FileFormat.Zip;
        if (reader.Failed)
        {
            return (format, null);
        }

        CheckNames(directory.Members);
        if (!reader.CanSeek)
        {
            findings.Suspicious("zip.member-not-examined", "the members cannot be looked at in a stream that cannot seek", 0);
            return (format, Facts(directory.Members));
        }

        var layout = new ZipLayout(reader, findings);
        layout.Read(directory);
        var members = new ZipMembers(reader, findings, walk, layout);
        var facts = isTorch ? new TorchZip(members, findings, walk).Examine(directory.Members) : null;
        if (!isTorch)
        {
            directory.Members.ForEach(member => members.Examine(member));
        }

        layout.Gaps.ForEach(members.ExamineGap);
        return (format, facts ?? (FormatFacts)Facts(directory.Members));
    }

    private void CheckNames(List<ZipMember> all)
    {
        // Torch's own reader of zips finds names whatever their case.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in all)
        {
            if (FilePath.Create(member.Name.TrimEnd('/')).Error is { } error)
            {
                findings.Suspicious("zip.member-path", $"a member would be unpacked to a place outside, or not at all: {error.Message}", member.HeaderOffset);
            }

            if (member.IsLinkOrDevice)
            {
                findings.Suspicious("zip.link", $"member '{Text.Shorten(member.Name)}' would be unpacked as a link or a device", member.HeaderOffset);
            }

            if (!names.Add(member.Name))
            {
                findings.Suspicious("zip.duplicate", $"two members are called '{Text.Shorten(member.Name)}', or differ in case alone: readers disagree on which is meant", member.HeaderOffset);
            }
        }
    }

    private static ArchiveFacts Facts(List<ZipMember> members) => new()
    {
        MemberCount = members.Count,
        UnpackedSize = members.Aggregate(0L, (sum, member) => long.MaxValue - sum < member.Size ? long.MaxValue : sum + Math.Max(0, member.Size)),
        Members = [.. members.Take(MaximumListed).Select(member => member.Name)],
    };
}
