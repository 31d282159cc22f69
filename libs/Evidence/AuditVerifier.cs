using Google.Protobuf;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Evidence;

/// <summary>What was verified.</summary>
/// <param name="First">Sequence of the first record.</param>
/// <param name="Last">Of the last.</param>
/// <param name="Links">How many of these are links alone: records of others.</param>
/// <param name="Newest">The newest checkpoint; it signs the last record.</param>
/// <param name="Checkpoints">How many held.</param>
public sealed record AuditSummary(long First, long Last, long Links, Checkpoint Newest, int Checkpoints)
{
    public long Records => Last - First + 1;
}

/// <summary>
/// Holds an export of the audit trail against itself and against the garden's signatures, line by line, with nothing but the public keys. The chain is whole where each record has the hash that
/// its content and the one before it give; that it is the garden's, and that nothing is missing at its end, the checkpoints say.
/// </summary>
public sealed class AuditVerifier(PublicKeys keys)
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithRecursionLimit(16));

    // By sequence: those that are still to come, and the newest that was met.
    private readonly SortedDictionary<long, (Checkpoint Checkpoint, string Where)> _ahead = [];
    private AuditHead? _head;
    private Checkpoint? _newest;
    private long _first;
    private long _links;
    private int _checkpoints;

    /// <summary>A checkpoint that was kept apart from the export, taken before any line.</summary>
    /// <param name="envelope">It.</param>
    /// <param name="where">How it is called in what is said, such as the file's name.</param>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public Error? Hold(SignedEnvelope envelope, string where)
    {
        var checkpoint = Checkpoint.Open(envelope, keys);
        return checkpoint.Error is { } error ? error with { Message = $"{where}: {error.Message}" } : Expect(checkpoint.Value, where);
    }

    /// <summary>The next line.</summary>
    /// <param name="line">Its text.</param>
    /// <param name="where">How it is called in what is said, such as <c>line 7</c>.</param>
    /// <returns>What is wrong with it; null: nothing. After a fault there is no use in going on.</returns>
    public Error? Take(string line, string where)
    {
        var entry = Parse(line);
        if (entry.Error is { } error)
        {
            return error with { Message = $"{where}: {error.Message}" };
        }

        return entry.Value.EntryCase is AuditEntry.EntryOneofCase.Checkpoint ? Hold(entry.Value.Checkpoint, where)
            : TakeLink(entry.Value) is { } fault ? Fault(where, fault)
            : null;
    }

    /// <summary>All lines were taken.</summary>
    public Result<AuditSummary> Finish()
    {
        if (_head is null)
        {
            return Broken("there is no record in it");
        }

        if (_ahead.Values.LastOrDefault() is { Checkpoint: { } missed } last && missed.Sequence > _head.Sequence)
        {
            return Broken($"records {_head.Sequence + 1} to {missed.Sequence} are missing at the end: {last.Where} is a checkpoint of record {missed.Sequence}, signed {missed.At:u}");
        }

        return _newest is not null && _newest.Sequence == _head.Sequence
            ? new AuditSummary(_first, _head.Sequence, _links, _newest, _checkpoints)
            : Broken($"records {(_newest?.Sequence ?? _first - 1) + 1} to {_head.Sequence} are signed by no checkpoint: nobody knows whether they are the garden's");
    }

    private static Result<AuditEntry> Parse(string line)
    {
        try
        {
            var entry = Json.Parse<AuditEntry>(line);
            return entry.EntryCase is AuditEntry.EntryOneofCase.None || (entry.Record is { } record && (record.At is null || record.At.Nanos % 1_000_000 is not 0))
                ? Broken("is none of an audit export: a record, a link or a checkpoint is expected")
                : entry;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            return Broken($"is none of an audit export: {exception.Message}");
        }
    }

    private string? TakeLink(AuditEntry entry)
    {
        var link = entry.Link ?? new() { Sequence = entry.Record.Sequence, PreviousHash = entry.Record.PreviousHash, Hash = entry.Record.Hash };
        if (_head is null && Begin(link) is { } beginning)
        {
            return beginning;
        }

        var fault = entry.Record is null ? AuditChain.Fault(_head!, link) : AuditChain.Fault(_head!, entry.Record) ?? PersonalFault(entry.Record);
        (_head, _links) = (new(link.Sequence, link.Hash.ToByteArray()), entry.Record is null ? _links + 1 : _links);
        return fault ?? Meet();
    }

    /// <summary>The chain begins with its first record, or behind one that a checkpoint signs: what was before is gone, and was signed.</summary>
    private string? Begin(AuditLink link)
    {
        (_head, _first) = (link.Sequence <= 1 ? AuditChain.Beginning : new(link.Sequence - 1, link.PreviousHash.ToByteArray()), link.Sequence);
        if (link.Sequence <= 1)
        {
            return null;
        }

        return _ahead.ContainsKey(link.Sequence - 1) ? Meet() : $"records 1 to {link.Sequence - 1} are missing, and no checkpoint says that the chain may begin there";
    }

    /// <summary>Holds the checkpoint of the record that was taken last, if there is one, against it.</summary>
    private string? Meet()
    {
        // Those of records before the first one taken say nothing of this export.
        while (_ahead.Count > 0 && _ahead.First() is var (sequence, held) && sequence <= _head!.Sequence)
        {
            _ahead.Remove(sequence);
            if (sequence == _head.Sequence && !IsOf(held.Checkpoint, _head))
            {
                return $"record {sequence} is not the one that was signed: the checkpoint at {held.Where} has another hash";
            }

            (_newest, _checkpoints) = sequence == _head.Sequence ? (held.Checkpoint, _checkpoints + 1) : (_newest, _checkpoints);
        }

        return null;
    }

    private Error? Expect(Checkpoint checkpoint, string where)
    {
        if (_head is not null && checkpoint.Sequence < _head.Sequence)
        {
            return Fault(where, $"a checkpoint of record {checkpoint.Sequence} stands behind record {_head.Sequence}: lines were put in or moved");
        }

        if (_head is not null && checkpoint.Sequence == _head.Sequence)
        {
            (_newest, _checkpoints) = (checkpoint, _checkpoints + 1);
            return IsOf(checkpoint, _head) ? null : Fault(where, $"record {checkpoint.Sequence} is not the one that was signed: this checkpoint has another hash");
        }

        return _ahead.TryAdd(checkpoint.Sequence, (checkpoint, where)) || _ahead[checkpoint.Sequence].Checkpoint.Hash == checkpoint.Hash
            ? null
            : Fault(where, $"two checkpoints of record {checkpoint.Sequence} have different hashes: the garden signed two histories, the other is at {_ahead[checkpoint.Sequence].Where}");
    }

    private static bool IsOf(Checkpoint checkpoint, AuditHead head) => checkpoint.Hash == Convert.ToHexStringLower(head.Hash);

    private static string? PersonalFault(AuditRecord record)
    {
        var wrong = record.Personal.FirstOrDefault(value => !Commitment.Holds(value)
            || !(record.Account == value.Commitment || record.Subject == value.Commitment || record.Detail.Contains($"\"{value.Commitment}\"", StringComparison.Ordinal)));
        return wrong is null ? null : $"record {record.Sequence} was changed: '{Text.Shorten(wrong.Value)}' is not what it holds a commitment to";
    }

    private static Error Fault(string where, string fault) => Broken($"{where}: {fault}");

    private static Error Broken(string message) => Error.Invalid("AUDIT_BROKEN", message);
}
