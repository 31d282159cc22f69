using System.Globalization;
using System.Text.Json.Nodes;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>The first three images of the UCI set of handwritten digits, a zero, a one and a two, and what a classifier makes of them.</summary>
internal static class Digits
{
    private const int Classes = 10;

    // Ink from 0 to 16, row by row.
    private static readonly string[] Ink =
    [
        "00 00 05 13 09 01 00 00 00 00 13 15 10 15 05 00 00 03 15 02 00 11 08 00 00 04 12 00 00 08 08 00 00 05 08 00 00 09 08 00 00 04 11 00 01 12 07 00 00 02 14 05 10 12 00 00 00 00 06 13 10 00 00 00",
        "00 00 00 12 13 05 00 00 00 00 00 11 16 09 00 00 00 00 03 15 16 06 00 00 00 07 15 16 16 02 00 00 00 00 01 16 16 03 00 00 00 00 01 16 16 06 00 00 00 00 01 16 16 06 00 00 00 00 00 11 16 10 00 00",
        "00 00 00 04 15 12 00 00 00 00 03 16 15 14 00 00 00 00 08 13 08 16 00 00 00 00 01 06 15 11 00 00 00 01 08 13 15 01 00 00 00 09 16 16 05 00 00 00 00 03 13 16 16 11 05 00 00 00 00 03 11 16 09 00",
    ];

    /// <summary>One after the other, each of 8 × 8 values from 0 to 1.</summary>
    public static double[] Images { get; } = [.. Ink.SelectMany(image => image.Split(' ')).Select(ink => int.Parse(ink, CultureInfo.InvariantCulture) / 16.0)];

    /// <summary>The digit with the highest of each ten logits.</summary>
    public static IEnumerable<int> Read(JsonArray logits) =>
        logits.Select(logit => (double)logit!).Chunk(Classes).Select(image => image.Index().MaxBy(logit => logit.Item).Index);
}
