using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models access …</c>: ask for a gated model, and handle who asks for one's own.</summary>
internal static class AccessCommands
{
    private static readonly string[] FormTexts = ["heading", "prompt", "description"];

    public static Command Build(App app) => new("access", "Gated models: ask for access, or decide who has it")
    {
        Ask(app),
        List(app),
        Accept(app),
        Reject(app),
        Grant(app),
    };

    private static Argument<RepositoryName> Model() => Parsed.Argument("NAME", "The model, as namespace/name", RepositoryName.Create);

    private static Argument<string> User() => Parsed.Argument("ACCOUNT", "Who asked, or is to have access", ShortName.Create);

    private static Option<DateTimeOffset?> Until() => Parsed.Day("--until", "When access ends, such as 2027-01-31; not given: when it is taken back");

    private static Command Ask(App app)
    {
        var name = Model();
        var fields = Parsed.Texts("--field", "NAME=ANSWER", "An answer to the model's form");
        var command = new Command("ask", "Ask for access; without answers it says what is asked") { name, fields };
        command.Validators.Add(result =>
        {
            if (result.GetValue(fields)?.FirstOrDefault(field => field.IndexOf('=', StringComparison.Ordinal) <= 0) is { } wrong)
            {
                result.AddError($"'{Text.Shorten(wrong)}' is no answer: --field \"Company=Acme Ltd\" is expected");
            }
        });
        return app.Handle(command, async (session, parsed, cancellationToken) =>
        {
            var (model, answers) = (parsed.GetRequiredValue(name), parsed.GetValue(fields) ?? []);
            var form = await session.Access.FormAsync(model, cancellationToken);
            if (answers.Length is 0 && Fields(form).Count > 0 && Of(form, "request", "status").Length is 0)
            {
                ShowForm(session, model, form);
                return;
            }

            var body = new JsonObject(answers.Select(answer => answer.Split('=', 2)).DistinctBy(pair => pair[0]).Select(pair => KeyValuePair.Create(pair[0], (JsonNode?)pair[1])));
            var asked = await session.Access.AskAsync(model, body, cancellationToken);
            Show(session, asked, ("model", model.Value));
        });
    }

    private static Command List(App app)
    {
        var name = Model();
        var status = Parsed.Text("--status", "STATUS", "pending, accepted or rejected; pending if not given");
        status.AcceptOnlyFromAmong("pending", "accepted", "rejected");
        return app.Handle(
            new("list", "Who asked for a model of yours") { name, status },
            async (session, parsed, cancellationToken) =>
            {
                var requests = await session.Access.ListAsync(parsed.GetRequiredValue(name), parsed.GetValue(status) ?? "pending", cancellationToken);
                if (session.Out.IsJson)
                {
                    session.Out.Json(requests);
                    return;
                }

                session.Out.Table(
                    ["account", "name", "email", "asked", "answers"],
                    [.. requests.OfType<JsonObject>().Select(request => new Cell[] { Of(request, "user", "user"), Of(request, "user", "fullname"), Of(request, "user", "email"), Of(request, "timestamp"), Answers(request) })]);
            });
    }

    private static Command Accept(App app)
    {
        var (name, user, until) = (Model(), User(), Until());
        return app.Handle(
            new("accept", "Accept a request") { name, user, until },
            async (session, parsed, cancellationToken) =>
                Show(session, await session.Access.HandleAsync(parsed.GetRequiredValue(name), Decision(parsed.GetRequiredValue(user), "accepted", parsed.GetValue(until)), cancellationToken)));
    }

    private static Command Reject(App app)
    {
        var (name, user) = (Model(), User());
        var reason = Parsed.Text("--reason", "TEXT", "Why; who asked is told");
        return app.Handle(
            new("reject", "Reject a request, or take access back") { name, user, reason },
            async (session, parsed, cancellationToken) =>
            {
                var body = Decision(parsed.GetRequiredValue(user), "rejected", null);
                if (parsed.GetValue(reason) is { } words)
                {
                    body["rejectionReason"] = words;
                }

                Show(session, await session.Access.HandleAsync(parsed.GetRequiredValue(name), body, cancellationToken));
            });
    }

    private static Command Grant(App app)
    {
        var (name, user, until) = (Model(), User(), Until());
        return app.Handle(
            new("grant", "Give an account access that did not ask") { name, user, until },
            async (session, parsed, cancellationToken) =>
                Show(session, await session.Access.GrantAsync(parsed.GetRequiredValue(name), Decision(parsed.GetRequiredValue(user), null, parsed.GetValue(until)), cancellationToken)));
    }

    private static JsonObject Decision(string user, string? status, DateTimeOffset? until)
    {
        var body = new JsonObject { ["user"] = user };
        if (status is not null)
        {
            body["status"] = status;
        }

        if (until is { } end)
        {
            body["until"] = end.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return body;
    }

    private static void ShowForm(Session session, RepositoryName model, JsonObject form)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(form);
            return;
        }

        foreach (var text in FormTexts.Select(part => Of(form, part)).Where(text => text.Length > 0))
        {
            session.Out.Line(text);
        }

        session.Out.Table(
            ["field", "answer"],
            [.. Fields(form).Select(field => new Cell[] { Of(field, "name"), Expected(field) })]);
        session.Out.Note($"nothing was asked yet: garden models access ask {model} --field \"{Of(Fields(form)[0], "name")}=…\"");
    }

    private static void Show(Session session, JsonObject access, params (string Name, Cell Value)[] before)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(access);
            return;
        }

        var status = Of(access, "status");
        session.Out.Facts(
        [
            .. before,
            ("account", Of(access, "user", "user")),
            ("access", new(status, status is "accepted" ? Tone.Good : Tone.Careful)),
            ("asked", Of(access, "timestamp")),
            ("until", Of(access, "garden", "until")),
            ("reason", Of(access, "garden", "rejectionReason")),
        ]);
    }

    private static List<JsonObject> Fields(JsonObject form) => [.. (form["fields"] as JsonArray)?.OfType<JsonObject>().Where(field => Of(field, "type") is not "ip_location") ?? []];

    private static string Expected(JsonObject field) => Of(field, "type") switch
    {
        "checkbox" => "true",
        "date_picker" => "a day, such as 2026-11-22",
        "country" => "two letters, such as DE",
        "select" => $"one of {string.Join(", ", (field["options"] as JsonArray)?.OfType<JsonObject>().Select(option => Of(option, "value")) ?? [])}",
        _ => "text",
    };

    private static string Answers(JsonObject request) =>
        string.Join("; ", (request["fields"] as JsonObject)?.Select(field => $"{field.Key}: {field.Value}") ?? []);

    /// <summary>A text below an object, empty where there is none.</summary>
    private static string Of(JsonObject from, params string[] path)
    {
        JsonNode? node = from;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
    }
}
