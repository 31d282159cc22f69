using System.Text.Json;

namespace ModelGarden.Cli.Commands;

/// <summary>An enum's values as they are typed: <c>PersonalData</c> is <c>personal-data</c>. The first one, which says nothing, is not among them.</summary>
internal static class Words
{
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Skip(1).Select(Of);

    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>The first one for what is no word of them, which is said when the line is read.</summary>
    public static T Parse<T>(string word)
        where T : struct, Enum => Enum.GetValues<T>().FirstOrDefault(value => Of(value) == word);
}
