namespace ModelGarden.Deployment.Planner;

/// <summary>What a replica is expected to need. An upper bound by rule of thumb: it ranks candidates and keeps off what cannot fit.</summary>
internal static class MemoryEstimate
{
    /// <summary>The engine's own code and buffers.</summary>
    private const long Engine = 64L << 20;

    /// <summary>Engines size their context to the memory they find; a longer one than this is a luxury, not a need.</summary>
    private const long LongestContext = 8192;

    /// <summary>Tensors in one transformer block of the common architectures: what turns a tensor count into layers.</summary>
    private const long TensorsPerLayer = 9;

    /// <summary>Weights and a fifth for compute buffers, and the keys and values (f16) of one whole context.</summary>
    public static long Of(IReadOnlyList<ModelFile> needed)
    {
        var facts = needed[0].Facts;
        var weights = needed.Sum(file => file.Size);
        var layers = Math.Max(1, facts.TensorCount / TensorsPerLayer);
        var context = Math.Min(facts.ContextLength, LongestContext);
        var cache = needed[0].Format is "gguf" ? 2 * 2 * layers * facts.EmbeddingLength * context : 0;
        return weights + (weights / 5) + cache + Engine;
    }
}
