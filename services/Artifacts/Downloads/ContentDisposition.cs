using System.Text;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>The name under which a browser saves a file (RFC 6266): in ASCII for old clients, and whole as RFC 5987 writes it.</summary>
internal static class ContentDisposition
{
    private const string Unescaped = "!#$&+-.^_`|~";

    public static string Attachment(string fileName)
    {
        var name = fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length is 0 ? "attachment" : $"attachment; filename=\"{Plain(name)}\"; filename*=UTF-8''{Escape(name)}";
    }

    private static string Plain(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' and not ('"' or '\\' or '%') ? c : '_'));

    private static string Escape(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || Unescaped.Contains((char)octet))
            {
                escaped.Append((char)octet);
            }
            else
            {
                escaped.Append('%').Append(octet.ToString("X2", null));
            }
        }

        return escaped.ToString();
    }
}
