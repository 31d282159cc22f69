using System.Text.Json;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>
/// Reads a commit out of its lines: a header first, then one operation a line. What is wrong is said with the line's number, and nothing
/// of it is kept.
/// </summary>
internal sealed class CommitReader(CreateCommitRequest commit)
{
    /// <summary>In bytes, of all small files and paths together: what one message between services holds, less room for the header.</summary>
    public const int MaximumInline = 31 << 20;

    private const int MaximumOperations = 100_000;
    private const int MaximumDepth = 8;
    private const int MaximumDescription = 64 << 10;
    private const int MaximumSummary = 512;
    private int _line;
    private long _size;
    private bool _headed;

    public async Task<CreateCommitRequest> ReadAsync(HttpContext http)
    {
        await foreach (var line in http.Request.BodyReader.ReadLinesAsync(http.RequestAborted))
        {
            _line++;
            if (!line.AsSpan().Trim(" \t\r"u8).IsEmpty)
            {
                Take(line);
            }
        }

        return _headed ? commit : throw Bad("MISSING_HEADER", "the commit is empty: its first line is {\"key\":\"header\",\"value\":{\"summary\":…}}");
    }

    private void Take(byte[] line)
    {
        using var document = Parse(line);
        var fields = new JsonFields(document.RootElement, $"line {_line}: ");
        var (key, value) = (fields.Text("key"), fields.Object("value"));
        if (key is "header")
        {
            TakeHeader(value);
            return;
        }

        if (!_headed)
        {
            throw Bad("MISSING_HEADER", $"key '{Text.Shorten(key)}' comes before the header, which is the first line");
        }

        Add(ToOperation(key, value));
    }

    private JsonDocument Parse(byte[] line)
    {
        try
        {
            var document = JsonDocument.Parse(line, new() { MaxDepth = MaximumDepth });
            return document.RootElement.ValueKind is JsonValueKind.Object ? document : throw Bad("BAD_JSON", "is not a JSON object");
        }
        catch (JsonException exception)
        {
            throw Bad("BAD_JSON", $"is not JSON: {Text.Shorten(exception.Message, 200)}");
        }
    }

    private void TakeHeader(JsonFields header)
    {
        if (_headed)
        {
            throw Bad("SECOND_HEADER", "a second header: a commit has one");
        }

        _headed = true;
        commit.Summary = Text.Shorten(header.Text("summary").ReplaceLineEndings(" "), MaximumSummary - 1);
        commit.Description = header.OptionalText("description") ?? "";
        commit.Parent = header.OptionalText("parentCommit") ?? "";
        if (commit.Description.Length > MaximumDescription)
        {
            throw header.Bad("description", $"is longer than {MaximumDescription} characters");
        }
    }

    private Operation ToOperation(string key, JsonFields value) => key switch
    {
        "file" => new() { AddFile = new() { Path = PathOf(value), Content = InlineContent.Of(value) } },
        "lfsFile" => new() { AddLargeFile = LargeFile(value) },
        "deletedFile" => new() { DeletePath = new() { Path = PathOf(value) } },
        "deletedFolder" => new() { DeletePath = new() { Path = PathOf(value), Recursive = true } },
        _ => throw Bad("UNKNOWN_KEY", $"key '{Text.Shorten(key)}' is not known: header, file, lfsFile, deletedFile and deletedFolder are"),
    };

    private AddLargeFile LargeFile(JsonFields value)
    {
        if (value.OptionalText("algo") is { } algorithm and not "sha256")
        {
            throw value.Bad("algo", $"'{Text.Shorten(algorithm)}' is not known: sha256 is");
        }

        return Sha256Digest.Create(value.Text("oid")) is { Error: null } digest
            ? new() { Path = PathOf(value), Sha256 = digest.Value.Hex, Size = value.OptionalNumber("size") ?? 0 }
            : throw value.Bad("oid", "is not a sha256: 64 lowercase hexadecimal digits are expected");
    }

    private string PathOf(JsonFields value) => FilePath.Create(value.Text("path").TrimEnd('/')) switch
    {
        { Error: { } error } => throw Bad(error.Reason, error.Message),
        var path => path.Value.Value,
    };

    private void Add(Operation operation)
    {
        _size += operation.CalculateSize() + 8;
        if (_size > MaximumInline)
        {
            throw new ErrorException(Error.Exhausted("BODY_TOO_LARGE", $"line {_line}: the commit's small files exceed {MaximumInline >> 20} MiB together: make several commits, or upload through LFS"));
        }

        if (commit.Operations.Count == MaximumOperations)
        {
            throw Bad("TOO_MANY_OPERATIONS", $"a commit has at most {MaximumOperations} operations: make several");
        }

        commit.Operations.Add(operation);
    }

    private ErrorException Bad(string reason, string fault) => new(Error.Invalid(reason, $"line {_line}: {fault}"));
}
