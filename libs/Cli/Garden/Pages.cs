using System.Collections;
using Google.Protobuf;

namespace ModelGarden.Cli.Garden;

/// <summary>Lists that come in pages, read as one.</summary>
internal static class Pages
{
    /// <summary>The answers of as many pages as it takes, in one: with the token of the rest, if there is more. Rows are what the first list of an answer has.</summary>
    /// <param name="limit">At most so many rows.</param>
    /// <param name="largest">Of a page.</param>
    /// <param name="ask">Asks for a page of so many rows, from a token on.</param>
    public static async Task<T> ReadAsync<T>(int limit, int largest, Func<int, string, Task<T>> ask)
        where T : IMessage<T>, new()
    {
        var all = new T();
        var token = all.Descriptor.FindFieldByName("next_page_token").Accessor;
        var rows = (IList)all.Descriptor.Fields.InDeclarationOrder().First(field => field.IsRepeated).Accessor.GetValue(all);
        do
        {
            var page = await ask(Math.Min(limit - rows.Count, largest), (string)token.GetValue(all));
            token.Clear(all);
            all.MergeFrom(page);
        }
        while (rows.Count < limit && ((string)token.GetValue(all)).Length > 0);

        return all;
    }
}
