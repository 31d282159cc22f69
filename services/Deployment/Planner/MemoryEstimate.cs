namespace ModelGarden.Deployment.Planner;

/// <summary>What a replica is expected to need. An upper bound by rule of thumb: it ranks candidates and keeps off what cannot fit.</summary>
internal static class MemoryEstimate
{
    /// <summary>The engine's own code and buffers.</summary>
    private const long Engine = 64L << 20;

    /// <summary>Tokens of context that our engine takes for a request at most, whatever the model could do.</summary>
    private const long LongestContext = 4096;

    /// <summary>Requests that it works on at a time.</summary>
    private const long Slots = 4;

    /// <summary>Tensors in one transformer block of the common architectures: what turns a tensor count into layers.</summary>
    private const long TensorsPerLayer = 9;

    /// <summary>Weights and a fifth for compute buffers, and the keys and values (f16) of a whole context in each slot.</summary>
    public static long Of(IReadOnlyList<ModelFile> needed)
    {
        var facts = needed[0].Facts;
        var weights = needed.Sum(file => file.Size);
        var layers = Math.Max(1, facts.TensorCount / TensorsPerLayer);
        var context = Math.Min(facts.ContextLength, LongestContext);
        var cache = needed[0].Format is "gguf" ? 2 * 2 * layers * facts.EmbeddingLength * context * Slots : 0;
        return weights + (weights / 5) + cache + Engine;
    }
}
