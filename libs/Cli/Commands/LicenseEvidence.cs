using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Evidence;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden licenses evidence</c> and <c>verify</c>: the signed statements of an acceptance, and what they say to whoever has the public keys.</summary>
internal static class LicenseEvidence
{
    public static Command Export(App app)
    {
        var id = new Argument<string>("ID") { Description = "The acceptance's, as acceptances lists it", HelpName = "ID" };
        return app.Handle(
            new("evidence", "The signed statements of an acceptance and of its withdrawal, one DSSE envelope a line") { id },
            async (session, parsed, cancellationToken) =>
            {
                var evidence = await session.Garden.GetEvidenceAsync(parsed.GetRequiredValue(id), cancellationToken);
                foreach (var envelope in new[] { evidence.Acceptance, evidence.Withdrawal }.Where(envelope => envelope is not null))
                {
                    session.Out.JsonLine(Envelopes.Write(envelope));
                }
            });
    }

    public static Command Verify(App app)
    {
        var file = new Argument<string>("FILE") { Description = "What evidence printed", HelpName = "FILE" };
        var key = EvidenceFiles.Key();
        var text = Parsed.Text("--text", "FILE", "The licence's text: it is to be the one that was accepted");
        return app.Handle(
            new("verify", "Verify the statements of an acceptance; asks no garden") { file, key, text },
            async (session, parsed, cancellationToken) =>
            {
                using var keys = await EvidenceFiles.ReadKeysAsync(session, parsed.GetRequiredValue(key), cancellationToken);
                var statements = new List<Statement>();
                await EvidenceFiles.ReadLinesAsync(session, parsed.GetRequiredValue(file), (line, where) => statements.Add(Open(line, where, keys)), cancellationToken);
                if (statements.Count is 0)
                {
                    throw new ErrorException(Error.Invalid("BAD_ENVELOPE", $"{parsed.GetRequiredValue(file)}: there is no statement in it"));
                }

                if (parsed.GetValue(text) is { } path)
                {
                    await HoldTextAsync(session, path, statements, cancellationToken);
                }

                Show(session, statements);
            });
    }

    private static Statement Open(string line, string where, PublicKeys keys)
    {
        var envelope = Envelopes.Read(line);
        var statement = envelope.Error is { } unreadable ? unreadable : Envelopes.Open(envelope.Value, keys);
        return statement.Error is { } error ? throw new ErrorException(error with { Message = $"{where}: {error.Message}" })
            : statement.Value.PredicateType is Predicates.Acceptance or Predicates.Withdrawal ? statement.Value
            : throw new ErrorException(Error.Invalid("BAD_STATEMENT", $"{where}: it is signed, but says nothing of a licence: {Text.Shorten(statement.Value.PredicateType)}"));
    }

    private static async Task HoldTextAsync(Session session, string file, List<Statement> statements, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(EvidenceFiles.PathOf(session, file));
        var digest = Sha256Digest.FromBytes(await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellationToken)).Hex;
        if (statements.Find(statement => statement.Sha256 != digest) is { } other)
        {
            throw new ErrorException(Error.Invalid("TEXT_DIFFERS", $"{file} has the sha256 {digest}: what was accepted has {other.Sha256}"));
        }
    }

    private static void Show(Session session, List<Statement> statements)
    {
        foreach (var statement in statements)
        {
            if (session.Out.IsJson)
            {
                session.Out.JsonLine(System.Text.Encoding.UTF8.GetString(statement.ToJson()));
                continue;
            }

            var isWithdrawal = statement.PredicateType is Predicates.Withdrawal;
            session.Out.Facts(
                (isWithdrawal ? "withdrawn" : "accepted", new($"{statement.Say("title")} ({statement.Name})", isWithdrawal ? Tone.Careful : Tone.Good)),
                ("text sha256", statement.Sha256),
                ("for", statement.Say("party") is "person" ? $"{statement.Say("person")} of {statement.Say("organisation")}" : statement.Say("organisation")),
                ("signatory", statement.Say("signatory")),
                ("accepted at", statement.Say("acceptedAt")),
                ("until", statement.Say("until")),
                ("withdrawn at", statement.Say("withdrawnAt")),
                ("purpose", statement.Say("purpose")),
                ("garden", statement.Say("garden")),
                ("record", statement.Say("acceptance")));
        }
    }
}
