using System.Numerics;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Whether the sections of a segment are as long as its counts say: what their checksums cannot tell of a file that a faulty program wrote.</summary>
internal sealed class SegmentCheck(SectionFile file, int rows, int terms, int[] spaces, int stems)
{
    public void Run()
    {
        Expect(rows >= 0 && terms >= 0, Section.Counts);
        for (var i = 0; i < spaces.Length; i++)
        {
            Expect(spaces[i] >= (i > 0 ? spaces[i - 1] : 0) && spaces[i] <= terms, Section.Counts);
        }

        var words = Bits.WordsFor(rows) * sizeof(ulong);
        Expect(Length(Section.Terms) == (long)terms * sizeof(ulong), Section.Terms);
        Expect(Length(Section.TermBlocks) == (terms + TermDictionary.BlockSize - 1) / TermDictionary.BlockSize * (long)sizeof(uint), Section.TermBlocks);
        Expect(Length(Section.Inside) == words, Section.Inside);
        Expect(Length(Section.Outside) == words, Section.Outside);
        Expect(BitOperations.IsPow2(Length(Section.Ids)) || rows is 0, Section.Ids);
        Expect(Length(Section.ShortNameRows) == BestRows.LengthFor(In(TermSpace.ShortName)) * sizeof(int), Section.ShortNameRows);
        Expect(Length(Section.FullNameRows) == BestRows.LengthFor(In(TermSpace.FullName)) * sizeof(int), Section.FullNameRows);
        Expect(Length(Section.ParameterSlices) == (long)RangeColumn.BitsFor(Length(Section.ParameterValues) / sizeof(long)) * words, Section.ParameterSlices);
        Expect(stems >= 0 && stems <= In(TermSpace.Word), Section.Counts);
        ExpectPacked(Section.Stems, stems);
        ExpectPacked(Section.StoredStarts, rows + 1);
        ExpectPacked(Section.NameRanks, rows);
        foreach (var sort in Row.Sorts)
        {
            ExpectPacked(Section.NumberPlaces(sort), rows);
        }

        foreach (var sort in Row.HeldOrders)
        {
            ExpectPacked(Section.Order(sort), rows);
        }

        foreach (var field in Enum.GetValues<Field>())
        {
            CheckValues(field);
        }
    }

    private void CheckValues(Field field)
    {
        var starts = file[Section.ValueStarts(field)].Span;
        if (starts.IsEmpty)
        {
            ExpectPacked(Section.ValuePlaces(field), rows);
            return;
        }

        ExpectPacked(Section.ValueStarts(field), rows + 1);
        ExpectPacked(Section.ValuePlaces(field), new PackedInts(starts)[rows]);
    }

    private int In(TermSpace space) => spaces[(int)space + 1] - spaces[(int)space];

    private int Length(int section) => file[section].Length;

    private void ExpectPacked(int section, long count) => Expect(PackedInts.IsSane(file[section].Span, count), section);

    private void Expect(bool isSo, int section)
    {
        if (!isSo)
        {
            throw file.Damage($"section {section} is not as long as it has to be");
        }
    }
}
