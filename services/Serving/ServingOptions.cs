using System.ComponentModel.DataAnnotations;

namespace ModelGarden.Serving;

/// <summary>Section <c>Garden:Serving</c>.</summary>
public sealed class ServingOptions
{
    public const string Section = "Garden:Serving";

    /// <summary>How long a call waits for a sleeping endpoint, in seconds.</summary>
    [Range(1, 3600)]
    public int WakeTimeoutSeconds { get; set; } = 180;

    /// <summary>How long a replica may take until its answer begins, in seconds: less than the Gateway's ten minutes.</summary>
    [Range(1, 3600)]
    public int AnswerTimeoutSeconds { get; set; } = 540;

    /// <summary>The largest body of a call, in bytes.</summary>
    [Range(1024, 1 << 30)]
    public int MaximumBodyBytes { get; set; } = 4 << 20;
}
