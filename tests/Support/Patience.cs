using System.Runtime.CompilerServices;
using Xunit;
using Xunit.Sdk;

namespace ModelGarden.Testing;

/// <summary>How long a test waits for what must come: a hang becomes a failure that says what did not come.</summary>
public static class Patience
{
    /// <summary>Long enough for a machine that does much else.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Whole suites of crashes and random lives are one test.
    private static readonly TimeSpan LimitOfATest = TimeSpan.FromMinutes(10);
    private static readonly ConditionalWeakTable<ITest, CancellationTokenSource> Tests = [];

    /// <summary>Cancelled when the test is, or has taken so long that it must hang.</summary>
    public static CancellationToken Cancel => TestContext.Current is { Test: { } test } context
        ? Tests.GetValue(test, _ => Limited(context.CancellationToken)).Token
        : TestContext.Current.CancellationToken;

    /// <summary>Waits for a task, as long as patience lasts.</summary>
    /// <exception cref="TimeoutException">It did not end; the message holds the expression that made it.</exception>
    public static async Task<T> InTimeAsync<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).InTimeAsync(what);
        return await task;
    }

    /// <inheritdoc cref="InTimeAsync{T}"/>
    public static async Task InTimeAsync(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Limit, Cancel);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"still waiting after {Limit.TotalSeconds} seconds: {what}");
        }
    }

    private static CancellationTokenSource Limited(CancellationToken cancellationToken)
    {
        var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(LimitOfATest);
        return limited;
    }
}
