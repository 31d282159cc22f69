using System.CommandLine;
using System.Globalization;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;
using ModelGarden.Evidence;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden audit …</c>: take the audit trail out, and verify it without the garden.</summary>
internal static class AuditCommands
{
    public static Command Build(App app) => new("audit", "The audit trail: export, checkpoint, verify without the garden") { Export(app), Verify(app), Checkpoint(app), Keys(app), Erase(app) };

    private static Command Export(App app)
    {
        var after = Parsed.Number("--after", "Only records after this one, to go on where an export broke off", 0, int.MaxValue);
        var limit = Parsed.Number("--limit", "At most so many records; such an export does not reach what its checkpoint signs", 1, int.MaxValue);
        var events = new Option<bool>("--events") { Description = "As CloudEvents, for whoever collects them; cannot be verified" };
        return app.Handle(
            new("export", "The chain with its signed checkpoints, one JSON object a line") { after, limit, events },
            async (session, parsed, cancellationToken) =>
            {
                var request = new ExportAuditRequest { After = parsed.GetValue(after) ?? 0, Limit = parsed.GetValue(limit) ?? 0 };
                if (parsed.GetValue(events))
                {
                    await foreach (var one in session.Garden.ExportAuditEventsAsync(request, cancellationToken))
                    {
                        session.Out.JsonLine(one);
                    }

                    return;
                }

                await foreach (var entry in session.Garden.ExportAuditAsync(request, cancellationToken))
                {
                    session.Out.JsonLine(entry);
                }
            });
    }

    private static Command Verify(App app)
    {
        var files = new Argument<string[]>("FILE") { Description = "What was exported; of one in parts all of them, in order", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var key = EvidenceFiles.Key();
        var checkpoints = Parsed.Texts("--checkpoint", "FILE", "Checkpoints that were kept elsewhere, one a line: what they sign must be in the export");
        return app.Handle(
            new("verify", "Hold an export against itself and the garden's signatures; asks no garden") { files, key, checkpoints },
            async (session, parsed, cancellationToken) =>
            {
                using var keys = await EvidenceFiles.ReadKeysAsync(session, parsed.GetRequiredValue(key), cancellationToken);
                var verifier = new AuditVerifier(keys);
                foreach (var file in parsed.GetValue(checkpoints) ?? [])
                {
                    await EvidenceFiles.ReadLinesAsync(session, file, (line, where) => Refuse(Hold(verifier, line, where)), cancellationToken);
                }

                foreach (var file in parsed.GetRequiredValue(files))
                {
                    await EvidenceFiles.ReadLinesAsync(session, file, (line, where) => Refuse(verifier.Take(line, where)), cancellationToken);
                }

                Show(session, verifier.Finish().OrThrow());
            });
    }

    private static Command Checkpoint(App app) => app.Handle(
        new("checkpoint", "A signed checkpoint of the trail's end, to be kept elsewhere: it proves later that nothing before it is missing"),
        async (session, _, cancellationToken) => session.Out.JsonLine(Envelopes.Write(await session.Garden.GetAuditCheckpointAsync(cancellationToken))));

    private static Command Keys(App app) => app.Handle(
        new("keys", "The public keys of evidence and checkpoints, in PEM: for verify --key"),
        async (session, _, cancellationToken) =>
        {
            var keys = await session.Garden.ListEvidenceKeysAsync(cancellationToken);
            if (session.Out.IsJson)
            {
                session.Out.Json(keys);
                return;
            }

            foreach (var key in keys.Keys)
            {
                session.Out.Line($"# {key.Id}, since {Plain.Time(key.CreatedAt)}");
                session.Out.Piece(key.Pem);
            }
        });

    private static Command Erase(App app)
    {
        var account = Parsed.Argument("ACCOUNT", "Whose name", AccountName.Create);
        var yes = Parsed.Yes();
        return app.Handle(
            new("erase", "Forget who an account was, in all records so far; the chain stays whole") { account, yes },
            async (session, parsed, cancellationToken) =>
            {
                var name = parsed.GetRequiredValue(account);
                await session.ConfirmAsync($"Erase {name} from the audit trail? Nobody can bring it back.", parsed.GetValue(yes), cancellationToken);
                var erased = await session.Garden.EraseFromAuditAsync(new() { Account = name.Value }, cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(erased);
                    return;
                }

                session.Out.Facts(("erased", name.Value), ("records", erased.Records.ToString(CultureInfo.InvariantCulture)));
            });
    }

    private static Error? Hold(AuditVerifier verifier, string line, string where)
    {
        var envelope = Envelopes.Read(line);
        return envelope.Error is { } error ? error with { Message = $"{where}: {error.Message}" } : verifier.Hold(envelope.Value, where);
    }

    private static void Refuse(Error? error)
    {
        if (error is not null)
        {
            throw new ErrorException(error);
        }
    }

    private static void Show(Session session, AuditSummary summary)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(new System.Text.Json.Nodes.JsonObject
            {
                ["first"] = summary.First,
                ["last"] = summary.Last,
                ["records"] = summary.Records - summary.Links,
                ["links"] = summary.Links,
                ["checkpoints"] = summary.Checkpoints,
                ["hash"] = summary.Newest.Hash,
                ["signedAt"] = summary.Newest.At.ToString("O", CultureInfo.InvariantCulture),
            });
            return;
        }

        session.Out.Facts(
            ("whole", new($"records {summary.First} to {summary.Last}", Tone.Good)),
            ("of others", summary.Links > 0 ? $"{summary.Links}, as links alone" : ""),
            ("signed", $"{summary.Newest.At:u}, {summary.Checkpoints} checkpoints"),
            ("hash", summary.Newest.Hash));
    }
}
