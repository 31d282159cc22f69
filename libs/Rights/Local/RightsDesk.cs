using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using Action = ModelGarden.Contracts.V1.Action;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Rights.Local;

/// <summary>
/// Answers the one question in the service that has it: from what Entitlement's feed told, and without a call, where that allows it and Entitlement need not be told first; else Entitlement is asked. So a first
/// download is in the audit trail before it is allowed, a first use has its seat, and who has just done what was missing is not refused for what has not arrived here yet.
/// </summary>
public sealed class RightsDesk : IDisposable
{
    private const int RememberedLimit = 100_000;
    private const int QuestionsAtOnce = 1000;
    private readonly ConcurrentDictionary<Told, bool> _told = new();
    private readonly ConcurrencyLimiter _questions = new(new() { PermitLimit = QuestionsAtOnce });
    private readonly LocalDecider _local;
    private readonly DecisionCounts _counts;
    private readonly Peers _peers;
    private readonly TimeProvider _clock;
    private readonly RightsMetrics _metrics;
    private readonly TimeSpan _trusted;

    internal RightsDesk(LocalDecider local, DecisionCounts counts, Peers peers, IOptions<RightsOptions> options, TimeProvider clock, RightsMetrics metrics) =>
        (_local, _counts, _peers, _clock, _metrics, _trusted) = (local, counts, peers, clock, metrics, TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds));

    /// <summary>
    /// What <c>Entitlement.Decide</c> answers. Throws its errors; UNAVAILABLE / RIGHTS_NOT_KNOWN where it cannot be asked and what is known here does not do. A refusal by what is known here stands where it cannot be
    /// asked.
    /// </summary>
    /// <param name="caller">Who would do it.</param>
    /// <param name="action">What.</param>
    /// <param name="resource">To what, of Catalog's or Deployment's word.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public ValueTask<Decision> DecideAsync(Caller caller, Action action, Resource resource, CancellationToken cancellationToken)
    {
        var question = Question.Create(action, resource, caller).OrThrow();
        var verdict = caller.BoundFault(resource.Repository, resource.Kind) is null ? _local.Decide(question) : null;
        return verdict is not null && IsFinal(question, verdict)
            ? ValueTask.FromResult(Decided(question, resource, verdict))
            : new(AskAsync(question, resource, verdict, cancellationToken));
    }

    public void Dispose() => _questions.Dispose();

    /// <summary>Nothing that Entitlement knows more would change it, and it was told of it where it is to be. Who has not signed in is refused by no fact, and told of to nobody.</summary>
    private bool IsFinal(Question question, Verdict verdict) => verdict.Allowed
        ? !Decider.IsOnRecord(question, isAllowed: true) || _told.ContainsKey(Told.Of(question, verdict.Rule))
        : question.Caller.IsAnonymous;

    private async Task<Decision> AskAsync(Question question, Resource resource, Verdict? verdict, CancellationToken cancellationToken)
    {
        using var turn = _questions.AttemptAcquire();
        if (!turn.IsAcquired)
        {
            return DoWithout(question, resource, verdict, null);
        }

        try
        {
            var decision = await new Contracts.V1.Entitlement.EntitlementClient(_peers.As(ServiceNames.Entitlement, question.Caller))
                .DecideAsync(new() { Action = question.Action, Resource = resource }, cancellationToken: cancellationToken);
            Remember(question, decision);
            _metrics.Decided("asked");
            return decision;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.Unavailable)
        {
            return DoWithout(question, resource, verdict, exception);
        }
    }

    /// <summary>A refusal by what is known here stands where Entitlement cannot be asked.</summary>
    private Decision DoWithout(Question question, Resource resource, Verdict? verdict, Exception? reason) => verdict is { Allowed: false }
        ? Decided(question, resource, verdict)
        : throw new ErrorException(Error.Unavailable("RIGHTS_NOT_KNOWN", Unknown(question, verdict)), reason);

    private Decision Decided(Question question, Resource resource, Verdict verdict)
    {
        _counts.Count(question, resource, verdict.Rule, _clock.GetUtcNow());
        _metrics.Decided("here");
        return verdict.ToMessage(question.Action, resource);
    }

    private string Unknown(Question question, Verdict? verdict) =>
        $"Entitlement cannot be asked whether {Who(question)} may {question.Verb} {question.Repository}, {Why(verdict)}: try again shortly";

    private static string Who(Question question) => question.Caller.IsAnonymous ? "you" : question.Caller.Principal.Name;

    private string Why(Verdict? verdict) => verdict is null
        ? $"and what is known here does not do, or is older than {_trusted.TotalSeconds:0.#} s"
        : "and it has to be told of the first time";

    private void Remember(Question question, Decision decision)
    {
        if (!decision.Allowed || !Decider.IsOnRecord(question, isAllowed: true))
        {
            return;
        }

        if (_told.Count >= RememberedLimit)
        {
            _told.Clear();
        }

        _told[Told.Of(question, decision.Rule)] = true;
    }

    /// <summary>A grant that is in the audit trail.</summary>
    private readonly record struct Told(string Tenant, string Account, Action Action, string Repository, string Rule)
    {
        public static Told Of(Question question, string rule) => new(question.Tenant, question.Caller.Principal.Name, question.Action, question.Repository.Value, rule);
    }
}
