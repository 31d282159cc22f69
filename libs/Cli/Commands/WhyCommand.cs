using System.CommandLine;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden why</c>: what decides whether somebody may do something to a model, rule by rule.</summary>
internal static class WhyCommand
{
    public static Command Build(App app)
    {
        var action = Parsed.Word<Action>("ACTION", "What is to be done");
        var model = Parsed.Model();
        var account = Parsed.Optional("--account", "ACCOUNT", "Somebody else's decision, for admins and operators", AccountName.Create);
        var tenant = Parsed.Optional("--tenant", "TENANT", "That account's tenant, for operators", TenantName.Create);
        return app.Handle(
            new("why", "Why somebody may download, deploy or call a model, or may not") { action, model, account, tenant },
            async (session, parsed, cancellationToken) =>
            {
                var reference = parsed.GetRequiredValue(model);
                var request = new WhyRequest
                {
                    Action = parsed.GetValue(action),
                    Repository = reference.Name.Value,
                    Revision = reference.Revision,
                    Account = parsed.GetValue(account)?.Value ?? "",
                    Tenant = parsed.GetValue(tenant)?.Value ?? "",
                };
                Show(session, await session.Garden.WhyAsync(request, cancellationToken));
            });
    }

    private static void Show(Session session, Explanation explanation)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(explanation);
            return;
        }

        var decision = explanation.Decision;
        session.Out.Facts(
            ("decision", new(decision.Allowed ? "allowed" : "refused", decision.Allowed ? Tone.Good : Tone.Careful)),
            ("rule", decision.Rule),
            ("because", decision.Message),
            ("account", $"{explanation.Account} of {explanation.Tenant}"),
            ("roles", string.Join(", ", explanation.Roles)));
        session.Out.Line();
        session.Out.Table(["rule", "", "what it said"], [.. explanation.Steps.Select(step => new Cell[] { step.Rule, Words.Of(step.Outcome), step.Message })]);
    }
}
