namespace ModelGarden.Markdown;

/// <summary>What rendering may cost: one text's, or that of all texts which make up one answer. When it is spent, what is left is shown as it was written, which costs next to nothing.</summary>
public sealed class MarkdownBudget
{
    /// <summary>Steps of the parser: a paragraph's marks are each held against the others, and from some of them it reads on to the next blank, from others to the end. About a quarter of a second.</summary>
    public const long MaximumWork = 16_000_000;

    /// <summary>Characters of HTML.</summary>
    public const int MaximumOutput = 4 << 20;

    private const int SmallestOutput = 4 << 10;
    private const int Growth = 16;
    private long _work = MaximumWork;
    private int _output = MaximumOutput;

    /// <summary>Takes what a paragraph costs; false: there is not so much left.</summary>
    internal bool TakeWork(long steps)
    {
        if (steps > _work)
        {
            return false;
        }

        _work -= steps;
        return true;
    }

    /// <summary>How long the HTML of a text may become: as it was written there is always room for it.</summary>
    internal int OutputOf(int length) => (int)Math.Max(Math.Min(_output, SmallestOutput + ((long)Growth * length)), SmallestOutput + (2L * length));

    internal void TakeOutput(int length) => _output = Math.Max(0, _output - length);
}
