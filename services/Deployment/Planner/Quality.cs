using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Planner;

/// <summary>How true a file's weights are to the model's, higher is better. F16 stands above F32: the same answers in half the memory.</summary>
internal static class Quality
{
    private static readonly string[] Order = ["IQ1", "Q2", "IQ2", "Q3", "IQ3", "Q4_0", "Q4", "IQ4", "MXFP4", "Q5", "Q6", "Q8", "F32", "BF16", "F16"];

    public static int Of(FileFacts facts)
    {
        var name = facts.Quantization.ToUpperInvariant();
        return Array.FindLastIndex(Order, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Below four bits a weight answers suffer visibly.</summary>
    public static bool IsSound(FileFacts facts) => Of(facts) >= Array.IndexOf(Order, "Q4_0") || Of(facts) < 0;
}
