using System.Runtime.InteropServices;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>
/// Rows that never change, numbered in the order of downloads, names and ids, in a file or in memory. A repository has one row if all see the same of
/// it, or only insiders see it; else two, one after the other.
/// </summary>
internal sealed class Segment : Shared
{
    public const int MostSpaces = 32;
    private const byte IdTag = 0x0A;
    private const int FirstSteps = 50;
    private readonly SectionFile _file;
    private readonly string? _path;
    private readonly int[] _spaces;
    private readonly int _stems;
    private readonly ReadOnlyMemory<byte> _stored;
    private readonly ReadOnlyMemory<byte> _storedStarts;
    private readonly ReadOnlyMemory<byte> _postings;
    private readonly ReadOnlyMemory<byte> _texts;
    private readonly ReadOnlyMemory<byte> _blocks;
    private readonly ReadOnlyMemory<byte> _terms;
    private readonly ReadOnlyMemory<byte> _nameRanks;
    private volatile bool _isDropped;

    private Segment(SectionFile file, string? path)
    {
        (_file, _path) = (file, path);
        var counts = MemoryMarshal.Cast<byte, int>(file[Section.Counts].Span);
        if (counts.Length != MostSpaces + 4)
        {
            throw file.Damage("its counts are not as many as they have to be");
        }

        (Rows, Terms, _spaces) = (counts[0], counts[1], counts[2..^1].ToArray());
        _stems = counts[^1];
        (_stored, _storedStarts, _postings) = (file[Section.Stored], file[Section.StoredStarts], file[Section.Postings]);
        (_texts, _blocks, _terms, _nameRanks) = (file[Section.TermTexts], file[Section.TermBlocks], file[Section.Terms], file[Section.NameRanks]);
        new SegmentCheck(file, Rows, Terms, _spaces, _stems).Run();
    }

    public int Rows { get; }

    public int Terms { get; }

    public int Words => Bits.WordsFor(Rows);

    public long Length => _file.Length;

    /// <summary>The file's name; null: it is in memory.</summary>
    public string? Name => Path.GetFileName(_path);

    /// <summary>All of it, if it is in memory.</summary>
    public ReadOnlyMemory<byte> Memory => _file.Memory;

    public ReadOnlySpan<ulong> Inside => Words64(Section.Inside);

    public ReadOnlySpan<ulong> Outside => Words64(Section.Outside);

    public PackedInts NameRanks => new(_nameRanks.Span);

    public TermDictionary Dictionary => new(_texts, _blocks.Span, Terms);

    public StemColumn Stems => new(new(_file[Section.Stems].Span), _stems, Dictionary, Space(TermSpace.Word).First);

    public RangeColumn Parameters => new(_file[Section.ParameterValues].Span, _file[Section.ParameterSlices].Span, Rows);

    /// <summary>Checks all of a file and opens it.</summary>
    /// <exception cref="IndexDamageException">It is not as it was written, or of another version.</exception>
    public static Segment Open(string path)
    {
        var file = new SectionFile(path, Section.Version);
        try
        {
            return new(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static Segment InMemory(ReadOnlyMemory<byte> bytes) => new(new SectionFile(bytes, Section.Version), null);

    /// <summary>The id of a stored repository: its field 1, which the C# writer of Protocol Buffers puts first, as every writer of fields in their order does.</summary>
    public static ReadOnlySpan<byte> IdIn(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty || stored[0] is not IdTag)
        {
            throw new InvalidDataException("a stored repository does not begin with its id");
        }

        var (length, shift, at) = (0, 0, 1);
        while (stored[at] >= 0x80)
        {
            length |= (stored[at++] & 0x7F) << shift;
            shift += 7;
        }

        length |= stored[at++] << shift;
        return stored.Slice(at, length);
    }

    /// <summary>The terms of a space.</summary>
    public (int First, int End) Space(TermSpace space) => (_spaces[(int)space], _spaces[(int)space + 1]);

    public PostingList Postings(int term) => new(Term(term), _postings.Span, Rows);

    /// <summary>How many rows have a term.</summary>
    public int CountOf(int term) => PostingList.CountOf(Term(term));

    /// <summary>About how many nanoseconds it takes to go through a term's rows once.</summary>
    public long CostOf(int term)
    {
        var count = CountOf(term);
        return FirstSteps + (PostingList.IsDense(count, Rows) ? Words : 2L * count);
    }

    public ReadOnlyMemory<byte> Stored(int row)
    {
        var starts = new PackedInts(_storedStarts.Span);
        return _stored[(int)starts[row]..(int)starts[row + 1]];
    }

    /// <summary>What a hit shows: a copy, so that the pages of a few hits do not make the whole section resident.</summary>
    public Contracts.V1.Repository Repository(int row)
    {
        var starts = new PackedInts(_storedStarts.Span);
        return StoredRepository.Read(_file.Copy(Section.Stored, starts[row], (int)(starts[row + 1] - starts[row])));
    }

    /// <summary>The first row of a repository; -1: it is not here.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        var slots = MemoryMarshal.Cast<byte, int>(_file[Section.Ids].Span);
        var head = HeadOf(id);
        for (var (slot, tried) = ((int)Checksum.Of(id) & (slots.Length - 1), 0); slots.Length > tried && slots[slot] is > 0 and var row; slot = (slot + 1) & (slots.Length - 1), tried++)
        {
            if (BeginsWith(row - 1, head))
            {
                return row - 1;
            }
        }

        return -1;
    }

    /// <summary>The other row of a repository whose first row this is: the next one, if any; -1: it has only one.</summary>
    public int SecondOf(int row, ReadOnlySpan<byte> id) => row + 1 < Rows && BeginsWith(row + 1, HeadOf(id)) ? row + 1 : -1;

    public Readership ReadershipOf(int row) => (Bits.Has(Inside, row) ? Readership.Insiders : 0) | (Bits.Has(Outside, row) ? Readership.Others : 0);

    public NumberColumn Numbers(SortOrder sort) => new(_file[Section.NumberValues(sort)].Span, _file[Section.NumberPlaces(sort)].Span);

    /// <summary>Rows in an order that is held.</summary>
    public PackedInts Order(SortOrder sort) => new(_file[Section.Order(sort)].Span);

    public ValueColumn Values(Field field) => new(_file[Section.ValueStarts(field)].Span, _file[Section.ValuePlaces(field)].Span);

    public BestRows BestShortNames => new(_file[Section.ShortNameRows].Span, Space(TermSpace.ShortName).End - Space(TermSpace.ShortName).First);

    public BestRows BestFullNames => new(_file[Section.FullNameRows].Span, Space(TermSpace.FullName).End - Space(TermSpace.FullName).First);

    /// <summary>The key of a row's name and id: by it rows of equal numbers are in order, in all segments alike.</summary>
    public byte[] NameKey(int row) => Dictionary.KeyAt(Space(TermSpace.FullName).First + (int)NameRanks[row]);

    /// <summary>The file is deleted when nobody reads it any more.</summary>
    public void Drop() => _isDropped = true;

    protected override void Close()
    {
        _file.Dispose();
        try
        {
            if (_isDropped && _path is not null)
            {
                File.Delete(_path);
            }
        }
        catch (IOException)
        {
            // No manifest names it: whoever opens the index next deletes it.
        }
    }

    /// <summary>How a repository with this id begins as it is stored.</summary>
    private static byte[] HeadOf(ReadOnlySpan<byte> id)
    {
        var head = new List<byte> { IdTag };
        var length = id.Length;
        for (; length >= 0x80; length >>= 7)
        {
            head.Add((byte)(length | 0x80));
        }

        return [.. head, (byte)length, .. id];
    }

    /// <summary>Read and not mapped: while changes come, rows from everywhere are looked at.</summary>
    private bool BeginsWith(int row, byte[] head)
    {
        var starts = new PackedInts(_storedStarts.Span);
        return starts[row + 1] - starts[row] >= head.Length && _file.Copy(Section.Stored, starts[row], head.Length).AsSpan().SequenceEqual(head);
    }

    private ulong Term(int term) => MemoryMarshal.Cast<byte, ulong>(_terms.Span)[term];

    private ReadOnlySpan<ulong> Words64(int section) => MemoryMarshal.Cast<byte, ulong>(_file[section].Span);
}
